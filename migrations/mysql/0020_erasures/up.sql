-- People whose traces are being erased. Their accounts are gone; this is looked at again, less and less often for a day, for what
-- was on its way meanwhile. looks: how often all was looked through; next_us: when it is to be again.
CREATE TABLE IF NOT EXISTS erasures (
    study_id  BIGINT   NOT NULL,
    pseudonym BIGINT   NOT NULL,
    looks     SMALLINT NOT NULL,
    next_us   BIGINT   NOT NULL,
    PRIMARY KEY (study_id, pseudonym),
    CONSTRAINT erasures_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
