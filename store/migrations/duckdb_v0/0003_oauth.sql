-- Signed-in browsers, and OAuth: clients, codes, what members granted, and the tokens of a grant. Secrets are kept as
-- SHA-256 alone.

CREATE TABLE sessions (
    id text PRIMARY KEY,
    member text NOT NULL,
    secret_sha256 bytea NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint
);

-- Attempts to sign in that have not succeeded: one row for the address of the account, one for that of the network,
-- both with the attempt's id.
CREATE TABLE sign_in_attempts (
    id text NOT NULL,
    subject text NOT NULL,
    tried_at bigint NOT NULL
);

-- A client that registered has an id of this server; one that has a document has the document's URL, and is read anew
-- after fresh_until. used_at: when a member last let it in.
CREATE TABLE oauth_clients (
    id text PRIMARY KEY,
    name text NOT NULL,
    redirect_uris text NOT NULL,
    registered_from text,
    created_at bigint NOT NULL,
    fresh_until bigint,
    used_at bigint
);

CREATE TABLE oauth_codes (
    secret_sha256 bytea PRIMARY KEY,
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
    expires_at bigint NOT NULL,
    redeemed_at bigint
);

-- salt: with it and a refresh token, its successors are computed; a repeated refresh gets the same answer, and no token
-- is kept. newest: the generation of the newest tokens. expires_at: when the newest refresh token does.
CREATE TABLE oauth_grants (
    id text PRIMARY KEY,
    workspace text NOT NULL,
    member text NOT NULL,
    project text,
    scopes text NOT NULL,
    client_id text NOT NULL,
    client_name text NOT NULL,
    resource text NOT NULL,
    salt bytea NOT NULL,
    newest bigint NOT NULL,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    last_used_at bigint,
    last_client text,
    revoked_at bigint
);
CREATE INDEX oauth_grants_by_member ON oauth_grants (member);

CREATE TABLE oauth_tokens (
    secret_sha256 bytea PRIMARY KEY,
    kind text NOT NULL,
    grant_id text NOT NULL,
    generation bigint NOT NULL,
    scopes text NOT NULL,
    expires_at bigint NOT NULL,
    rotated_at bigint
);
CREATE INDEX oauth_tokens_by_grant ON oauth_tokens (grant_id);
