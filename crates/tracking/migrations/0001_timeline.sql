CREATE TABLE request_facts (
    tenant TEXT NOT NULL,
    id UUID NOT NULL,
    reference TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    received_at BIGINT,
    received_day INTEGER,
    channel TEXT NOT NULL,
    procedure TEXT NOT NULL,
    theme TEXT NOT NULL,
    title TEXT NOT NULL,
    filed_by TEXT NOT NULL,
    case_version BIGINT NOT NULL,
    case_rank SMALLINT NOT NULL,
    case_state TEXT NOT NULL,
    routing_sequence BIGINT NOT NULL,
    unit TEXT NOT NULL,
    unit_name TEXT NOT NULL,
    agent TEXT NOT NULL,
    first_routed_at BIGINT,
    first_assigned_at BIGINT,
    acknowledged_at BIGINT,
    last_closed_at BIGINT,
    last_closed_version BIGINT NOT NULL,
    closed_day INTEGER,
    is_open BOOLEAN NOT NULL,
    reopened INTEGER NOT NULL,
    reassigned INTEGER NOT NULL,
    service_due_day INTEGER,
    lines BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX facts_reference ON request_facts (tenant, reference);
CREATE INDEX facts_received ON request_facts (tenant, received_day);
CREATE INDEX facts_closed ON request_facts (tenant, closed_day) WHERE closed_day IS NOT NULL;
CREATE INDEX facts_open ON request_facts (tenant, unit) WHERE is_open;
CREATE TABLE timeline_line (
    tenant TEXT NOT NULL,
    request_id UUID NOT NULL,
    position BIGINT NOT NULL,
    at BIGINT NOT NULL,
    role TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    public_label TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    PRIMARY KEY (tenant, request_id, position)
);
CREATE TABLE instant_answer (
    tenant TEXT NOT NULL,
    id UUID NOT NULL,
    day INTEGER NOT NULL,
    unit TEXT NOT NULL,
    channel TEXT NOT NULL,
    theme TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX instant_answer_day ON instant_answer (tenant, day, unit);
