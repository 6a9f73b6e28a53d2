-- Requests that came by letter or e-mail from people whom data are about. No name stands here, and no pseudonym: the account of whom it is about,
-- while there is one, and the reference under which the letter is filed. Days are counted from 1970-01-01.
CREATE TABLE IF NOT EXISTS rights_requests (
    id               BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    study_id         BIGINT       NOT NULL,
    kind             VARCHAR(16)  NOT NULL,
    account_id       BIGINT       NULL,
    reference        VARCHAR(64)  NULL,
    received_day     INT          NOT NULL,
    due_day          INT          NOT NULL,
    prolonged_reason TEXT         NULL,
    answered_day     INT          NULL,
    outcome          VARCHAR(16)  NULL,
    recorded_us      BIGINT       NOT NULL,
    recorded_by      BIGINT       NULL,
    revision         BIGINT       NOT NULL,
    KEY rights_requests_study_due (study_id, due_day),
    CONSTRAINT rights_requests_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE,
    CONSTRAINT rights_requests_account FOREIGN KEY (account_id) REFERENCES accounts (id) ON DELETE SET NULL,
    CONSTRAINT rights_requests_by FOREIGN KEY (recorded_by) REFERENCES accounts (id) ON DELETE SET NULL
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
