-- The reasons of what is kept already. Within a text of JSON the quotes of these patterns would be escaped. Another node may have done it.
INSERT INTO quarantine_reasons (study_id, reason, quarantine_id, received_us)
SELECT q.study_id, k.reason, q.id, q.received_us
FROM quarantine q
JOIN (
    SELECT 'missing' AS reason UNION ALL SELECT 'wrong_type' UNION ALL SELECT 'time' UNION ALL SELECT 'name' UNION ALL SELECT 'not_an_id'
    UNION ALL SELECT 'sequence_out_of_range' UNION ALL SELECT 'payload_too_large' UNION ALL SELECT 'too_deep' UNION ALL SELECT 'nul_character'
    UNION ALL SELECT 'lone_surrogate' UNION ALL SELECT 'also_in_payload' UNION ALL SELECT 'participant_missing'
    UNION ALL SELECT 'unknown_participant' UNION ALL SELECT 'conflict' UNION ALL SELECT 'after_closing'
) k ON INSTR(q.faults, CONCAT('"kind":"', k.reason, '"')) > 0
WHERE NOT EXISTS (SELECT 1 FROM quarantine_reasons r WHERE r.study_id = q.study_id AND r.reason = k.reason AND r.quarantine_id = q.id);
