ALTER TABLE guesser_model ADD COLUMN learnt_until BIGINT NOT NULL DEFAULT 0;
UPDATE guesser_model SET learnt_until = trained_at WHERE corrections > 0;
