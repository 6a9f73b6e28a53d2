-- Who participants are, where a study asks for it: each field sealed under a key of that person, and that one under a key of the vault. No trace
-- refers to this table, and nothing here tells when it was written.
CREATE TABLE identities (
    account_id     INTEGER NOT NULL PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    study_id       INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    revision       INTEGER NOT NULL,
    key_version    INTEGER NOT NULL REFERENCES vault_keys (version),
    sealed_key     BLOB    NOT NULL,
    -- Keyed hashes of the addresses, by which somebody is found.
    email_index    BLOB    CHECK (length(email_index) = 16),
    guardian_index BLOB    CHECK (length(guardian_index) = 16),
    name           BLOB,
    first_name     BLOB,
    email          BLOB,
    guardian_name  BLOB,
    guardian_email BLOB
) STRICT;
CREATE INDEX identities_key ON identities (key_version, account_id);
CREATE INDEX identities_email ON identities (study_id, email_index);
CREATE INDEX identities_guardian ON identities (study_id, guardian_index);
