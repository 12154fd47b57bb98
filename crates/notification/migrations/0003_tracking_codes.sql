CREATE TABLE tracking_code (
    tenant TEXT NOT NULL,
    request_id UUID NOT NULL,
    code TEXT NOT NULL,
    PRIMARY KEY (tenant, request_id)
);
