CREATE TABLE case_word (
    tenant TEXT NOT NULL,
    word BYTEA NOT NULL,
    case_id UUID NOT NULL,
    PRIMARY KEY (tenant, word, case_id)
);
CREATE TABLE case_word_progress (
    version BIGINT PRIMARY KEY NOT NULL,
    last_case UUID NOT NULL
);
