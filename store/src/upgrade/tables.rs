//! The tables that are copied as they are: their columns in the order of the new catalog.

/// A table of the old file.
pub(super) struct Table {
    /// Its name, the same in both.
    pub(super) name: &'static str,
    /// Its rows from one row id to before another.
    pub(super) rows: &'static str,
    /// The row id after its last.
    pub(super) end: &'static str,
    /// How many rows it has.
    pub(super) count: &'static str,
}

macro_rules! tables {
    ($($name:literal: $columns:literal),+ $(,)?) => {
        &[$(Table {
            name: $name,
            rows: concat!("SELECT ", $columns, " FROM ", $name, " WHERE rowid >= $1 AND rowid < $2 ORDER BY rowid"),
            end: concat!("SELECT coalesce(max(rowid) + 1, 0) FROM ", $name),
            count: concat!("SELECT count(*) FROM ", $name),
        }),+]
    };
}

/// Every table but those of transcripts.
pub(super) const TABLES: &[Table] = tables! {
    "workspaces": "id, name, created_at",
    "projects": "id, workspace, slug, name, created_at, archived_at",
    "ingest_keys": "id, project, label, prefix, secret_sha256, allowed_origins, created_at, revoked_at",
    "tokens": "id, workspace, projects, scopes, label, prefix, secret_sha256, created_at, expires_at, last_used_at, last_client,
        revoked_at, actor, bound_project",
    "replays": "id, project, replay_key, full_key, state, created_at, last_segment_at, segments, raw_bytes, stored_bytes,
        transcript",
    "segments": "replay, n, stream, window_name, raw_bytes, stored_bytes, sha256, received_at, object, first_byte,
        CAST(NULL AS blob)",
    "bugs": "CAST(NULL AS bigint), id, project, client_key, title, description, status,
        CASE WHEN priority = 'urgent' THEN 'critical' ELSE priority END, tags, reporter, page, system_info, metadata,
        replay, failure_title, assignee, created_at, updated_at, screenshot_count, attachment_count, comment_count,
        cookie_count, 1, CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS text),
        CAST(NULL AS text), CAST(NULL AS text), '[]', 0",
    "bug_cookies": "bug, cookies",
    "comments": "id, bug, author, body, created_at, CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS text),
        CAST(NULL AS bigint), CAST(NULL AS bigint)",
    "screenshots": "id, project, bug, position, media_type, width, height, bytes, object, state",
    "renditions": "screenshot, kind, media_type, width, height, bytes, object",
    "attachments": "id, project, bug, position, file_name, media_type, bytes, object",
    "jobs": "id, kind, subject, project, state, attempts, due_at, worker, error, ended_at",
    "audit_log": "id, happened_at, principal, client_name, action, project, subject, code, duration_ms, client_version, tool,
        workspace",
    "members": "id, workspace, email, name, password_hash, must_change_password, admin, created_at, disabled_at",
    "agents": "id, workspace, name, created_at, disabled_at",
    "roles": "project, actor, role",
    "invitations": "id, workspace, email, admin, roles, token_sha256, created_at, expires_at, used_at",
    "counters": "id, window_no, used",
    "sessions": "id, member, secret_sha256, created_at, expires_at, ended_at",
    "sign_in_attempts": "id, subject, tried_at",
    "oauth_clients": "id, name, redirect_uris, registered_from, created_at, fresh_until, used_at",
    "oauth_codes": "secret_sha256, grant_id, workspace, member, project, scopes, client_id, client_name, redirect_uri, challenge,
        resource, expires_at, redeemed_at",
    "oauth_grants": "id, workspace, member, project, scopes, client_id, client_name, resource, salt, newest, created_at,
        expires_at, last_used_at, last_client, revoked_at",
    "oauth_tokens": "secret_sha256, kind, grant_id, generation, scopes, expires_at, rotated_at",
    "server_keys": "name, key_bytes",
};
