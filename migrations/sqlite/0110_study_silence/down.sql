ALTER TABLE studies DROP COLUMN watched_us;
ALTER TABLE studies DROP COLUMN silence_minutes;
