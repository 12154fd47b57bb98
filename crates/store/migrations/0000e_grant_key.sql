CREATE TABLE grant_key (
    kid TEXT PRIMARY KEY,
    private_key BYTEA NOT NULL,
    made_at BIGINT NOT NULL
);
CREATE INDEX grant_key_by_age ON grant_key (made_at);
