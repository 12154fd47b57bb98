CREATE TABLE cases (
    id UUID PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    reference BIGINT NOT NULL,
    version BIGINT NOT NULL,
    base_version BIGINT NOT NULL,
    state TEXT NOT NULL,
    is_open BOOLEAN NOT NULL,
    outcome TEXT NOT NULL,
    sort_key BIGINT NOT NULL,
    title TEXT NOT NULL,
    channel TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    closed_at BIGINT,
    procedure_snapshot BYTEA NOT NULL,
    unit TEXT NOT NULL,
    unit_contact BYTEA NOT NULL,
    holder TEXT NOT NULL,
    agent TEXT NOT NULL,
    agent_name TEXT NOT NULL,
    priority TEXT NOT NULL,
    requester_name TEXT NOT NULL,
    requester_search BYTEA NOT NULL,
    legal_due_on TEXT,
    service_due_on TEXT,
    overdue BOOLEAN NOT NULL,
    next_timer_at BIGINT,
    unread BOOLEAN NOT NULL,
    decision_sequence BIGINT NOT NULL,
    acknowledged BOOLEAN NOT NULL,
    waiting_since BIGINT,
    filed_by TEXT NOT NULL
);
CREATE UNIQUE INDEX cases_reference ON cases (tenant, reference);
CREATE INDEX cases_holder ON cases (tenant, holder, is_open, sort_key, id, state) WHERE holder <> '';
CREATE INDEX cases_unit ON cases (tenant, unit, is_open, sort_key, id, state) WHERE unit <> '';
CREATE INDEX cases_filed ON cases (tenant, filed_by, is_open, sort_key, id, state) WHERE filed_by <> '';
CREATE INDEX cases_name ON cases (tenant, unit, is_open, requester_search) WHERE unit <> '';
CREATE INDEX cases_timer ON cases (tenant, next_timer_at) WHERE next_timer_at IS NOT NULL;
CREATE TABLE case_request (
    case_id UUID PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    request BYTEA NOT NULL,
    tracking_code TEXT NOT NULL,
    tracking_code_sha256 TEXT NOT NULL,
    requester_key TEXT NOT NULL
);
CREATE TABLE case_message (
    id UUID NOT NULL,
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    direction TEXT NOT NULL,
    author TEXT NOT NULL,
    author_name TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (tenant, case_id, id)
);
CREATE TABLE case_history (
    id UUID NOT NULL,
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    detail TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT NOT NULL,
    unit TEXT NOT NULL,
    agent TEXT NOT NULL,
    priority TEXT NOT NULL,
    PRIMARY KEY (tenant, case_id, id)
);
CREATE TABLE access_log (
    id UUID NOT NULL,
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (tenant, case_id, id)
);
CREATE TABLE pending_assignment (
    case_id UUID NOT NULL,
    tenant TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (tenant, case_id, sequence)
);
