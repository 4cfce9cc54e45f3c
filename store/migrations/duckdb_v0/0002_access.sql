-- Who acts: members (people), agents (AI principals), their roles in projects, invitations; what tokens act for and
-- where they are good; what was used of quotas; and more of the audit log. An actor is text: 'member 01J..' or
-- 'agent 01J..'.

-- An address is lower-case and names one member on this server. No password: invited, or may not sign in.
CREATE TABLE members (
    id text PRIMARY KEY,
    workspace text NOT NULL,
    email text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text,
    must_change_password boolean NOT NULL,
    admin boolean NOT NULL,
    created_at bigint NOT NULL,
    disabled_at bigint
);

CREATE TABLE agents (
    id text PRIMARY KEY,
    workspace text NOT NULL,
    name text NOT NULL,
    created_at bigint NOT NULL,
    disabled_at bigint
);

CREATE TABLE roles (
    project text NOT NULL,
    actor text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (project, actor)
);

CREATE TABLE invitations (
    id text PRIMARY KEY,
    workspace text NOT NULL,
    email text NOT NULL,
    admin boolean NOT NULL,
    roles text NOT NULL,
    token_sha256 bytea NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    used_at bigint
);

-- The member or agent that a token acts for; null: the token itself. The one project whose endpoint a token is good
-- for; null: the workspace's endpoint.
ALTER TABLE tokens ADD COLUMN actor text;
ALTER TABLE tokens ADD COLUMN bound_project text;

-- What was used in the newest window of a quota: 'calls a day' of a project, 'calls a minute' of a principal.
-- Written behind the counting in memory, once a second.
CREATE TABLE counters (
    id text PRIMARY KEY,
    window_no bigint NOT NULL,
    used bigint NOT NULL
);

ALTER TABLE audit_log RENAME COLUMN client TO client_name;
ALTER TABLE audit_log ADD COLUMN client_version text;
ALTER TABLE audit_log ADD COLUMN tool text;
ALTER TABLE audit_log ADD COLUMN workspace text;
