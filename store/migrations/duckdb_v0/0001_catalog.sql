-- The catalog. Ids are ULIDs as text of 26 characters, times are epoch milliseconds, words are text, lists and maps are JSON text.
-- Columns that may hold 4 KB and more are stored uncompressed: DuckDB would compress them by the vector, and a
-- point read would pay for 2,048 rows. Rows that only the appender writes have no key: their zone maps find them.
-- Whole numbers are bigint: DuckDB plans an INSERT anew for every parameter of another type than its column.

CREATE TABLE workspaces (
    id text PRIMARY KEY,
    name text NOT NULL,
    created_at bigint NOT NULL
);

CREATE TABLE projects (
    id text PRIMARY KEY,
    workspace text NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    archived_at bigint,
    UNIQUE (workspace, slug)
);

CREATE TABLE ingest_keys (
    id text PRIMARY KEY,
    project text NOT NULL,
    label text NOT NULL,
    prefix text NOT NULL,
    secret_sha256 bytea NOT NULL UNIQUE,
    allowed_origins text NOT NULL,
    created_at bigint NOT NULL,
    revoked_at bigint
);

CREATE TABLE tokens (
    id text PRIMARY KEY,
    workspace text NOT NULL,
    projects text,
    scopes text NOT NULL,
    label text NOT NULL,
    prefix text NOT NULL,
    secret_sha256 bytea NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    expires_at bigint,
    last_used_at bigint,
    last_client text,
    revoked_at bigint
);

-- full_key is project and replay_key in one: DuckDB looks rows up by indexes of one column only.
CREATE TABLE replays (
    id text PRIMARY KEY,
    project text NOT NULL,
    replay_key text NOT NULL,
    full_key text NOT NULL UNIQUE,
    state text NOT NULL,
    created_at bigint NOT NULL,
    last_segment_at bigint,
    segments bigint NOT NULL,
    raw_bytes bigint NOT NULL,
    stored_bytes bigint NOT NULL,
    transcript text NOT NULL
);

-- object, first_byte and stored_bytes say where the zstd frame lies: in a piece of its own, or in a compacted object.
CREATE TABLE segments (
    replay text NOT NULL,
    n bigint NOT NULL,
    stream text NOT NULL,
    window_name text,
    raw_bytes bigint NOT NULL,
    stored_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    received_at bigint NOT NULL,
    object text NOT NULL,
    first_byte bigint NOT NULL,
    PRIMARY KEY (replay, n, stream)
);
CREATE INDEX segments_by_replay ON segments (replay);

-- client_key is project and the SDK's own id of the report in one. failure_title is that of the replay's transcript,
-- kept here for lists.
CREATE TABLE bugs (
    id text PRIMARY KEY,
    project text NOT NULL,
    client_key text UNIQUE,
    title text NOT NULL,
    description text USING COMPRESSION uncompressed NOT NULL,
    status text NOT NULL,
    priority text NOT NULL,
    tags text NOT NULL,
    reporter text NOT NULL,
    page text USING COMPRESSION uncompressed NOT NULL,
    system_info text USING COMPRESSION uncompressed NOT NULL,
    metadata text USING COMPRESSION uncompressed NOT NULL,
    replay text,
    failure_title text,
    assignee text,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    screenshot_count bigint NOT NULL,
    attachment_count bigint NOT NULL,
    comment_count bigint NOT NULL,
    cookie_count bigint NOT NULL
);
CREATE INDEX bugs_by_replay ON bugs (replay);

CREATE TABLE bug_cookies (
    bug text PRIMARY KEY,
    cookies text USING COMPRESSION uncompressed NOT NULL
);

CREATE TABLE comments (
    id text PRIMARY KEY,
    bug text NOT NULL,
    author text NOT NULL,
    body text USING COMPRESSION uncompressed NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX comments_by_bug ON comments (bug);

CREATE TABLE screenshots (
    id text PRIMARY KEY,
    project text NOT NULL,
    bug text NOT NULL,
    position bigint NOT NULL,
    media_type text NOT NULL,
    width bigint NOT NULL,
    height bigint NOT NULL,
    bytes bigint NOT NULL,
    object text NOT NULL,
    state text NOT NULL
);
CREATE INDEX screenshots_by_bug ON screenshots (bug);

CREATE TABLE renditions (
    screenshot text NOT NULL,
    kind text NOT NULL,
    media_type text NOT NULL,
    width bigint NOT NULL,
    height bigint NOT NULL,
    bytes bigint NOT NULL,
    object text NOT NULL,
    PRIMARY KEY (screenshot, kind)
);
CREATE INDEX renditions_by_screenshot ON renditions (screenshot);

CREATE TABLE attachments (
    id text PRIMARY KEY,
    project text NOT NULL,
    bug text NOT NULL,
    position bigint NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    bytes bigint NOT NULL,
    object text NOT NULL
);
CREATE INDEX attachments_by_bug ON attachments (bug);

CREATE TABLE transcripts (
    replay text PRIMARY KEY,
    project text NOT NULL,
    generation text NOT NULL,
    version bigint NOT NULL,
    summary text USING COMPRESSION uncompressed NOT NULL,
    info text USING COMPRESSION uncompressed NOT NULL,
    failures text USING COMPRESSION uncompressed NOT NULL,
    defects text USING COMPRESSION uncompressed NOT NULL,
    coverage text USING COMPRESSION uncompressed NOT NULL,
    failure_title text,
    moments bigint NOT NULL,
    transcribe_ms bigint NOT NULL,
    published_at bigint NOT NULL
);

-- The rows of one generation lie together and in order, as they were appended.
CREATE TABLE moments (
    project text NOT NULL,
    replay text NOT NULL,
    generation text NOT NULL,
    id bigint NOT NULL,
    t_ms bigint NOT NULL,
    end_ms bigint NOT NULL,
    kind text NOT NULL,
    line text NOT NULL,
    data text USING COMPRESSION uncompressed NOT NULL
);

CREATE TABLE console_entries (
    project text NOT NULL,
    replay text NOT NULL,
    generation text NOT NULL,
    moment bigint NOT NULL,
    t_ms bigint NOT NULL,
    uncaught boolean NOT NULL,
    level text,
    message text,
    repeats bigint NOT NULL
);

CREATE TABLE network_entries (
    project text NOT NULL,
    replay text NOT NULL,
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

-- No index on what changes while a job lives. A job that is done has no row. due_at is when a queued job may be
-- claimed, and when a running one may be claimed by another worker.
CREATE TABLE jobs (
    id text PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    project text NOT NULL,
    state text NOT NULL,
    attempts bigint NOT NULL,
    due_at bigint NOT NULL,
    worker text,
    error text,
    ended_at bigint
);
CREATE INDEX jobs_by_subject ON jobs (subject);

CREATE TABLE audit_log (
    id text NOT NULL,
    happened_at bigint NOT NULL,
    principal text NOT NULL,
    client text,
    action text NOT NULL,
    project text,
    subject text,
    code text,
    duration_ms bigint NOT NULL
);
