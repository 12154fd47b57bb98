CREATE TABLE described_unit (
    tenant TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (tenant, code)
);
