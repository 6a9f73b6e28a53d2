DROP TABLE session_deletions;
