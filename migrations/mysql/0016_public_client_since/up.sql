UPDATE clients SET created_us = CAST(UNIX_TIMESTAMP(NOW(6)) * 1000000 AS SIGNED), search_text = CONCAT(LOWER(name), '\n', client_id);
