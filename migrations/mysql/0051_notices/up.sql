-- What those who take part in a study are told: each version as it was sent, never changed, in one language. Versions are numbered from 1 in
-- each study, whatever the language; the hash is SHA-256 of the text, which is Markdown; created_by is whoever put it, while there is such an
-- account.
CREATE TABLE IF NOT EXISTS notices (
    study_id   BIGINT      NOT NULL,
    version    INT         NOT NULL,
    language   VARCHAR(35) NOT NULL,
    hash       BINARY(32)  NOT NULL,
    created_us BIGINT      NOT NULL,
    created_by BIGINT      NULL,
    text       LONGTEXT    NOT NULL,
    PRIMARY KEY (study_id, version),
    CONSTRAINT notices_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE,
    CONSTRAINT notices_by FOREIGN KEY (created_by) REFERENCES accounts (id) ON DELETE SET NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
