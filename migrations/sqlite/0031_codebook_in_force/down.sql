ALTER TABLE quarantine DROP COLUMN action;
ALTER TABLE quarantine DROP COLUMN codebook_version;
ALTER TABLE studies DROP COLUMN codebook_version;
