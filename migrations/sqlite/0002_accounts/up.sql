-- People who log in. No log entry refers to this table: the subject is what a pseudonym is computed from, outside the database.
CREATE TABLE accounts (
    id            INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    subject       BLOB    NOT NULL UNIQUE CHECK (length(subject) = 16),
    username      TEXT    NOT NULL UNIQUE,
    password_hash TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    -- Of participants only: where they play, and their place there, from 1.
    study_id      INTEGER REFERENCES studies (id),
    number        INTEGER,
    active        INTEGER NOT NULL,
    created_us    INTEGER NOT NULL,
    UNIQUE (study_id, number)
) STRICT;
