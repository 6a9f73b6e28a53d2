-- How much each writer added to each study. Kept in the transaction that adds it, summed when read.
CREATE TABLE study_counters (
    study_id    INTEGER NOT NULL REFERENCES studies (id),
    writer      INTEGER NOT NULL,
    entries     INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    changes     INTEGER NOT NULL,
    PRIMARY KEY (study_id, writer)
) STRICT, WITHOUT ROWID;
