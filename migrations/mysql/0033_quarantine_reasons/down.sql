DROP TABLE quarantine_reasons;
