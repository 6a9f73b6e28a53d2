CREATE TABLE study_members (
    study_id   INTEGER NOT NULL REFERENCES studies (id),
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    role       TEXT    NOT NULL,
    PRIMARY KEY (account_id, study_id)
) STRICT, WITHOUT ROWID;
