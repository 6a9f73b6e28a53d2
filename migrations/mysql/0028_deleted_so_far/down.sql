UPDATE study_counters SET deleted = 0;
