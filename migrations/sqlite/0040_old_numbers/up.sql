-- The numbers of people who were brought over from another archive. Those who were taken out since do not come back with the next run.
CREATE TABLE old_numbers (
    study_id INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    -- Whether an account was made; without one, the number stays theirs.
    enrolled INTEGER NOT NULL,
    PRIMARY KEY (study_id, number)
) STRICT, WITHOUT ROWID;
