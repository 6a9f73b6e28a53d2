-- What belongs to the archive as a whole: its epoch, new after a restore, and the fingerprint of its root key.
CREATE TABLE IF NOT EXISTS server_settings (
    name  VARCHAR(64)  NOT NULL PRIMARY KEY,
    value VARCHAR(255) NOT NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
