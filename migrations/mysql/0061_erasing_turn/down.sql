DELETE FROM server_settings WHERE name = 'erasing';
