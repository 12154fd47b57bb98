CREATE INDEX attachment_unclaimed_bytes ON attachment (tenant, size) WHERE request_id IS NULL;
