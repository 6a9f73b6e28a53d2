-- How far each chain of the audit log had come, under a code of the same key.
CREATE TABLE IF NOT EXISTS audit_checkpoints (
    chain    BINARY(16) NOT NULL PRIMARY KEY,
    sequence BIGINT     NOT NULL,
    hash     BINARY(32) NOT NULL,
    at_us    BIGINT     NOT NULL,
    mac      BINARY(32) NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
