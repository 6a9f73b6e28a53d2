-- Whoever erased so far has a row of its own, that of the writer -1.
UPDATE study_counters
    SET deleted = (SELECT COUNT(*) FROM log_entries WHERE log_entries.study_id = study_counters.study_id AND log_entries.status = 1)
    WHERE writer = -1;
