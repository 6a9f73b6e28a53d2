UPDATE accounts SET password_origin = 'chosen';
