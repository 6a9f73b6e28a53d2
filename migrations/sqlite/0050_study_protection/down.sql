ALTER TABLE studies DROP COLUMN consent_purposes;
ALTER TABLE studies DROP COLUMN protection;
