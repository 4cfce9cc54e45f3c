-- What people and agents do with bugs: fields that change under a version, what was done by whom, answers of requests
-- that may be repeated.

-- assignee holds a member or an agent ("member 01J.."), answered_by the member who answers for the agent. release is the
-- one that the bug was seen in, fixed_in the one that fixes it. signals is a JSON array of the patterns in the replay.
ALTER TABLE bugs ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE bugs ADD COLUMN answered_by text;
ALTER TABLE bugs ADD COLUMN milestone text;
ALTER TABLE bugs ADD COLUMN fixed_in text;
ALTER TABLE bugs ADD COLUMN duplicate_of text;
ALTER TABLE bugs ADD COLUMN release text;
ALTER TABLE bugs ADD COLUMN browser text;
ALTER TABLE bugs ADD COLUMN signals text NOT NULL DEFAULT '[]';
ALTER TABLE bugs ADD COLUMN has_error integer NOT NULL DEFAULT 0;
UPDATE bugs SET release = substr(CAST(coalesce(json_extract(metadata, '$.release'), json_extract(metadata, '$.app_version'), json_extract(metadata, '$.version')) AS text), 1, 200),
    browser = substr(CAST(json_extract(system_info, '$.browser') AS text), 1, 200);
UPDATE bugs SET priority = 'critical' WHERE priority = 'urgent';
UPDATE bug_tags SET priority = 'critical' WHERE priority = 'urgent';
CREATE INDEX bugs_by_update ON bugs (project, updated_at, id);
CREATE INDEX bugs_by_original ON bugs (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- The same facts of a replay, for bugs that come after its transcript.
ALTER TABLE transcripts ADD COLUMN signals text NOT NULL DEFAULT '[]';
ALTER TABLE transcripts ADD COLUMN has_error integer NOT NULL DEFAULT 0;

-- author_id is the member, the agent or the credential ("member 01J..", "token 01J.."); author is its name at that time.
ALTER TABLE comments ADD COLUMN author_id text;
ALTER TABLE comments ADD COLUMN client text;
ALTER TABLE comments ADD COLUMN reply_to text;
ALTER TABLE comments ADD COLUMN edited_at integer;
ALTER TABLE comments ADD COLUMN deleted_at integer;

-- version is that of the bug afterwards. changes is a JSON array of fields with what they were and what they became.
CREATE TABLE bug_activity (
    id text NOT NULL PRIMARY KEY,
    bug text NOT NULL,
    kind text NOT NULL,
    happened_at integer NOT NULL,
    author_id text,
    author text NOT NULL,
    client text,
    version integer NOT NULL,
    changes text NOT NULL,
    comment text,
    rationale text
) STRICT;
CREATE INDEX bug_activity_by_bug ON bug_activity (bug, id);

-- full_key is who asked, for what, and the key that was given. subject is what the first request made.
CREATE TABLE idempotency_keys (
    full_key text NOT NULL PRIMARY KEY,
    request_sha256 blob NOT NULL,
    subject text NOT NULL,
    made_at integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (made_at);
