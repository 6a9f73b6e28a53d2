-- The reasons of each text in quarantine: words, each once a text. By them the quarantine is filtered and counted. A row goes with its text.
CREATE TABLE IF NOT EXISTS quarantine_reasons (
    study_id      BIGINT      NOT NULL,
    reason        VARCHAR(64) NOT NULL,
    quarantine_id BIGINT      NOT NULL,
    received_us   BIGINT      NOT NULL,
    PRIMARY KEY (study_id, reason, quarantine_id),
    KEY quarantine_reasons_of_text (quarantine_id),
    CONSTRAINT quarantine_reasons_text FOREIGN KEY (quarantine_id) REFERENCES quarantine (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
