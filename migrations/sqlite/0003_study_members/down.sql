DROP TABLE study_members;
