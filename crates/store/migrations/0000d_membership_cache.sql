CREATE TABLE membership_cache (
    tenant TEXT NOT NULL,
    agent TEXT NOT NULL,
    digest TEXT NOT NULL,
    units TEXT NOT NULL,
    PRIMARY KEY (tenant, agent)
);
