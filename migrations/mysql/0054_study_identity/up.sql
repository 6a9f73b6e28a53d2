-- What a study keeps of who its participants are: a bit a field (name, first_name, email, guardian_name, guardian_email), 0 for nothing; and
-- whether it is anonymous from the collection on, so that it never keeps any.
ALTER TABLE studies ADD COLUMN identity_fields SMALLINT NOT NULL DEFAULT 0, ADD COLUMN anonymous BOOLEAN NOT NULL DEFAULT 0;
