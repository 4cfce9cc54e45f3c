-- Which parts of a line may be named: JSON such as [[12,40],[60,31]]. Older rows have none until they are transcribed again.
ALTER TABLE moments ADD COLUMN units text;
