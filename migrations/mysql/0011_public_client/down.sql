DELETE FROM clients WHERE client_id = 'sillage';
