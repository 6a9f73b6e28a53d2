CREATE TABLE IF NOT EXISTS studies (
    id          BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    slug        VARCHAR(64) NOT NULL,
    title       TEXT        NOT NULL,
    description MEDIUMTEXT  NOT NULL,
    status      VARCHAR(16) NOT NULL,
    validation  VARCHAR(16) NOT NULL,
    salt        BINARY(32)  NOT NULL,
    created_us  BIGINT      NOT NULL,
    closed_us   BIGINT      NULL,
    revision    BIGINT      NOT NULL,
    UNIQUE KEY studies_slug (slug)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
