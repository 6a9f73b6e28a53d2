-- The greatest number that a participant of each study was given: that of somebody who left is not given again.
CREATE TABLE IF NOT EXISTS last_numbers (
    study_id BIGINT NOT NULL PRIMARY KEY,
    number   BIGINT NOT NULL,
    CONSTRAINT last_numbers_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
