UPDATE clients SET created_us = CAST(unixepoch('subsec') * 1000000 AS INTEGER), search_text = lower(name) || char(10) || client_id;
