CREATE TABLE second_factor (
    tenant TEXT NOT NULL,
    account TEXT NOT NULL,
    sealed_by TEXT NOT NULL,
    secret BYTEA NOT NULL,
    confirmed_at BIGINT,
    last_step BIGINT NOT NULL,
    PRIMARY KEY (tenant, account)
);
CREATE TABLE recovery_code (
    tenant TEXT NOT NULL,
    account TEXT NOT NULL,
    hash BYTEA NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (tenant, account, hash)
);
CREATE TABLE sign_in_challenge (
    tenant TEXT NOT NULL,
    hash BYTEA NOT NULL,
    account TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, hash)
);
CREATE INDEX sign_in_challenge_old ON sign_in_challenge (expires_at);
