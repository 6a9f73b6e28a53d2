ALTER TABLE studies DROP COLUMN watched_us, DROP COLUMN silence_minutes;
