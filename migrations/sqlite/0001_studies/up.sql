CREATE TABLE studies (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    slug        TEXT    NOT NULL UNIQUE,
    title       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    status      TEXT    NOT NULL,
    validation  TEXT    NOT NULL,
    salt        BLOB    NOT NULL CHECK (length(salt) = 32),
    created_us  INTEGER NOT NULL,
    closed_us   INTEGER,
    revision    INTEGER NOT NULL
) STRICT;
