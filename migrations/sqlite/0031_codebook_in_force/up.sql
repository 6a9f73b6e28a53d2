-- The last version of a study's codebook, and what a text in quarantine was checked against and is about, as far as that is known.
ALTER TABLE studies ADD COLUMN codebook_version INTEGER;
ALTER TABLE quarantine ADD COLUMN codebook_version INTEGER;
ALTER TABLE quarantine ADD COLUMN action TEXT;
