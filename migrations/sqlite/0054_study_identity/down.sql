ALTER TABLE studies DROP COLUMN anonymous;
ALTER TABLE studies DROP COLUMN identity_fields;
