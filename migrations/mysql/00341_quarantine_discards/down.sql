DROP TABLE quarantine_discards;
