ALTER TABLE clients DROP COLUMN search_text;
ALTER TABLE clients DROP COLUMN revision;
ALTER TABLE clients DROP COLUMN created_us;
ALTER TABLE clients DROP COLUMN active;
ALTER TABLE clients DROP COLUMN scope;
ALTER TABLE clients DROP COLUMN grants;
ALTER TABLE clients DROP COLUMN study_id;
