DROP TABLE study_counters;
