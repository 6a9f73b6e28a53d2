-- Entries that whoever they are about disputes. It tells a day and no time, which beside log-ins could tell whose the entry is.
CREATE TABLE disputes (
    number     INTEGER NOT NULL PRIMARY KEY REFERENCES log_entries (number) ON DELETE CASCADE,
    study_id   INTEGER NOT NULL,
    pseudonym  INTEGER NOT NULL,
    -- Days since 1970-01-01.
    since_day  INTEGER NOT NULL,
    -- What is said against the entry, and what would be right, as a JSON object.
    text       TEXT,
    correction TEXT,
    -- What those say to it who run the study.
    answer     TEXT
) STRICT;
CREATE INDEX disputes_study ON disputes (study_id, number);
