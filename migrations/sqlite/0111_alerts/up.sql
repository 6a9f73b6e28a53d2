-- What the servers tell of their own accord. Nothing here is about anybody. Instants are microseconds since 1970-01-01T00:00:00Z.
CREATE TABLE alerts (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL,
    study_id     INTEGER REFERENCES studies (id) ON DELETE CASCADE,
    server       TEXT,
    -- What it is known by while it is raised: there is one of each.
    raised_key   TEXT,
    value        REAL    NOT NULL,
    threshold    REAL    NOT NULL,
    raised_us    INTEGER NOT NULL,
    seen_us      INTEGER NOT NULL,
    resolved_us  INTEGER,
    -- How often its state was begun to be told elsewhere, and when that is done again; NULL for never.
    tries        INTEGER NOT NULL,
    next_try_us  INTEGER
) STRICT;
CREATE UNIQUE INDEX alerts_raised ON alerts (raised_key) WHERE raised_key IS NOT NULL;
CREATE INDEX alerts_study ON alerts (study_id);
