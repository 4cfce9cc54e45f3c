-- The catalog: rows that come and go. Ids are ULIDs as text of 26 characters, times are epoch milliseconds, words are
-- text, lists and maps are JSON text, booleans are 0 and 1. An actor is text: 'member 01J..' or 'agent 01J..'.

CREATE TABLE workspaces (
    id text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    created_at integer NOT NULL
) STRICT;

CREATE TABLE projects (
    id text NOT NULL PRIMARY KEY,
    workspace text NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    created_at integer NOT NULL,
    archived_at integer,
    UNIQUE (workspace, slug)
) STRICT;

CREATE TABLE ingest_keys (
    id text NOT NULL PRIMARY KEY,
    project text NOT NULL,
    label text NOT NULL,
    prefix text NOT NULL,
    secret_sha256 blob NOT NULL UNIQUE,
    allowed_origins text NOT NULL,
    created_at integer NOT NULL,
    revoked_at integer
) STRICT;
CREATE INDEX ingest_keys_by_project ON ingest_keys (project, id);

-- actor: the member or agent that a token acts for; null: the token itself. bound_project: the one project whose
-- endpoint a token is good for; null: the workspace's endpoint.
CREATE TABLE tokens (
    id text NOT NULL PRIMARY KEY,
    workspace text NOT NULL,
    projects text,
    scopes text NOT NULL,
    label text NOT NULL,
    prefix text NOT NULL,
    secret_sha256 blob NOT NULL UNIQUE,
    created_at integer NOT NULL,
    expires_at integer,
    last_used_at integer,
    last_client text,
    revoked_at integer,
    actor text,
    bound_project text
) STRICT;
CREATE INDEX tokens_by_actor ON tokens (actor, id);

-- full_key is project and replay_key in one.
CREATE TABLE replays (
    id text NOT NULL PRIMARY KEY,
    project text NOT NULL,
    replay_key text NOT NULL,
    full_key text NOT NULL UNIQUE,
    state text NOT NULL,
    created_at integer NOT NULL,
    last_segment_at integer,
    segments integer NOT NULL,
    raw_bytes integer NOT NULL,
    stored_bytes integer NOT NULL,
    transcript text NOT NULL
) STRICT;
CREATE INDEX replays_open ON replays (last_segment_at, id) WHERE state = 'open';

-- object and first_byte say where the zstd frame of stored_bytes lies: in a piece of its own, or in a compacted object.
-- No object: it is staged.
CREATE TABLE segments (
    replay text NOT NULL,
    n integer NOT NULL,
    stream text NOT NULL,
    window_name text,
    raw_bytes integer NOT NULL,
    stored_bytes integer NOT NULL,
    sha256 blob NOT NULL,
    received_at integer NOT NULL,
    object text,
    first_byte integer NOT NULL,
    PRIMARY KEY (replay, n, stream)
) STRICT, WITHOUT ROWID;

-- The frames of small segments until their replay is compacted.
CREATE TABLE staged_segments (
    replay text NOT NULL,
    n integer NOT NULL,
    stream text NOT NULL,
    zstd blob NOT NULL,
    PRIMARY KEY (replay, n, stream)
) STRICT;

-- seq orders bugs by arrival and names their rows in bugs_words. client_key is project and the SDK's own id of the report
-- in one. failure_title is that of the replay's transcript, kept here for lists.
CREATE TABLE bugs (
    seq integer PRIMARY KEY,
    id text NOT NULL UNIQUE,
    project text NOT NULL,
    client_key text UNIQUE,
    title text NOT NULL,
    description text NOT NULL,
    status text NOT NULL,
    priority text NOT NULL,
    tags text NOT NULL,
    reporter text NOT NULL,
    page text NOT NULL,
    system_info text NOT NULL,
    metadata text NOT NULL,
    replay text,
    failure_title text,
    assignee text,
    created_at integer NOT NULL,
    updated_at integer NOT NULL,
    screenshot_count integer NOT NULL,
    attachment_count integer NOT NULL,
    comment_count integer NOT NULL,
    cookie_count integer NOT NULL
) STRICT;
CREATE INDEX bugs_by_replay ON bugs (replay) WHERE replay IS NOT NULL;
CREATE INDEX bugs_by_project ON bugs (project, id);
CREATE INDEX bugs_by_state ON bugs (project, status, priority, id);

