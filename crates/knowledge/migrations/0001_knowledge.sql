CREATE TABLE article (
    tenant TEXT NOT NULL,
    id UUID NOT NULL,
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    revision BIGINT NOT NULL,
    latest INTEGER NOT NULL,
    published INTEGER NOT NULL,
    state TEXT NOT NULL,
    reviewed_by TEXT NOT NULL,
    reviewed_at BIGINT,
    published_at BIGINT,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE UNIQUE INDEX article_slug ON article (tenant, slug);
CREATE TABLE article_version (
    tenant TEXT NOT NULL,
    article_id UUID NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    author TEXT NOT NULL,
    note TEXT NOT NULL,
    saved_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, article_id, version)
);
CREATE TABLE procedure_card (
    tenant TEXT NOT NULL,
    code TEXT NOT NULL,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    summary TEXT NOT NULL,
    theme TEXT NOT NULL,
    keywords TEXT NOT NULL,
    PRIMARY KEY (tenant, code)
);
CREATE TABLE shelf_revision (
    tenant TEXT PRIMARY KEY NOT NULL,
    revision BIGINT NOT NULL
);
CREATE TABLE fiche (
    public TEXT NOT NULL,
    id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (public, id, content_hash)
);
CREATE TABLE fiche_member (
    generation BIGINT NOT NULL,
    public TEXT NOT NULL,
    id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    PRIMARY KEY (generation, public, id)
);
CREATE TABLE fiche_generation (
    generation BIGINT PRIMARY KEY NOT NULL,
    source TEXT NOT NULL,
    fiches INTEGER NOT NULL,
    imported_at BIGINT NOT NULL
);
CREATE TABLE fiche_served (
    id INTEGER PRIMARY KEY NOT NULL,
    generation BIGINT NOT NULL
);
CREATE TABLE usage_count (
    tenant TEXT NOT NULL,
    day INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (tenant, day, kind, name)
);
CREATE INDEX usage_count_day ON usage_count (day);
