-- The greatest number that a participant of each study was given: that of somebody who left is not given again.
CREATE TABLE last_numbers (
    study_id INTEGER NOT NULL PRIMARY KEY REFERENCES studies (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL
) STRICT;
