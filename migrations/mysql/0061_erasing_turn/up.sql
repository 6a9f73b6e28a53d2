-- The row at which whoever orders an erasure waits for the transactions that write entries, and they for him.
INSERT IGNORE INTO server_settings (name, value) VALUES ('erasing', '');
