-- Requests that came by letter or e-mail from people whom data are about. No name stands here, and no pseudonym.
CREATE TABLE rights_requests (
    id                INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    study_id          INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    kind              TEXT    NOT NULL,
    -- Of whom, while there is such an account; and where the letter is filed.
    account_id        INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    reference         TEXT,
    -- Days since 1970-01-01.
    received_day      INTEGER NOT NULL,
    due_day           INTEGER NOT NULL,
    prolonged_reason  TEXT,
    answered_day      INTEGER,
    outcome           TEXT,
    recorded_us       INTEGER NOT NULL,
    recorded_by       INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    revision          INTEGER NOT NULL
) STRICT;
CREATE INDEX rights_requests_study ON rights_requests (study_id, due_day);
CREATE INDEX rights_requests_account ON rights_requests (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX rights_requests_by ON rights_requests (recorded_by) WHERE recorded_by IS NOT NULL;
