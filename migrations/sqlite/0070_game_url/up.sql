-- Where to play, for sheets of accounts.
ALTER TABLE studies ADD COLUMN game_url TEXT;
