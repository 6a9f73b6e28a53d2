ALTER TABLE studies DROP COLUMN game_url;
