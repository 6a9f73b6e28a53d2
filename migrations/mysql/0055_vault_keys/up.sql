-- The keys of the vault, by number, the greatest in force. Their secrets are in no database: here is what tells them apart.
CREATE TABLE IF NOT EXISTS vault_keys (
    version     INT         NOT NULL PRIMARY KEY,
    fingerprint VARCHAR(16) NOT NULL,
    begun_us    BIGINT      NOT NULL,
    -- How many identities were erased since: backups that were made before still hold them, sealed.
    erased      BIGINT      NOT NULL DEFAULT 0
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
