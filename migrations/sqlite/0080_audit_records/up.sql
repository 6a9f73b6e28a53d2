-- What was done, in a chain a server: each record has the hash of the one before it. Who is named stands under a keyed hash; there is neither a
-- username nor a pseudonym nor an address, and nothing here refers to another table. Rows are added, and never changed nor deleted.
CREATE TABLE audit_records (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    chain    BLOB    NOT NULL CHECK (length(chain) = 16),
    -- From 1 in each chain.
    sequence INTEGER NOT NULL,
    at_us    INTEGER NOT NULL,
    actor    BLOB,
    role     TEXT    NOT NULL,
    action   TEXT    NOT NULL,
    -- The slug, which stays when the study goes.
    study    TEXT,
    subject  BLOB,
    outcome  TEXT    NOT NULL,
    request  TEXT,
    previous BLOB    NOT NULL CHECK (length(previous) = 32),
    -- SHA-256 of the record as canonical JSON.
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    -- Of the hash, under a key that is not in the database.
    mac      BLOB    NOT NULL CHECK (length(mac) = 32),
    UNIQUE (chain, sequence)
) STRICT;
CREATE INDEX audit_records_study ON audit_records (study, number) WHERE study IS NOT NULL;
CREATE INDEX audit_records_subject ON audit_records (subject, number) WHERE subject IS NOT NULL;
CREATE INDEX audit_records_at ON audit_records (at_us);
