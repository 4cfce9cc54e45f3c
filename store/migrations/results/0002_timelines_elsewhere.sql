-- The blocks are in timelines.sqlite: they were copied before.
DROP TABLE timelines;
