-- What the servers tell of their own accord. Nothing here is about anybody. Instants are microseconds since 1970-01-01T00:00:00Z.
-- raised_key: what it is known by while it is raised: there is one of each. tries, next_try_us: how often its state was begun to be told elsewhere, and
-- when that is done again; NULL for never.
CREATE TABLE IF NOT EXISTS alerts (
    id           BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind         VARCHAR(32)  NOT NULL,
    study_id     BIGINT       NULL,
    server       VARCHAR(255) NULL,
    raised_key   VARCHAR(300) NULL,
    value        DOUBLE       NOT NULL,
    threshold    DOUBLE       NOT NULL,
    raised_us    BIGINT       NOT NULL,
    seen_us      BIGINT       NOT NULL,
    resolved_us  BIGINT       NULL,
    tries        INT          NOT NULL,
    next_try_us  BIGINT       NULL,
    UNIQUE KEY alerts_raised (raised_key),
    KEY alerts_study (study_id),
    CONSTRAINT alerts_of_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
