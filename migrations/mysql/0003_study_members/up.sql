CREATE TABLE IF NOT EXISTS study_members (
    study_id   BIGINT      NOT NULL,
    account_id BIGINT      NOT NULL,
    role       VARCHAR(16) NOT NULL,
    PRIMARY KEY (account_id, study_id),
    CONSTRAINT study_members_study FOREIGN KEY (study_id) REFERENCES studies (id),
    CONSTRAINT study_members_account FOREIGN KEY (account_id) REFERENCES accounts (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
