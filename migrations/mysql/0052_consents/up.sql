-- What holds for those who decided something: per purpose 0 (nothing), 1 (given), 2 (refused) or 3 (withdrawn). It stands beside traces, and so
-- tells neither when it was decided, nor by whom; rows lie in the order of the key, not in that in which they came.
CREATE TABLE IF NOT EXISTS consents (
    study_id    BIGINT   NOT NULL,
    pseudonym   BIGINT   NOT NULL,
    collection  SMALLINT NOT NULL DEFAULT 0,
    research    SMALLINT NOT NULL DEFAULT 0,
    reuse       SMALLINT NOT NULL DEFAULT 0,
    publication SMALLINT NOT NULL DEFAULT 0,
    PRIMARY KEY (study_id, pseudonym),
    CONSTRAINT consents_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
