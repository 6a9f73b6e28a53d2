-- The numbers of people who were brought over from another archive. Those who were taken out since do not come back with the next run.
-- enrolled: whether an account was made; without one, the number stays theirs.
CREATE TABLE IF NOT EXISTS old_numbers (
    study_id BIGINT  NOT NULL,
    number   BIGINT  NOT NULL,
    enrolled BOOLEAN NOT NULL,
    PRIMARY KEY (study_id, number),
    CONSTRAINT old_numbers_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
