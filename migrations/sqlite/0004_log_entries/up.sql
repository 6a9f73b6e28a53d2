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

-- Each index is paid for with every entry, so each one here has its question. All of them grow at their ends: a commit writes a few pages, however many
-- players have entries in it.
-- Was this entry sent before? By the id first, since ids of version 7 begin with the time.
CREATE UNIQUE INDEX log_entries_identity ON log_entries (entry_id, pseudonym);
-- The list, the harvest and the export of a study: by number, which every index of SQLite ends with.
CREATE INDEX log_entries_study ON log_entries (study_id);
-- The list in the order of the game's clock, and its window in time.
CREATE INDEX log_entries_occurred ON log_entries (study_id, occurred_us);
-- One action. There are few names, so few ends; without it a rare action is found by reading the whole study.
CREATE INDEX log_entries_action ON log_entries (study_id, action);

-- The log of one participant, and of one play session. Entries that arrive together belong to many of them: kept up to date in each commit, these two
-- would have a page written for every entry. So they are tables of their own, into which many entries are filed at once, soon after they are stored;
-- readers find the last ones, those after the mark, in log_entries.
CREATE TABLE log_entries_of_participant (
    pseudonym INTEGER NOT NULL,
    number    INTEGER NOT NULL,
    PRIMARY KEY (pseudonym, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_entries_of_session (
    session TEXT    NOT NULL,
    number  INTEGER NOT NULL,
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;
-- One row: everything up to that number is filed.
CREATE TABLE log_entries_filed (
    number INTEGER NOT NULL PRIMARY KEY
) STRICT;
INSERT INTO log_entries_filed (number) VALUES (0);

-- What is taken out of an entry is taken out of the files.
CREATE TRIGGER log_entries_deleted AFTER DELETE ON log_entries BEGIN
    DELETE FROM log_entries_of_participant WHERE pseudonym = old.pseudonym AND number = old.number;
    DELETE FROM log_entries_of_session WHERE session = old.session AND number = old.number;
END;
CREATE TRIGGER log_entries_changed AFTER UPDATE OF pseudonym, session ON log_entries BEGIN
    DELETE FROM log_entries_of_participant
        WHERE pseudonym = old.pseudonym AND number = old.number AND new.pseudonym IS NOT old.pseudonym;
    DELETE FROM log_entries_of_session
        WHERE session = old.session AND number = old.number AND new.session IS NOT old.session;
END;
