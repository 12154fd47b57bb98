CREATE TABLE citizen_word_progress (
    version BIGINT PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    last_citizen UUID NOT NULL
);
