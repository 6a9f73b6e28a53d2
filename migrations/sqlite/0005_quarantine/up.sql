-- What arrived whole and could not be taken. No account, no address, here either.
CREATE TABLE quarantine (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    study_id    INTEGER NOT NULL REFERENCES studies (id),
    -- None if it was sent by somebody who does not play.
    pseudonym   INTEGER,
    -- A hash of a text that can be told from its like, else random.
    retry_key   BLOB    NOT NULL CHECK (length(retry_key) = 16),
    entry_id    BLOB    CHECK (length(entry_id) = 16),
    received_us INTEGER NOT NULL,
    text        TEXT    NOT NULL,
    -- A JSON array.
    faults      TEXT    NOT NULL,
    UNIQUE (study_id, pseudonym, retry_key)
) STRICT;

CREATE INDEX quarantine_study ON quarantine (study_id);
