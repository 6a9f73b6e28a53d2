ALTER TABLE studies DROP COLUMN anonymous, DROP COLUMN identity_fields;
