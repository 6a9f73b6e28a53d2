-- Log-ins, each with the hashes of its refresh token and of the one used last. Neither an address nor a user agent.
CREATE TABLE IF NOT EXISTS grants (
    id             BINARY(16)   NOT NULL PRIMARY KEY,
    -- Whose it is; none for a client that acts for itself.
    account_id     BIGINT       NULL,
    -- What asked for it; none where no client took part.
    client_id      VARCHAR(64)  NULL,
    scope          VARCHAR(255) NOT NULL,
    -- Access tokens of an earlier round are revoked.
    token_round    BIGINT       NOT NULL,
    created_us     BIGINT       NOT NULL,
    used_us        BIGINT       NOT NULL,
    -- When nothing of it is good any more; none for never.
    ends_us        BIGINT       NULL,
    -- What all its refresh tokens have in common; none without refresh tokens.
    refresh_family BINARY(32)   NULL,
    refresh_hash   BINARY(32)   NULL,
    spent_hash     BINARY(32)   NULL,
    spent_us       BIGINT       NULL,
    UNIQUE KEY grants_family (refresh_family),
    KEY grants_account (account_id, created_us),
    KEY grants_client (client_id),
    KEY grants_end (ends_us),
    CONSTRAINT grants_of_account FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT grants_of_client FOREIGN KEY (client_id) REFERENCES clients (client_id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
