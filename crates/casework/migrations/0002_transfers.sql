CREATE TABLE case_transfer (
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (tenant, case_id)
);
