-- What was done, in a chain a server: each record has the hash of the one before it. Who is named stands under a keyed hash; there is neither a
-- username nor a pseudonym nor an address, and nothing here refers to another table. Rows are added, and never changed nor deleted. Sequences
-- count from 1 in each chain; study is the slug, which stays when the study goes; hash is SHA-256 of the record as canonical JSON; mac is a code
-- of the hash, under a key that is not in the database.
CREATE TABLE IF NOT EXISTS audit_records (
    number   BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    chain    BINARY(16)  NOT NULL,
    sequence BIGINT      NOT NULL,
    at_us    BIGINT      NOT NULL,
    actor    BINARY(16)  NULL,
    role     VARCHAR(16) NOT NULL,
    action   VARCHAR(40) NOT NULL,
    study    VARCHAR(64) NULL,
    subject  BINARY(16)  NULL,
    outcome  VARCHAR(16) NOT NULL,
    request  VARCHAR(80) NULL,
    previous BINARY(32)  NOT NULL,
    hash     BINARY(32)  NOT NULL,
    mac      BINARY(32)  NOT NULL,
    UNIQUE KEY audit_records_place (chain, sequence),
    KEY audit_records_study (study, number),
    KEY audit_records_subject (subject, number),
    KEY audit_records_at (at_us)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
