-- Whether anybody ever objected, so that what people decided is looked up before entries of theirs are taken.
ALTER TABLE studies ADD COLUMN objected BOOLEAN NOT NULL DEFAULT 0;
