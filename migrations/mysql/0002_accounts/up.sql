-- People who log in. No log entry refers to this table: the subject is what a pseudonym is computed from, outside the database.
CREATE TABLE IF NOT EXISTS accounts (
    id            BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    subject       BINARY(16)   NOT NULL,
    username      VARCHAR(64)  NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    role          VARCHAR(16)  NOT NULL,
    -- Of participants only: where they play, and their place there, from 1.
    study_id      BIGINT       NULL,
    number        BIGINT       NULL,
    active        BOOLEAN      NOT NULL,
    created_us    BIGINT       NOT NULL,
    UNIQUE KEY accounts_subject (subject),
    UNIQUE KEY accounts_username (username),
    UNIQUE KEY accounts_study_number (study_id, number),
    CONSTRAINT accounts_study FOREIGN KEY (study_id) REFERENCES studies (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
