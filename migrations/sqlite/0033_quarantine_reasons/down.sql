DROP TABLE quarantine_discards;
DROP TABLE quarantine_reasons;
