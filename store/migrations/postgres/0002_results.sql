-- The results of transcriptions, read-only once published. Each publication is a generation of its own; which of them
-- readers see, the catalog says. Rows are only added and deleted by generation.

-- The whole timeline of one generation in one zstd frame: what the tools answer from. PostgreSQL need not try to
-- compress it again.
CREATE TABLE timelines (
    generation text COLLATE "C" NOT NULL PRIMARY KEY,
    replay text COLLATE "C" NOT NULL,
    published_at bigint NOT NULL,
    block bytea NOT NULL
);
ALTER TABLE timelines ALTER COLUMN block SET STORAGE EXTERNAL;

-- What follows is for questions across replays. The large tables are divided by generation, so that adding and deleting
-- one touches one small table and one small index.
CREATE TABLE transcripts (
    generation text COLLATE "C" NOT NULL PRIMARY KEY,
    replay text COLLATE "C" NOT NULL,
    project text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    duration_ms bigint NOT NULL,
    moments bigint NOT NULL,
    failures bigint NOT NULL,
    failure_title text COLLATE "C",
    transcribe_ms bigint NOT NULL
);
CREATE INDEX transcripts_by_project ON transcripts (project, generation);

CREATE TABLE moments (
    generation text COLLATE "C" NOT NULL,
    id bigint NOT NULL,
    t_ms bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    PRIMARY KEY (generation, id)
) PARTITION BY HASH (generation);

CREATE TABLE console_entries (
    generation text COLLATE "C" NOT NULL,
    moment bigint NOT NULL,
    t_ms bigint NOT NULL,
    uncaught boolean NOT NULL,
    level text COLLATE "C",
    message text COLLATE "C",
    repeats bigint NOT NULL,
    PRIMARY KEY (generation, moment)
) PARTITION BY HASH (generation);

CREATE TABLE network_entries (
    generation text COLLATE "C" NOT NULL,
    moment bigint NOT NULL,
    t_ms bigint NOT NULL,
    method text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    status bigint,
    failed boolean NOT NULL,
    duration_ms bigint,
    size_bytes bigint,
    PRIMARY KEY (generation, moment)
) PARTITION BY HASH (generation);

DO $$
BEGIN
    FOR n IN 0..7 LOOP
        EXECUTE format('CREATE TABLE moments_%s PARTITION OF moments FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
        EXECUTE format('CREATE TABLE console_entries_%s PARTITION OF console_entries
            FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
        EXECUTE format('CREATE TABLE network_entries_%s PARTITION OF network_entries
            FOR VALUES WITH (MODULUS 8, REMAINDER %s)', n, n);
    END LOOP;
END
$$;
