-- Who runs this study? MariaDB has this index from the foreign key.
CREATE INDEX study_members_study ON study_members (study_id);
