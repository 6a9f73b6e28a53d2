DROP INDEX study_members_study;
