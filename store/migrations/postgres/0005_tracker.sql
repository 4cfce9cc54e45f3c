-- What people and agents do with bugs: fields that change under a version, what was done by whom, answers of requests
-- that may be repeated.

-- assignee holds a member or an agent ("member 01J.."), answered_by the member who answers for the agent. release is the
-- one that the bug was seen in, fixed_in the one that fixes it. signals is a JSON array of the patterns in the replay.
ALTER TABLE bugs ADD COLUMN version bigint NOT NULL DEFAULT 1;
ALTER TABLE bugs ADD COLUMN answered_by text COLLATE "C";
ALTER TABLE bugs ADD COLUMN milestone text COLLATE "C";
ALTER TABLE bugs ADD COLUMN fixed_in text COLLATE "C";
ALTER TABLE bugs ADD COLUMN duplicate_of text COLLATE "C";
ALTER TABLE bugs ADD COLUMN release text COLLATE "C";
ALTER TABLE bugs ADD COLUMN browser text COLLATE "C";
ALTER TABLE bugs ADD COLUMN signals text COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE bugs ADD COLUMN has_error boolean NOT NULL DEFAULT false;
UPDATE bugs SET release = CASE WHEN strpos(metadata, '\u0000') = 0 THEN left(coalesce(metadata::json ->> 'release', metadata::json ->> 'app_version', metadata::json ->> 'version'), 200) END,
    browser = CASE WHEN strpos(system_info, '\u0000') = 0 THEN left(system_info::json ->> 'browser', 200) END;
UPDATE bugs SET priority = 'critical' WHERE priority = 'urgent';
UPDATE bug_tags SET priority = 'critical' WHERE priority = 'urgent';
CREATE INDEX bugs_by_update ON bugs (project, updated_at, id);
CREATE INDEX bugs_by_original ON bugs (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- The same facts of a replay, for bugs that come after its transcript.
ALTER TABLE transcripts ADD COLUMN signals text COLLATE "C" NOT NULL DEFAULT '[]';
ALTER TABLE transcripts ADD COLUMN has_error boolean NOT NULL DEFAULT false;

-- author_id is the member, the agent or the credential ("member 01J..", "token 01J.."); author is its name at that time.
ALTER TABLE comments ADD COLUMN author_id text COLLATE "C";
ALTER TABLE comments ADD COLUMN client text COLLATE "C";
ALTER TABLE comments ADD COLUMN reply_to text COLLATE "C";
ALTER TABLE comments ADD COLUMN edited_at bigint;
ALTER TABLE comments ADD COLUMN deleted_at bigint;

-- version is that of the bug afterwards. changes is a JSON array of fields with what they were and what they became.
CREATE TABLE bug_activity (
    id text COLLATE "C" NOT NULL PRIMARY KEY,
    bug text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    happened_at bigint NOT NULL,
    author_id text COLLATE "C",
    author text COLLATE "C" NOT NULL,
    client text COLLATE "C",
    version bigint NOT NULL,
    changes text COLLATE "C" NOT NULL,
    comment text COLLATE "C",
    rationale text COLLATE "C"
);
CREATE INDEX bug_activity_by_bug ON bug_activity (bug, id);

-- full_key is who asked, for what, and the key that was given. subject is what the first request made.
CREATE TABLE idempotency_keys (
    full_key text COLLATE "C" NOT NULL PRIMARY KEY,
    request_sha256 bytea NOT NULL,
    subject text COLLATE "C" NOT NULL,
    made_at bigint NOT NULL
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (made_at);
