CREATE TABLE attempt (
    tenant TEXT NOT NULL,
    who TEXT NOT NULL,
    origin TEXT NOT NULL,
    failures INTEGER NOT NULL,
    failed_at BIGINT,
    locked_until BIGINT,
    succeeded_at BIGINT,
    PRIMARY KEY (tenant, who, origin)
);
CREATE INDEX attempt_failed ON attempt (failed_at);
CREATE INDEX attempt_locked ON attempt (tenant, locked_until);
CREATE TABLE security_event (
    tenant TEXT NOT NULL,
    id UUID NOT NULL,
    at BIGINT NOT NULL,
    code TEXT NOT NULL,
    account TEXT NOT NULL,
    actor TEXT NOT NULL,
    network TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX security_event_old ON security_event (at);
ALTER TABLE account ADD COLUMN suspended_at BIGINT;
ALTER TABLE account ADD COLUMN published_password BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE session ADD COLUMN last_used_at BIGINT;
ALTER TABLE session ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN browser TEXT NOT NULL DEFAULT '';
ALTER TABLE partner ADD COLUMN revoked_at BIGINT;
