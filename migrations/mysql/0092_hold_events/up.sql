-- The histories of holds, under the codes of consent_events. The hold is restriction or objection; held is 1 where it was put, 0 where it was
-- lifted; on_request is 1 where somebody who runs the study wrote it down.
CREATE TABLE IF NOT EXISTS hold_events (
    id          BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    study_id    BIGINT      NOT NULL,
    code        BINARY(16)  NOT NULL,
    hold        VARCHAR(16) NOT NULL,
    held        BOOLEAN     NOT NULL,
    on_request  BOOLEAN     NOT NULL,
    recorded_us BIGINT      NOT NULL,
    KEY hold_events_of (study_id, code, id),
    CONSTRAINT hold_events_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
