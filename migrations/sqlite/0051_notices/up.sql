-- What those who take part in a study are told: each version as it was sent, never changed, in one language.
CREATE TABLE notices (
    study_id   INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    -- From 1 in each study, whatever the language.
    version    INTEGER NOT NULL,
    language   TEXT    NOT NULL,
    -- SHA-256 of the text.
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    created_us INTEGER NOT NULL,
    -- Whoever put it, while there is such an account.
    created_by INTEGER REFERENCES accounts (id) ON DELETE SET NULL,
    -- Markdown.
    text       TEXT    NOT NULL,
    PRIMARY KEY (study_id, version)
) STRICT;
CREATE INDEX notices_by ON notices (created_by) WHERE created_by IS NOT NULL;
