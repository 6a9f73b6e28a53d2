UPDATE clients SET created_us = 0, search_text = '';
