-- What was erased from this archive, as it stands in the ledger outside of it. code: keyed, 128 bits, which say nothing without the root key and
-- what was erased; what: anonymise, erase, study; day: since 1970-01-01 (UTC).
CREATE TABLE erasure_records (
    code BLOB    NOT NULL PRIMARY KEY CHECK (length(code) = 16),
    what TEXT    NOT NULL,
    day  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
