-- What was done to entries after they were stored, by whom and why: corrections, and the deletion. What was sent stays in log_entries, or its
-- tombstone does. Beside traces, only those stand here who run studies, never a participant.
CREATE TABLE amendments (
    number      INTEGER NOT NULL REFERENCES log_entries (number) ON DELETE CASCADE,
    -- Of the entry since then, from 1.
    revision    INTEGER NOT NULL,
    study_id    INTEGER NOT NULL,
    -- None once the account is gone.
    account_id  INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    made_us     INTEGER NOT NULL,
    reason      TEXT    NOT NULL,
    -- The members that were to be changed, as a JSON object; none for a deletion.
    changes     TEXT,
    -- 1 for the last correction of an entry that has its content.
    holds       INTEGER NOT NULL,
    -- What the entry is read as; of a deletion nothing.
    session     TEXT,
    sequence    INTEGER,
    occurred_us INTEGER,
    action      TEXT,
    payload     TEXT,
    PRIMARY KEY (number, revision)
) STRICT;

-- What is put over an export.
CREATE INDEX amendments_held ON amendments (study_id, holds, number);
-- What did somebody do who leaves?
CREATE INDEX amendments_account ON amendments (account_id);
