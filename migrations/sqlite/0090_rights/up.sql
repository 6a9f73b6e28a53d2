-- What holds the use of somebody's entries up: 1 for a restriction, 2 for an objection, 3 for both. It stands beside traces, and so without a time.
ALTER TABLE consents ADD COLUMN holds INTEGER NOT NULL DEFAULT 0;
-- Whether anybody ever objected, so that what people decided is looked up before entries of theirs are taken.
ALTER TABLE studies ADD COLUMN objected INTEGER NOT NULL DEFAULT 0;
-- The histories of holds, under the codes of consent_events.
CREATE TABLE hold_events (
    id          INTEGER PRIMARY KEY,
    study_id    INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    code        BLOB    NOT NULL CHECK (length(code) = 16),
    -- restriction, objection
    hold        TEXT    NOT NULL,
    -- 1 where it was put, 0 where it was lifted.
    held        INTEGER NOT NULL,
    -- 1 where somebody who runs the study wrote it down.
    on_request  INTEGER NOT NULL,
    recorded_us INTEGER NOT NULL
) STRICT;
CREATE INDEX hold_events_of ON hold_events (study_id, code, id);
