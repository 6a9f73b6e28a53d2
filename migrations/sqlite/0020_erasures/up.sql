-- People whose traces are being erased. Their accounts are gone; this is looked at again, less and less often for a day, for what
-- was on its way meanwhile.
CREATE TABLE erasures (
    study_id  INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    pseudonym INTEGER NOT NULL,
    -- How often all was looked through, and when it is to be again.
    looks     INTEGER NOT NULL,
    next_us   INTEGER NOT NULL,
    PRIMARY KEY (study_id, pseudonym)
) STRICT, WITHOUT ROWID;
