ALTER TABLE clients
    DROP FOREIGN KEY clients_study,
    DROP COLUMN study_id,
    DROP COLUMN grants,
    DROP COLUMN scope,
    DROP COLUMN active,
    DROP COLUMN created_us,
    DROP COLUMN revision,
    DROP COLUMN search_text;
