-- The traces. No account, no username, no address, no user agent: a pseudonym is all that says who.
CREATE TABLE log_entries (
    number           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    study_id         INTEGER NOT NULL REFERENCES studies (id),
    pseudonym        INTEGER NOT NULL,
    entry_id         BLOB    NOT NULL CHECK (length(entry_id) = 16),
    session          TEXT,
    sequence         INTEGER,
    -- Instants are microseconds since 1970-01-01T00:00:00Z.
    occurred_us      INTEGER NOT NULL,
    sent_us          INTEGER,
    received_us      INTEGER NOT NULL,
    action           TEXT    NOT NULL,
    -- 0 accepted, 1 deleted: these two take no byte in SQLite's rows.
    status           INTEGER NOT NULL,
    -- The JSON text as it was sent.
    payload          TEXT,
    codebook_version INTEGER
) STRICT;

-- Each index is paid for with every entry, so each one here has its question.
-- Was this entry sent before? And, since ids of version 7 begin with the time: the log of one participant, in order.
CREATE UNIQUE INDEX log_entries_identity ON log_entries (pseudonym, entry_id);
-- The list, the harvest and the export of a study: by number, which every index of SQLite ends with. Grows at its end only.
CREATE INDEX log_entries_study ON log_entries (study_id);
-- The list in the order of the game's clock, and its window in time. Grows near its end.
CREATE INDEX log_entries_occurred ON log_entries (study_id, occurred_us);
-- One action. There are few names, so this grows at a few ends only; it costs a fifteenth of the rate of intake, and without it a rare action is
-- found by reading the whole study.
CREATE INDEX log_entries_action ON log_entries (study_id, action);
-- One play session. Not by study too: a session's name is rare in itself.
CREATE INDEX log_entries_session ON log_entries (session) WHERE session IS NOT NULL;
