-- The codebooks of studies: each version as it was sent, never changed. The last is the one that entries are checked against.
CREATE TABLE codebooks (
    study_id   INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    -- From 1 in each study.
    version    INTEGER NOT NULL,
    -- toml, json
    format     TEXT    NOT NULL,
    -- SHA-256 of what it means.
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    created_us INTEGER NOT NULL,
    -- Whoever put it, while there is such an account.
    created_by INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    text       TEXT    NOT NULL,
    PRIMARY KEY (study_id, version)
) STRICT;
CREATE INDEX codebooks_by ON codebooks (created_by) WHERE created_by IS NOT NULL;