-- status and priority are those of the bug's row, so that a list by tag and state reads nothing else.
CREATE TABLE bug_tags (
    project text NOT NULL,
    tag text NOT NULL,
    status text NOT NULL,
    priority text NOT NULL,
    bug text NOT NULL,
    PRIMARY KEY (project, tag, status, priority, bug)
) STRICT, WITHOUT ROWID;

-- The words of each bug, for searches; the texts themselves are not kept here.
CREATE VIRTUAL TABLE bugs_words USING fts5 (
    title, description, failure, summary,
    content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);

CREATE TABLE bug_cookies (
    bug text NOT NULL PRIMARY KEY,
    cookies text NOT NULL
) STRICT;

CREATE TABLE comments (
    id text NOT NULL PRIMARY KEY,
    bug text NOT NULL,
    author text NOT NULL,
    body text NOT NULL,
    created_at integer NOT NULL
) STRICT;
CREATE INDEX comments_by_bug ON comments (bug, id);

CREATE TABLE screenshots (
    id text NOT NULL PRIMARY KEY,
    project text NOT NULL,
    bug text NOT NULL,
    position integer NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    bytes integer NOT NULL,
    object text NOT NULL,
    state text NOT NULL
) STRICT;
CREATE INDEX screenshots_by_bug ON screenshots (bug);

