-- The traces. No account, no username, no address, no user agent: a pseudonym is all that says who.
-- Instants are microseconds since 1970-01-01T00:00:00Z. The status is 0 accepted, 1 deleted. The payload is the JSON text as it was sent, not
-- MySQL's JSON type, which rewrites it.
-- Each index is paid for with every entry, so each one here has its question:
-- identity: was this entry sent before? And, since ids of version 7 begin with the time: the log of one participant, in order.
-- study: the list, the harvest and the export of a study, by number. Grows at its end only.
-- occurred: the list in the order of the game's clock, and its window in time. Grows near its end.
-- action: one action. There are few names, so this grows at a few ends only; without it a rare action is found by reading the whole study.
-- session: one play session. Not by study too: a session's name is rare in itself.
CREATE TABLE IF NOT EXISTS log_entries (
    number           BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    study_id         BIGINT       NOT NULL,
    pseudonym        BIGINT       NOT NULL,
    entry_id         BINARY(16)   NOT NULL,
    session          VARCHAR(128) NULL,
    sequence         BIGINT       NULL,
    occurred_us      BIGINT       NOT NULL,
    sent_us          BIGINT       NULL,
    received_us      BIGINT       NOT NULL,
    action           VARCHAR(128) NOT NULL,
    status           SMALLINT     NOT NULL,
    payload          MEDIUMTEXT   NULL,
    codebook_version INT          NULL,
    UNIQUE KEY log_entries_identity (pseudonym, entry_id),
    KEY log_entries_study (study_id, number),
    KEY log_entries_occurred (study_id, occurred_us, number),
    KEY log_entries_action (study_id, action, number),
    KEY log_entries_session (session, number),
    CONSTRAINT log_entries_of_study FOREIGN KEY (study_id) REFERENCES studies (id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
