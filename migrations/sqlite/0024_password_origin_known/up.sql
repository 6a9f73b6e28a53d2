-- Until now only the cost told the two apart: what the server made had a hash of a cost below 10 (`$2b$08$...`).
UPDATE accounts SET password_origin = 'generated' WHERE SUBSTR(password_hash, 5, 2) < '10' AND SUBSTR(password_hash, 1, 2) = '$2';
