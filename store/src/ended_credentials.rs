//! Deletes credentials that ended some time ago: codes, tokens, grants, sessions, sign-in attempts, and OAuth clients
//! that nobody uses. For how long each is kept after its end stands here.

use playhead_schemas::EpochMs;

use crate::engine::values;
use crate::{Result, Store};

const DAY_MS: i64 = 86_400_000;
/// For how long a client is kept that no member authorized, after its registration.
const KEEP_UNUSED_CLIENT_MS: i64 = DAY_MS;
/// For how long a client is kept after a member last authorized it. Longer than any refresh token works.
const KEEP_USED_CLIENT_MS: i64 = 90 * DAY_MS;
/// For how long codes, tokens, sessions and sign-in attempts are kept after their end.
const KEEP_ENDED_MS: i64 = DAY_MS;
/// For how long a grant is kept after its end. What its tokens did is in the audit log.
const KEEP_GRANT_MS: i64 = 30 * DAY_MS;

const CLIENTS: &str = "DELETE FROM oauth_clients WHERE coalesce(used_at, created_at) <
    CASE WHEN used_at IS NULL THEN $1::bigint ELSE $2::bigint END
    AND NOT EXISTS (SELECT 1 FROM oauth_grants g WHERE g.client_id = oauth_clients.id)";
const CODES: &str = "DELETE FROM oauth_codes WHERE expires_at < $1";
const TOKENS: &str = "DELETE FROM oauth_tokens WHERE expires_at < $1";
const GRANTS: &str = "DELETE FROM oauth_grants WHERE coalesce(revoked_at, expires_at) < $1";
const SESSIONS: &str = "DELETE FROM sessions WHERE coalesce(ended_at, expires_at) < $1";
const ATTEMPTS: &str = "DELETE FROM sign_in_attempts WHERE tried_at < $1";

/// How many rows were deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedCredentials {
    /// OAuth clients that nobody authorized, or that nobody used for long.
    pub clients: u64,
    /// Codes, tokens, grants, sessions and sign-in attempts.
    pub others: u64,
}

impl Store {
    /// Deletes credentials that ended long enough before `now`. To be called periodically; what has ended is refused
    /// whether it was deleted or not.
    pub async fn delete_ended_credentials(&self, now: EpochMs) -> Result<DeletedCredentials> {
        // Also from memory: expired access tokens would stay there until something is revoked.
        self.shared().lookups.grants.clear();
        self.write(move |tx| {
            let ended_before = now.plus_ms(-KEEP_ENDED_MS);
            let clients =
                tx.execute(CLIENTS, &values![now.plus_ms(-KEEP_UNUSED_CLIENT_MS), now.plus_ms(-KEEP_USED_CLIENT_MS)])?;
            let mut others = tx.execute(GRANTS, &values![now.plus_ms(-KEEP_GRANT_MS)])?;
            for sql in [CODES, TOKENS, SESSIONS, ATTEMPTS] {
                others += tx.execute(sql, &values![ended_before])?;
            }
            Ok(DeletedCredentials { clients, others })
        })
        .await
    }
}
