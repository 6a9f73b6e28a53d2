DROP TABLE old_numbers;
