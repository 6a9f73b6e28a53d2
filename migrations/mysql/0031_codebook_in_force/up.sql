-- The last version of a study's codebook.
ALTER TABLE studies ADD COLUMN codebook_version INT NULL;
