-- What holds for those who decided something: per purpose 0 (nothing), 1 (given), 2 (refused) or 3 (withdrawn). It stands beside traces, and so
-- tells neither when it was decided, nor by whom, nor in which order the rows came: hence WITHOUT ROWID.
CREATE TABLE consents (
    study_id    INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    pseudonym   INTEGER NOT NULL,
    collection  INTEGER NOT NULL DEFAULT 0,
    research    INTEGER NOT NULL DEFAULT 0,
    reuse       INTEGER NOT NULL DEFAULT 0,
    publication INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (study_id, pseudonym)
) STRICT, WITHOUT ROWID;
-- The histories of decisions, which only grow. A history stands under a keyed code of its own, which is not the pseudonym: only the root key
-- leads from one to the other.
CREATE TABLE consent_events (
    id               INTEGER PRIMARY KEY,
    study_id         INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    code             BLOB    NOT NULL CHECK (length(code) = 16),
    -- given, refused, withdrawn
    decision         TEXT    NOT NULL,
    -- A bit a purpose.
    purposes         INTEGER NOT NULL,
    -- self, guardian, paper
    decided_by       TEXT    NOT NULL,
    -- The notice that was decided on.
    notice_version   INTEGER,
    notice_language  TEXT,
    notice_hash      BLOB,
    reference        TEXT,
    recorded_us      INTEGER NOT NULL,
    -- Whoever runs the study and wrote it down, while there is such an account; never a participant.
    recorded_by      INTEGER REFERENCES accounts (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX consent_events_of ON consent_events (study_id, code, id);
CREATE INDEX consent_events_by ON consent_events (recorded_by) WHERE recorded_by IS NOT NULL;
