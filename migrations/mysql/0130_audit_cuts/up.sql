-- Behind which record each chain of the audit log begins, since what was before was kept long enough and is gone: the last of what is gone, under a
-- code of the key of the log.
CREATE TABLE IF NOT EXISTS audit_cuts (
    chain    BINARY(16) NOT NULL PRIMARY KEY,
    sequence BIGINT     NOT NULL,
    hash     BINARY(32) NOT NULL,
    at_us    BIGINT     NOT NULL,
    mac      BINARY(32) NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
