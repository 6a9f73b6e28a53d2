-- Sessions whose entries are being deleted, some in each transaction. The row goes with the last of them. What is stored under a greater number
-- than upto came later, and stays.
CREATE TABLE IF NOT EXISTS session_deletions (
    id         BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    study_id   BIGINT       NOT NULL,
    session    VARCHAR(128) NOT NULL,
    upto       BIGINT       NOT NULL,
    account_id BIGINT       NULL,
    ordered_us BIGINT       NOT NULL,
    reason     VARCHAR(500) NOT NULL,
    KEY session_deletions_study (study_id),
    KEY session_deletions_account (account_id),
    CONSTRAINT session_deletions_of_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE,
    CONSTRAINT session_deletions_of_account FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE SET NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
