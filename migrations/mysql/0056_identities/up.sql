-- Who participants are, where a study asks for it: each field sealed under a key of that person, and that one under a key of the vault. No trace
-- refers to this table, and nothing here tells when it was written. The indexes are keyed hashes of the addresses, by which somebody is found.
CREATE TABLE IF NOT EXISTS identities (
    account_id     BIGINT          NOT NULL PRIMARY KEY,
    study_id       BIGINT          NOT NULL,
    revision       BIGINT          NOT NULL,
    key_version    INT             NOT NULL,
    sealed_key     VARBINARY(128)  NOT NULL,
    email_index    BINARY(16)      NULL,
    guardian_index BINARY(16)      NULL,
    name           VARBINARY(1024) NULL,
    first_name     VARBINARY(1024) NULL,
    email          VARBINARY(1024) NULL,
    guardian_name  VARBINARY(1024) NULL,
    guardian_email VARBINARY(1024) NULL,
    KEY identities_key (key_version, account_id),
    KEY identities_email (study_id, email_index),
    KEY identities_guardian (study_id, guardian_index),
    CONSTRAINT identities_account FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE CASCADE,
    CONSTRAINT identities_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE,
    CONSTRAINT identities_vault_key FOREIGN KEY (key_version) REFERENCES vault_keys (version)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
