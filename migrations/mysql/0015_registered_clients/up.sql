-- What a registered client may do. Its secret_hash is SHA-256 in hexadecimal digits: the secret has 256 random bits.
-- Without a study it belongs to the whole platform.
ALTER TABLE clients
    ADD COLUMN study_id    BIGINT        NULL,
    ADD COLUMN grants      VARCHAR(255)  NOT NULL DEFAULT 'password refresh_token',
    ADD COLUMN scope       VARCHAR(1024) NOT NULL DEFAULT 'all',
    ADD COLUMN active      BOOLEAN       NOT NULL DEFAULT TRUE,
    ADD COLUMN created_us  BIGINT        NOT NULL DEFAULT 0,
    ADD COLUMN revision    BIGINT        NOT NULL DEFAULT 1,
    -- Name and id, case folded.
    ADD COLUMN search_text VARCHAR(1024) NOT NULL DEFAULT '',
    ADD CONSTRAINT clients_study FOREIGN KEY (study_id) REFERENCES studies (id) ON DELETE CASCADE;
