-- Keys that the server made for itself, by what they are used for. Each is made once and never changes.
CREATE TABLE server_keys (
    name text PRIMARY KEY,
    key_bytes bytea NOT NULL
);
