-- Applications that may ask for tokens. One without a secret is public.
CREATE TABLE IF NOT EXISTS clients (
    client_id   VARCHAR(64)  NOT NULL PRIMARY KEY,
    name        VARCHAR(255) NOT NULL,
    secret_hash VARCHAR(255) NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
