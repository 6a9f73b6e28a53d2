-- Entries that whoever they are about disputes. It tells a day (since 1970-01-01) and no time, which beside log-ins could tell whose the entry is;
-- then what is said against the entry, what would be right, as a JSON object, and what those say to it who run the study.
CREATE TABLE IF NOT EXISTS disputes (
    number     BIGINT   NOT NULL PRIMARY KEY,
    study_id   BIGINT   NOT NULL,
    pseudonym  BIGINT   NOT NULL,
    since_day  INT      NOT NULL,
    text       LONGTEXT NULL,
    correction LONGTEXT NULL,
    answer     LONGTEXT NULL,
    KEY disputes_study (study_id, number),
    CONSTRAINT disputes_number FOREIGN KEY (number) REFERENCES log_entries (number) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
