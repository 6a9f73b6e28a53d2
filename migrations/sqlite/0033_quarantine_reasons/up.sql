-- The reasons of each text in quarantine: words, each once a text. By them the quarantine is filtered and counted. A row goes with its text.
CREATE TABLE quarantine_reasons (
    study_id      INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    quarantine_id INTEGER NOT NULL REFERENCES quarantine (id) ON DELETE CASCADE,
    received_us   INTEGER NOT NULL,
    PRIMARY KEY (study_id, reason, quarantine_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantine_reasons_of_text ON quarantine_reasons (quarantine_id);
-- What is kept already. Within a text of JSON the quotes of these patterns would be escaped.
INSERT INTO quarantine_reasons (study_id, reason, quarantine_id, received_us)
SELECT q.study_id, k.reason, q.id, q.received_us
FROM quarantine q
JOIN (
    SELECT 'missing' AS reason UNION ALL SELECT 'wrong_type' UNION ALL SELECT 'time' UNION ALL SELECT 'name' UNION ALL SELECT 'not_an_id'
    UNION ALL SELECT 'sequence_out_of_range' UNION ALL SELECT 'payload_too_large' UNION ALL SELECT 'too_deep' UNION ALL SELECT 'nul_character'
    UNION ALL SELECT 'lone_surrogate' UNION ALL SELECT 'also_in_payload' UNION ALL SELECT 'participant_missing'
    UNION ALL SELECT 'unknown_participant' UNION ALL SELECT 'conflict' UNION ALL SELECT 'after_closing'
) k ON instr(q.faults, '"kind":"' || k.reason || '"') > 0;

-- What is left of texts that were thrown away: nothing of the text, and nobody's pseudonym.
CREATE TABLE quarantine_discards (
    quarantine_id INTEGER NOT NULL PRIMARY KEY,
    study_id      INTEGER NOT NULL REFERENCES studies (id) ON DELETE CASCADE,
    received_us   INTEGER NOT NULL,
    discarded_us  INTEGER NOT NULL,
    reason        TEXT    NOT NULL,
    -- Whoever did it, while there is such an account.
    discarded_by  INTEGER REFERENCES accounts (id) ON DELETE SET NULL
) STRICT;
CREATE INDEX quarantine_discards_study ON quarantine_discards (study_id);
CREATE INDEX quarantine_discards_by ON quarantine_discards (discarded_by) WHERE discarded_by IS NOT NULL;
