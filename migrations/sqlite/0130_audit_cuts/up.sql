-- Behind which record each chain of the audit log begins, since what was before was kept long enough and is gone: the last of what is gone, under a
-- code of the key of the log.
CREATE TABLE audit_cuts (
    chain    BLOB    NOT NULL PRIMARY KEY CHECK (length(chain) = 16),
    sequence INTEGER NOT NULL,
    hash     BLOB    NOT NULL CHECK (length(hash) = 32),
    at_us    INTEGER NOT NULL,
    mac      BLOB    NOT NULL CHECK (length(mac) = 32)
) STRICT, WITHOUT ROWID;
