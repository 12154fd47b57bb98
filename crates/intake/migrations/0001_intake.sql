CREATE TABLE intake_secret (
    id INTEGER PRIMARY KEY NOT NULL,
    secret BYTEA NOT NULL
);
CREATE TABLE procedure_version (
    tenant TEXT NOT NULL,
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    content TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    is_current BOOLEAN NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, code, version)
);
CREATE UNIQUE INDEX procedure_current ON procedure_version (tenant, code) WHERE is_current;
CREATE TABLE procedure_revision (
    tenant TEXT PRIMARY KEY NOT NULL,
    revision BIGINT NOT NULL
);
CREATE TABLE reference_counter (
    tenant TEXT PRIMARY KEY NOT NULL,
    next_rank BIGINT NOT NULL,
    permutation_key BIGINT NOT NULL
);
CREATE TABLE request (
    tenant TEXT NOT NULL,
    id UUID NOT NULL,
    reference BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX request_reference ON request (tenant, reference);
CREATE TABLE idempotency (
    tenant TEXT NOT NULL,
    key_digest UUID NOT NULL,
    body_digest BYTEA NOT NULL,
    request_id UUID NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, key_digest)
);
CREATE INDEX idempotency_created ON idempotency (created_at);
CREATE TABLE attachment (
    tenant TEXT NOT NULL,
    id UUID NOT NULL,
    state TEXT NOT NULL,
    file_name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    uploaded_at BIGINT NOT NULL,
    request_id UUID,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX attachment_unclaimed ON attachment (uploaded_at) WHERE request_id IS NULL;
CREATE TABLE instant_answer (
    tenant TEXT NOT NULL,
    key_digest UUID NOT NULL,
    body_digest BYTEA NOT NULL,
    id UUID NOT NULL,
    agent TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, key_digest)
);
CREATE INDEX instant_answer_agent ON instant_answer (tenant, agent, given_at);
CREATE INDEX instant_answer_given ON instant_answer (given_at);
