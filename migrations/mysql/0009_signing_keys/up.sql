-- Keys of tokens, sealed under a key that is not in the database.
CREATE TABLE IF NOT EXISTS signing_keys (
    kid        VARCHAR(64) NOT NULL PRIMARY KEY,
    sealed     BLOB        NOT NULL,
    created_us BIGINT      NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
