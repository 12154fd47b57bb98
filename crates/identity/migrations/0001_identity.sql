CREATE TABLE signing_key (
    kid TEXT PRIMARY KEY NOT NULL,
    generation INTEGER NOT NULL,
    private_key BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    activates_at BIGINT NOT NULL,
    retires_at BIGINT
);
CREATE UNIQUE INDEX signing_key_generation ON signing_key (generation);
CREATE TABLE account (
    tenant TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    roles TEXT NOT NULL,
    own_units TEXT NOT NULL,
    seen_units TEXT NOT NULL,
    site TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    password TEXT,
    failures INTEGER NOT NULL,
    failed_at BIGINT,
    locked_until BIGINT,
    PRIMARY KEY (tenant, code)
);
CREATE INDEX account_email ON account (tenant, email_key);
CREATE TABLE unknown_login (
    tenant TEXT NOT NULL,
    login_hash BYTEA NOT NULL,
    failures INTEGER NOT NULL,
    failed_at BIGINT,
    locked_until BIGINT,
    PRIMARY KEY (tenant, login_hash)
);
CREATE INDEX unknown_login_old ON unknown_login (failed_at);
CREATE TABLE session (
    tenant TEXT NOT NULL,
    id UUID NOT NULL,
    account TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX session_account ON session (tenant, account);
CREATE INDEX session_expiry ON session (expires_at);
CREATE TABLE refresh_token (
    tenant TEXT NOT NULL,
    hash BYTEA NOT NULL,
    session UUID NOT NULL,
    issued_at BIGINT NOT NULL,
    spent_at BIGINT,
    reused BOOLEAN NOT NULL,
    PRIMARY KEY (tenant, hash),
    FOREIGN KEY (tenant, session) REFERENCES session (tenant, id) ON DELETE CASCADE
);
CREATE INDEX refresh_token_session ON refresh_token (tenant, session);
CREATE TABLE partner (
    tenant TEXT NOT NULL,
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant, client_id)
);
CREATE TABLE citizen (
    tenant TEXT NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    organization_name TEXT NOT NULL,
    siret TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    postal_address TEXT NOT NULL,
    contact_mode TEXT NOT NULL,
    language TEXT NOT NULL,
    requests BIGINT NOT NULL,
    first_seen BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE TABLE citizen_contact (
    tenant TEXT NOT NULL,
    match_key BYTEA NOT NULL,
    citizen UUID NOT NULL,
    PRIMARY KEY (tenant, match_key)
);
CREATE TABLE citizen_word (
    tenant TEXT NOT NULL,
    word BYTEA NOT NULL,
    citizen UUID NOT NULL,
    PRIMARY KEY (tenant, word, citizen)
);
CREATE TABLE citizen_request (
    tenant TEXT NOT NULL,
    citizen UUID NOT NULL,
    request UUID NOT NULL,
    PRIMARY KEY (tenant, citizen, request)
);
CREATE TABLE access_log (
    tenant TEXT NOT NULL,
    id UUID NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    query TEXT NOT NULL,
    citizens TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX access_log_old ON access_log (at);
