-- Minutes without an entry after which an open study raises an alert, NULL for never; and since when it is watched, in microseconds since
-- 1970-01-01T00:00:00Z.
ALTER TABLE studies ADD COLUMN silence_minutes INTEGER;
ALTER TABLE studies ADD COLUMN watched_us INTEGER;
