DROP TABLE last_numbers;
