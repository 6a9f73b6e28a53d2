-- What a registered client may do. Its secret_hash is SHA-256 in hexadecimal digits: the secret has 256 random bits.
-- Without a study it belongs to the whole platform.
ALTER TABLE clients ADD COLUMN study_id INTEGER REFERENCES studies (id) ON DELETE CASCADE;
ALTER TABLE clients ADD COLUMN grants TEXT NOT NULL DEFAULT 'password refresh_token';
ALTER TABLE clients ADD COLUMN scope TEXT NOT NULL DEFAULT 'all';
ALTER TABLE clients ADD COLUMN active INTEGER NOT NULL DEFAULT 1;
ALTER TABLE clients ADD COLUMN created_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clients ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
-- Name and id, case folded.
ALTER TABLE clients ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
