-- When a text was last judged anew and its reasons changed, in microseconds since 1970; NULL while they are those of its arrival.
ALTER TABLE quarantine ADD COLUMN judged_us BIGINT NULL;
