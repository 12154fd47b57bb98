CREATE TABLE directory (
    tenant TEXT NOT NULL,
    version BIGINT NOT NULL,
    rule_set BIGINT NOT NULL,
    content_hash TEXT NOT NULL,
    document TEXT NOT NULL,
    imported_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, version)
);
CREATE INDEX directory_rule_set ON directory (tenant, rule_set);
CREATE TABLE directory_head (
    tenant TEXT PRIMARY KEY NOT NULL,
    version BIGINT NOT NULL
);
CREATE TABLE agent_state (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    away BOOLEAN NOT NULL,
    load INTEGER NOT NULL,
    last_assigned_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, agent)
);
CREATE TABLE routed_case (
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    reference TEXT NOT NULL,
    is_open BOOLEAN NOT NULL,
    is_stranded BOOLEAN NOT NULL,
    case_version BIGINT NOT NULL,
    unit TEXT NOT NULL,
    lane TEXT NOT NULL,
    language TEXT NOT NULL,
    priority SMALLINT NOT NULL,
    since BIGINT NOT NULL,
    requester_key TEXT NOT NULL,
    agent TEXT,
    rule TEXT NOT NULL,
    decision_id UUID,
    sequence BIGINT NOT NULL,
    PRIMARY KEY (tenant, case_id)
);
CREATE INDEX routed_case_queue ON routed_case (tenant, unit, lane, priority, since) WHERE is_open AND agent IS NULL;
CREATE INDEX routed_case_known ON routed_case (tenant, requester_key) WHERE is_open AND agent IS NOT NULL AND requester_key <> '';
CREATE INDEX routed_case_stranded ON routed_case (tenant, case_id) WHERE is_stranded;
CREATE TABLE queue_lane (
    tenant TEXT NOT NULL,
    unit TEXT NOT NULL,
    lane TEXT NOT NULL,
    waiting BIGINT NOT NULL,
    PRIMARY KEY (tenant, unit, lane)
);
CREATE INDEX queue_lane_waiting ON queue_lane (tenant) WHERE waiting > 0;
CREATE TABLE decision (
    id UUID PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    sequence BIGINT NOT NULL,
    decided_at BIGINT NOT NULL,
    cause TEXT NOT NULL,
    unit TEXT NOT NULL,
    team TEXT NOT NULL,
    agent TEXT,
    agent_name TEXT NOT NULL,
    priority SMALLINT NOT NULL,
    summary TEXT NOT NULL,
    trace TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    rule TEXT NOT NULL,
    rule_set BIGINT NOT NULL
);
CREATE UNIQUE INDEX decision_case ON decision (tenant, case_id, sequence);
