CREATE TABLE lease_owner (
    consumer TEXT NOT NULL,
    owner TEXT NOT NULL,
    alive_until BIGINT NOT NULL,
    PRIMARY KEY (consumer, owner)
);
