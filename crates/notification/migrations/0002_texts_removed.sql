ALTER TABLE notice ADD COLUMN text_removed_at BIGINT;
CREATE INDEX notice_with_text ON notice (done_at) WHERE text_removed_at IS NULL AND done_at IS NOT NULL;
