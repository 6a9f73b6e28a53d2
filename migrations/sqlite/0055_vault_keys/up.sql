-- The keys of the vault, by number, the greatest in force. Their secrets are in no database: here is what tells them apart.
CREATE TABLE vault_keys (
    version     INTEGER NOT NULL PRIMARY KEY,
    fingerprint TEXT    NOT NULL,
    begun_us    INTEGER NOT NULL,
    -- How many identities were erased since: backups that were made before still hold them, sealed.
    erased      INTEGER NOT NULL DEFAULT 0
) STRICT;
