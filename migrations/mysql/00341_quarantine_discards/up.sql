-- What is left of texts that were thrown away: nothing of the text, and nobody's pseudonym. discarded_by is whoever did it, while there is such
-- an account.
CREATE TABLE IF NOT EXISTS quarantine_discards (
    quarantine_id BIGINT NOT NULL PRIMARY KEY,
    study_id      BIGINT NOT NULL,
    received_us   BIGINT NOT NULL,
    discarded_us  BIGINT NOT NULL,
    reason        TEXT   NOT NULL,
    discarded_by  BIGINT NULL,
    CONSTRAINT quarantine_discards_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE,
    CONSTRAINT quarantine_discards_by FOREIGN KEY (discarded_by) REFERENCES accounts (id) ON DELETE SET NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
