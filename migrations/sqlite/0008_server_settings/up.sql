-- What belongs to the archive as a whole: its epoch, new after a restore, and the fingerprint of its root key.
CREATE TABLE server_settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
