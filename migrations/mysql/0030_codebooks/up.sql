-- The codebooks of studies: each version as it was sent, never changed. The last is the one that entries are checked against. Versions are
-- numbered from 1 in each study; the format is 'toml' or 'json'; the hash is SHA-256 of what it means; created_by is whoever put it, while
-- there is such an account.
CREATE TABLE IF NOT EXISTS codebooks (
    study_id   BIGINT      NOT NULL,
    version    INT         NOT NULL,
    format     VARCHAR(16) NOT NULL,
    hash       BINARY(32)  NOT NULL,
    created_us BIGINT      NOT NULL,
    created_by BIGINT      NULL,
    text       LONGTEXT    NOT NULL,
    PRIMARY KEY (study_id, version),
    CONSTRAINT codebooks_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE,
    CONSTRAINT codebooks_by FOREIGN KEY (created_by) REFERENCES accounts (id) ON DELETE SET NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
