-- What was erased from this archive, as it stands in the ledger outside of it. code: keyed, 128 bits, which say nothing without the root key and
-- what was erased; what: anonymise, erase, study; day: since 1970-01-01 (UTC).
CREATE TABLE IF NOT EXISTS erasure_records (
    code BINARY(16)  NOT NULL PRIMARY KEY,
    what VARCHAR(16) NOT NULL,
    day  INT         NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
