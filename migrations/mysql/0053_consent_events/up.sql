-- The histories of decisions, which only grow. A history stands under a keyed code of its own, which is not the pseudonym: only the root key
-- leads from one to the other. The decision is given, refused or withdrawn; purposes has a bit a purpose; decided_by is self, guardian or paper;
-- the notice is the one that was decided on; recorded_by is whoever runs the study and wrote it down, while there is such an account, and never
-- a participant.
CREATE TABLE IF NOT EXISTS consent_events (
    id              BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    study_id        BIGINT       NOT NULL,
    code            BINARY(16)   NOT NULL,
    decision        VARCHAR(16)  NOT NULL,
    purposes        SMALLINT     NOT NULL,
    decided_by      VARCHAR(16)  NOT NULL,
    notice_version  INT          NULL,
    notice_language VARCHAR(35)  NULL,
    notice_hash     BINARY(32)   NULL,
    reference       VARCHAR(255) NULL,
    recorded_us     BIGINT       NOT NULL,
    recorded_by     BIGINT       NULL,
    KEY consent_events_of (study_id, code, id),
    CONSTRAINT consent_events_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE,
    CONSTRAINT consent_events_by FOREIGN KEY (recorded_by) REFERENCES accounts (id) ON DELETE SET NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
