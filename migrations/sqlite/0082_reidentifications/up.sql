-- Requests to be told whose a pseudonym is. Whose it is stands nowhere here.
CREATE TABLE reidentifications (
    id           BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    study_id     INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    pseudonym    INTEGER NOT NULL,
    reason       TEXT    NOT NULL,
    -- Of those who run the study, while there are such accounts.
    requested_by INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    requested_us INTEGER NOT NULL,
    allowed      INTEGER,
    decided_by   INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    decided_us   INTEGER,
    answered_us  INTEGER
) STRICT;
CREATE INDEX reidentifications_of ON reidentifications (study_id, requested_us);
CREATE INDEX reidentifications_requested_by ON reidentifications (requested_by) WHERE requested_by IS NOT NULL;
CREATE INDEX reidentifications_decided_by ON reidentifications (decided_by) WHERE decided_by IS NOT NULL;
