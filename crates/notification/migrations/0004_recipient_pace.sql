CREATE TABLE recipient_pace (
    mailbox TEXT PRIMARY KEY NOT NULL,
    planned TEXT NOT NULL,
    last_at BIGINT NOT NULL
);
CREATE INDEX recipient_pace_last ON recipient_pace (last_at);
