-- What arrived whole and could not be taken. No account, no address, here either. The pseudonym is NULL if it was sent by somebody who does
-- not play; the retry key is a hash of a text that can be told from its like, else random; the faults are a JSON array.
CREATE TABLE IF NOT EXISTS quarantine (
    id          BIGINT     NOT NULL AUTO_INCREMENT PRIMARY KEY,
    study_id    BIGINT     NOT NULL,
    pseudonym   BIGINT     NULL,
    retry_key   BINARY(16) NOT NULL,
    entry_id    BINARY(16) NULL,
    received_us BIGINT     NOT NULL,
    text        LONGTEXT   NOT NULL,
    faults      LONGTEXT   NOT NULL,
    UNIQUE KEY quarantine_retry (study_id, pseudonym, retry_key),
    KEY quarantine_study (study_id, id),
    CONSTRAINT quarantine_of_study FOREIGN KEY (study_id) REFERENCES studies (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
