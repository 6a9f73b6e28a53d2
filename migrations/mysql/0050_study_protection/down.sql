ALTER TABLE studies DROP COLUMN consent_purposes, DROP COLUMN protection;
