ALTER TABLE quarantine DROP COLUMN codebook_version, DROP COLUMN action;
