-- Applications that may ask for tokens. One without a secret is public.
CREATE TABLE clients (
    client_id   TEXT NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    secret_hash TEXT
) STRICT, WITHOUT ROWID;
