CREATE TABLE notice (
    id UUID PRIMARY KEY NOT NULL,
    tenant TEXT NOT NULL,
    case_id UUID NOT NULL,
    reference TEXT NOT NULL,
    code_sha256 TEXT NOT NULL,
    unit TEXT NOT NULL,
    kind TEXT NOT NULL,
    mode TEXT NOT NULL,
    state TEXT NOT NULL,
    subject TEXT NOT NULL,
    portal_body TEXT NOT NULL,
    body TEXT NOT NULL,
    recipient_name TEXT NOT NULL,
    recipient_address TEXT NOT NULL,
    reply_to TEXT NOT NULL,
    traceparent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT,
    tries SMALLINT NOT NULL,
    claim UUID,
    due_at BIGINT
);
CREATE INDEX notice_case ON notice (tenant, case_id);
CREATE INDEX notice_reference ON notice (tenant, reference);
CREATE INDEX notice_due ON notice (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notice_handover ON notice (tenant, created_at, id) WHERE state = 'to_hand_over';
CREATE INDEX notice_failed ON notice (tenant, created_at, id) WHERE state = 'failed';
CREATE TABLE attempt (
    tenant TEXT NOT NULL,
    notice_id UUID NOT NULL,
    number SMALLINT NOT NULL,
    at BIGINT NOT NULL,
    succeeded BOOLEAN NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant, notice_id, number)
);
