ALTER TABLE studies DROP COLUMN codebook_version;
