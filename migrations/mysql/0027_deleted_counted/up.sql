-- How many of the entries are tombstones, so that lists without them need not count.
ALTER TABLE study_counters ADD COLUMN deleted BIGINT NOT NULL DEFAULT 0;