CREATE TABLE renditions (
    screenshot text NOT NULL,
    kind text NOT NULL,
    media_type text NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    bytes integer NOT NULL,
    object text NOT NULL,
    PRIMARY KEY (screenshot, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachments (
    id text NOT NULL PRIMARY KEY,
    project text NOT NULL,
    bug text NOT NULL,
    position integer NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    bytes integer NOT NULL,
    object text NOT NULL
) STRICT;
CREATE INDEX attachments_by_bug ON attachments (bug);

-- Which generation of a replay's results readers see. The results themselves are in the results database.
CREATE TABLE transcripts (
    replay text NOT NULL PRIMARY KEY,
    generation text NOT NULL,
    version integer NOT NULL,
    failure_title text
) STRICT, WITHOUT ROWID;

-- A job that is done has no row. due_at is when a queued job may be claimed, and when a running one may be claimed by
-- another worker.
CREATE TABLE jobs (
    id text NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    subject text NOT NULL,
    project text NOT NULL,
    state text NOT NULL,
    attempts integer NOT NULL,
    due_at integer NOT NULL,
    worker text,
    error text,
    ended_at integer
) STRICT;
CREATE INDEX jobs_by_subject ON jobs (subject, kind);
CREATE INDEX jobs_by_due ON jobs (due_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_running ON jobs (subject, kind) WHERE state = 'running';

CREATE TABLE audit_log (
    id text NOT NULL,
    happened_at integer NOT NULL,
    principal text NOT NULL,
    client_name text,
    action text NOT NULL,
    project text,
    subject text,
    code text,
    duration_ms integer NOT NULL,
    client_version text,
    tool text,
    workspace text,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

-- An address is lower-case and names one member on this server. No password: invited, or may not sign in.
CREATE TABLE members (
    id text NOT NULL PRIMARY KEY,
    workspace text NOT NULL,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text,
    must_change_password integer NOT NULL,
    admin integer NOT NULL,
    created_at integer NOT NULL,
    disabled_at integer
) STRICT;

CREATE TABLE agents (
    id text NOT NULL PRIMARY KEY,
    workspace text NOT NULL,
    name text NOT NULL,
    created_at integer NOT NULL,
    disabled_at integer
) STRICT;

CREATE TABLE roles (
    project text NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (project, actor)
) STRICT, WITHOUT ROWID;
CREATE INDEX roles_by_actor ON roles (actor);

CREATE TABLE invitations (
    id text NOT NULL PRIMARY KEY,
    workspace text NOT NULL,
    email text NOT NULL,
    admin integer NOT NULL,
    roles text NOT NULL,
    token_sha256 blob NOT NULL UNIQUE,
    created_at integer NOT NULL,
    expires_at integer NOT NULL,
    used_at integer
) STRICT;

-- What was used in the newest window of a quota: 'calls a day' of a project, 'calls a minute' of a principal.
-- Written behind the counting in memory, once a second.
CREATE TABLE counters (
    id text NOT NULL PRIMARY KEY,
    window_no integer NOT NULL,
    used integer NOT NULL
) STRICT, WITHOUT ROWID;

-- Signed-in browsers, and OAuth: clients, codes, what members granted, and the tokens of a grant. Secrets are kept as
-- SHA-256 alone.
CREATE TABLE sessions (
    id text NOT NULL PRIMARY KEY,
    member text NOT NULL,
    secret_sha256 blob NOT NULL UNIQUE,
    created_at integer NOT NULL,
    expires_at integer NOT NULL,
    ended_at integer
) STRICT;
CREATE INDEX sessions_by_member ON sessions (member);

-- Attempts to sign in that have not succeeded: one row for the address of the account, one for that of the network,
-- both with the attempt's id.
CREATE TABLE sign_in_attempts (
    id text NOT NULL,
    subject text NOT NULL,
    tried_at integer NOT NULL
) STRICT;
CREATE INDEX sign_in_attempts_by_subject ON sign_in_attempts (subject, tried_at);
CREATE INDEX sign_in_attempts_by_id ON sign_in_attempts (id);

-- A client that registered has an id of this server; one that has a document has the document's URL, and is read anew
-- after fresh_until. used_at: when a member last let it in.
CREATE TABLE oauth_clients (
    id text NOT NULL PRIMARY KEY,
    name text NOT NULL,
    redirect_uris text NOT NULL,
    registered_from text,
    created_at integer NOT NULL,
    fresh_until integer,
    used_at integer
) STRICT;

CREATE TABLE oauth_codes (
    secret_sha256 blob NOT NULL PRIMARY KEY,
    grant_id text NOT NULL,
    workspace text NOT NULL,
    member text NOT NULL,
    project text,
    scopes text NOT NULL,
    client_id text NOT NULL,
    client_name text NOT NULL,
    redirect_uri text NOT NULL,
    challenge text NOT NULL,
    resource text NOT NULL,
    expires_at integer NOT NULL,
    redeemed_at integer
) STRICT;

-- salt: with it and a refresh token, its successors are computed; a repeated refresh gets the same answer, and no token
-- is kept. newest: the generation of the newest tokens. expires_at: when the newest refresh token does.
CREATE TABLE oauth_grants (
    id text NOT NULL PRIMARY KEY,
    workspace text NOT NULL,
    member text NOT NULL,
    project text,
    scopes text NOT NULL,
    client_id text NOT NULL,
    client_name text NOT NULL,
    resource text NOT NULL,
    salt blob NOT NULL,
    newest integer NOT NULL,
    created_at integer NOT NULL,
    expires_at integer NOT NULL,
    last_used_at integer,
    last_client text,
    revoked_at integer
) STRICT;
CREATE INDEX oauth_grants_by_member ON oauth_grants (member);
CREATE INDEX oauth_grants_by_client ON oauth_grants (client_id);

CREATE TABLE oauth_tokens (
    secret_sha256 blob NOT NULL PRIMARY KEY,
    kind text NOT NULL,
    grant_id text NOT NULL,
    generation integer NOT NULL,
    scopes text NOT NULL,
    expires_at integer NOT NULL,
    rotated_at integer
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_tokens_by_grant ON oauth_tokens (grant_id);

-- Keys that the server made for itself, by what they are used for. Each is made once and never changes.
CREATE TABLE server_keys (
    name text NOT NULL PRIMARY KEY,
    key_bytes blob NOT NULL
) STRICT;
