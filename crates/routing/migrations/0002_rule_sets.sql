CREATE TABLE rule_set (
    tenant TEXT NOT NULL,
    version BIGINT NOT NULL,
    document TEXT NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, version)
);
CREATE TABLE rule_draft (
    tenant TEXT PRIMARY KEY NOT NULL,
    revision BIGINT NOT NULL,
    based_on BIGINT NOT NULL,
    document TEXT NOT NULL,
    author TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE past_case (
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    reference TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    rule_set BIGINT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (tenant, case_id)
);
CREATE INDEX past_case_latest ON past_case (tenant, decided_at);
CREATE TABLE procedure_catalogue (
    tenant TEXT PRIMARY KEY NOT NULL,
    document TEXT NOT NULL,
    imported_at BIGINT NOT NULL
);
CREATE TABLE rule_fault (
    tenant TEXT NOT NULL,
    rule_set BIGINT NOT NULL,
    rule TEXT NOT NULL,
    detail TEXT NOT NULL,
    times BIGINT NOT NULL,
    last_case UUID NOT NULL,
    last_reference TEXT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, rule_set, rule, detail)
);
CREATE TABLE transfer_proposal (
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    document TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed_at BIGINT NOT NULL,
    resolved_at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (tenant, case_id)
);
CREATE TABLE correction (
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    at BIGINT NOT NULL,
    unit TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (tenant, case_id)
);
CREATE INDEX correction_latest ON correction (tenant, at);
CREATE TABLE guesser_model (
    tenant TEXT NOT NULL,
    version BIGINT NOT NULL,
    trained_at BIGINT NOT NULL,
    examples BIGINT NOT NULL,
    corrections BIGINT NOT NULL,
    score INTEGER NOT NULL,
    before_score INTEGER NOT NULL,
    is_promoted BOOLEAN NOT NULL,
    content_hash TEXT NOT NULL,
    PRIMARY KEY (tenant, version)
);
