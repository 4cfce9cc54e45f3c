-- What SDKs of other products sent, by the names that they gave it, so that the same again is known and gets the same
-- number. full_key is project and replay_key in one, as in replays.

CREATE TABLE sdk_segments (
    full_key text NOT NULL,
    identity text NOT NULL,
    n integer NOT NULL,
    page_started_at integer,
    seen_at integer NOT NULL,
    PRIMARY KEY (full_key, identity),
    UNIQUE (full_key, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX sdk_segments_by_age ON sdk_segments (seen_at);

-- full_id is project and the SDK's id of an event in one; bug is the bug that the event became or joined.
CREATE TABLE sdk_events (
    full_id text NOT NULL PRIMARY KEY,
    bug text NOT NULL,
    seen_at integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sdk_events_by_age ON sdk_events (seen_at);

-- crumbs_until is the time of the newest breadcrumb of a replay that was stored: every event carries the last 100 again.
CREATE TABLE sdk_replays (
    full_key text NOT NULL PRIMARY KEY,
    crumbs_until integer NOT NULL,
    seen_at integer NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sdk_replays_by_age ON sdk_replays (seen_at);
