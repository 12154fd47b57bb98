CREATE TABLE closed_case (
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    version BIGINT NOT NULL,
    day INTEGER NOT NULL,
    procedure_code TEXT NOT NULL,
    theme TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (tenant, case_id)
);
CREATE INDEX closed_case_day ON closed_case (tenant, day);
