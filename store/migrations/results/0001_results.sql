-- The results of transcriptions, read-only once published. Each publication is a generation of its own; which of them
-- readers see, the catalog says. Rows are only appended and deleted by generation, and lie in the order of generations:
-- zone maps find them, no index is needed.

-- The whole timeline of one generation in one zstd frame: what the tools answer from. Stored uncompressed: DuckDB would
-- compress text and blobs by the vector, and reading one would cost 2,048.
CREATE TABLE timelines (
    generation text NOT NULL,
    replay text NOT NULL,
    published_at bigint NOT NULL,
    block blob USING COMPRESSION uncompressed NOT NULL
);

-- What follows is for questions across replays.
CREATE TABLE transcripts (
    generation text NOT NULL,
    replay text NOT NULL,
    project text NOT NULL,
    version bigint NOT NULL,
    duration_ms bigint NOT NULL,
    moments bigint NOT NULL,
    failures bigint NOT NULL,
    failure_title text,
    transcribe_ms bigint NOT NULL
);

CREATE TABLE moments (
    generation text NOT NULL,
    id bigint NOT NULL,
    t_ms bigint NOT NULL,
    kind text NOT NULL
);

CREATE TABLE console_entries (
    generation text NOT NULL,
    moment bigint NOT NULL,
    t_ms bigint NOT NULL,
    uncaught boolean NOT NULL,
    level text,
    message text,
    repeats bigint NOT NULL
);

CREATE TABLE network_entries (
    generation text NOT NULL,
    moment bigint NOT NULL,
    t_ms bigint NOT NULL,
    method text NOT NULL,
    url text NOT NULL,
    status bigint,
    failed boolean NOT NULL,
    duration_ms bigint,
    size_bytes bigint
);
