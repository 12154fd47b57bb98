CREATE TABLE outbox (
    id UUID PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    partition SMALLINT NOT NULL,
    subject TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    payload BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    leased_until BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX outbox_unsent ON outbox (id) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent ON outbox (sent_at) WHERE sent_at IS NOT NULL;
CREATE TABLE inbox (
    event_id UUID PRIMARY KEY NOT NULL,
    handled_at BIGINT NOT NULL
);
CREATE INDEX inbox_handled ON inbox (handled_at);
CREATE TABLE dead_letter (
    event_id UUID NOT NULL,
    source TEXT NOT NULL,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    partition SMALLINT NOT NULL,
    subject TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    payload BYTEA NOT NULL,
    said_at BIGINT NOT NULL,
    failed_at BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL,
    replay_requested BOOLEAN NOT NULL DEFAULT FALSE,
    PRIMARY KEY (event_id)
);
CREATE TABLE partition_lease (
    consumer TEXT NOT NULL,
    partition SMALLINT NOT NULL,
    owner TEXT NOT NULL,
    leased_until BIGINT NOT NULL,
    PRIMARY KEY (consumer, partition)
);
CREATE TABLE jwks_cache (
    id INTEGER PRIMARY KEY NOT NULL,
    jwks TEXT NOT NULL,
    fetched_at BIGINT NOT NULL
);
