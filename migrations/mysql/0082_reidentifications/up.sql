-- Requests to be told whose a pseudonym is. Whose it is stands nowhere here. Those who asked and decided are of those who run the study, while
-- there are such accounts.
CREATE TABLE IF NOT EXISTS reidentifications (
    id           BINARY(16)    NOT NULL PRIMARY KEY,
    study_id     BIGINT        NOT NULL,
    pseudonym    BIGINT        NOT NULL,
    reason       VARCHAR(2000) NOT NULL,
    requested_by BIGINT        NULL,
    requested_us BIGINT        NOT NULL,
    allowed      BOOLEAN       NULL,
    decided_by   BIGINT        NULL,
    decided_us   BIGINT        NULL,
    answered_us  BIGINT        NULL,
    KEY reidentifications_of (study_id, requested_us),
    CONSTRAINT reidentifications_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE,
    CONSTRAINT reidentifications_requested_by FOREIGN KEY (requested_by) REFERENCES accounts (id) ON DELETE SET NULL,
    CONSTRAINT reidentifications_decided_by FOREIGN KEY (decided_by) REFERENCES accounts (id) ON DELETE SET NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
