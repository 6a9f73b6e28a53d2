ALTER TABLE study_counters DROP COLUMN deleted;
