CREATE TABLE message (
    seq BIGINT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    partition SMALLINT NOT NULL,
    event_id UUID NOT NULL,
    tenant TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    said_at BIGINT NOT NULL,
    payload BYTEA NOT NULL
);
CREATE UNIQUE INDEX message_event ON message (event_id);
CREATE INDEX message_topic ON message (source, partition, seq);
CREATE TABLE cursor (
    consumer TEXT NOT NULL,
    source TEXT NOT NULL,
    partition SMALLINT NOT NULL,
    acked BIGINT NOT NULL,
    PRIMARY KEY (consumer, source, partition)
);
