-- What was done to entries after they were stored, by whom and why: corrections, and the deletion. What was sent stays in log_entries, or its
-- tombstone does. Beside traces, only those stand here who run studies, never a participant.
-- revision: of the entry since then, from 1. account_id: NULL once the account is gone. changes: the members that were to be changed, as a JSON
-- object; NULL for a deletion. holds: 1 for the last correction of an entry that has its content. session to payload: what the entry is read as;
-- of a deletion nothing. held is the index of what is put over an export.
CREATE TABLE IF NOT EXISTS amendments (
    number      BIGINT       NOT NULL,
    revision    INT          NOT NULL,
    study_id    BIGINT       NOT NULL,
    account_id  BIGINT       NULL,
    made_us     BIGINT       NOT NULL,
    reason      VARCHAR(500) NOT NULL,
    changes     LONGTEXT     NULL,
    holds       SMALLINT     NOT NULL,
    session     VARCHAR(128) NULL,
    sequence    BIGINT       NULL,
    occurred_us BIGINT       NULL,
    action      VARCHAR(128) NULL,
    payload     LONGTEXT     NULL,
    PRIMARY KEY (number, revision),
    KEY amendments_held (study_id, holds, number),
    KEY amendments_account (account_id),
    CONSTRAINT amendments_of_entry FOREIGN KEY (number) REFERENCES log_entries (number) ON DELETE CASCADE,
    CONSTRAINT amendments_of_account FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE SET NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
