-- The whole timeline of one generation in one zstd frame: what the tools answer from. Never changed once written.
CREATE TABLE timelines (
    generation text NOT NULL PRIMARY KEY,
    replay text NOT NULL,
    published_at integer NOT NULL,
    block blob NOT NULL
) STRICT;
