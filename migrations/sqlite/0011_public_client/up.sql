-- The public client that is there from the first start.
INSERT INTO clients (client_id, name, secret_hash) VALUES ('sillage', 'Sillage', NULL);
