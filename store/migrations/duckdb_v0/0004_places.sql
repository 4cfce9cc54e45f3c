-- Where in the page a moment was done: what an answer folds by. Older rows have none until they are transcribed again.
ALTER TABLE moments ADD COLUMN place text;
