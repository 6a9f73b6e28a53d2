DELETE FROM quarantine_reasons;
