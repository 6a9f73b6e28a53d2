-- What a study says of how it handles personal data, as JSON; and what it asks consent for: a bit a purpose (collection, research, reuse,
-- publication), 0 for nothing.
ALTER TABLE studies ADD COLUMN protection LONGTEXT NULL, ADD COLUMN consent_purposes SMALLINT NOT NULL DEFAULT 0;
