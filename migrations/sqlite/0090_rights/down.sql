DROP TABLE hold_events;
ALTER TABLE studies DROP COLUMN objected;
ALTER TABLE consents DROP COLUMN holds;
