-- Minutes without an entry after which an open study raises an alert, NULL for never; and since when it is watched, in microseconds since
-- 1970-01-01T00:00:00Z.
ALTER TABLE studies ADD COLUMN silence_minutes BIGINT NULL, ADD COLUMN watched_us BIGINT NULL;
