-- Where the password came from: 'chosen' by a person, or 'generated' by the server. It decides what the hash costs.
ALTER TABLE accounts ADD COLUMN password_origin TEXT NOT NULL DEFAULT 'chosen';
