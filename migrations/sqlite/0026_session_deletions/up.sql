-- Sessions whose entries are being deleted, some in each transaction. The row goes with the last of them.
CREATE TABLE session_deletions (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    study_id   INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    session    TEXT    NOT NULL,
    -- What is stored under a greater number came later, and stays.
    upto       INTEGER NOT NULL,
    account_id INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    ordered_us INTEGER NOT NULL,
    reason     TEXT    NOT NULL
) STRICT;
