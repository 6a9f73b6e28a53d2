-- How much each writer added to each study: a row a writer, since one row for all would make them wait for each other. Kept in the transaction
-- that adds it, summed when read.
CREATE TABLE IF NOT EXISTS study_counters (
    study_id    BIGINT   NOT NULL,
    writer      SMALLINT NOT NULL,
    entries     BIGINT   NOT NULL,
    quarantined BIGINT   NOT NULL,
    changes     BIGINT   NOT NULL,
    PRIMARY KEY (study_id, writer),
    CONSTRAINT study_counters_study FOREIGN KEY (study_id) REFERENCES studies (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
