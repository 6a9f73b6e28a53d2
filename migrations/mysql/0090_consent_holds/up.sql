-- What holds the use of somebody's entries up: 1 for a restriction, 2 for an objection, 3 for both. It stands beside traces, and so without a time.
ALTER TABLE consents ADD COLUMN holds SMALLINT NOT NULL DEFAULT 0;
