-- Keys of tokens, sealed under a key that is not in the database.
CREATE TABLE signing_keys (
    kid        TEXT    NOT NULL PRIMARY KEY,
    sealed     BLOB    NOT NULL,
    created_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
