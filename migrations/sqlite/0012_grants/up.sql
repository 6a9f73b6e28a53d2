-- Log-ins, each with the hashes of its refresh token and of the one used last. Neither an address nor a user agent.
CREATE TABLE grants (
    id             BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    -- Whose it is; none for a client that acts for itself.
    account_id     INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    -- What asked for it; none where no client took part.
    client_id      TEXT    REFERENCES clients (client_id) ON DELETE CASCADE,
    scope          TEXT    NOT NULL,
    -- Access tokens of an earlier round are revoked.
    token_round    INTEGER NOT NULL,
    created_us     INTEGER NOT NULL,
    used_us        INTEGER NOT NULL,
    -- When nothing of it is good any more; none for never.
    ends_us        INTEGER,
    -- What all its refresh tokens have in common; none without refresh tokens.
    refresh_family BLOB    UNIQUE,
    refresh_hash   BLOB,
    spent_hash     BLOB,
    spent_us       INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_account ON grants (account_id, created_us);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_end ON grants (ends_us);
