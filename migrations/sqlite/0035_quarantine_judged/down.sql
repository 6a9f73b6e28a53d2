ALTER TABLE quarantine DROP COLUMN judged_us;
