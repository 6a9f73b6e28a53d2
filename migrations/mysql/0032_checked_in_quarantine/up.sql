-- What a text in quarantine was checked against and is about, as far as that is known.
ALTER TABLE quarantine ADD COLUMN codebook_version INT NULL, ADD COLUMN action VARCHAR(128) NULL;
