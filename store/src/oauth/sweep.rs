//! Deletes what has ended: codes, tokens, grants, sessions, sign-in attempts, and clients that nobody uses.

use playhead_schemas::EpochMs;

use crate::engine::values;
use crate::{Result, Store};

const DAY_MS: i64 = 86_400_000;
/// For how long a client is kept that no member authorized, after its registration.
const UNUSED_CLIENT_MS: i64 = DAY_MS;
/// For how long a client is kept after a member last authorized it. Longer than any refresh token works.
const USED_CLIENT_MS: i64 = 90 * DAY_MS;
/// For how long codes, tokens, sessions and sign-in attempts are kept after their end.
const OVER_MS: i64 = DAY_MS;
/// For how long a grant is kept after its end. What its tokens did is in the audit log.
const GRANT_MS: i64 = 30 * DAY_MS;

const CLIENTS: &str = "DELETE FROM oauth_clients WHERE coalesce(used_at, created_at) <
    CASE WHEN used_at IS NULL THEN $1::bigint ELSE $2::bigint END
    AND NOT EXISTS (SELECT 1 FROM oauth_grants g WHERE g.client_id = oauth_clients.id)";
const CODES: &str = "DELETE FROM oauth_codes WHERE expires_at < $1";
const TOKENS: &str = "DELETE FROM oauth_tokens WHERE expires_at < $1";
const GRANTS: &str = "DELETE FROM oauth_grants WHERE coalesce(revoked_at, expires_at) < $1";
const SESSIONS: &str = "DELETE FROM sessions WHERE coalesce(ended_at, expires_at) < $1";
const ATTEMPTS: &str = "DELETE FROM sign_in_attempts WHERE tried_at < $1";

/// How much went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Clients that nobody let in, or nobody used for long.
    pub clients: u64,
    /// Codes, tokens, grants, sessions and attempts to sign in that were over.
    pub others: u64,
}

impl Store {
    /// Removes what is over at `now`. To be called now and then; what is over is refused whether it was removed or not.
    pub async fn remove_ended(&self, now: EpochMs) -> Result<Swept> {
        // Also from memory: expired access tokens would stay there until something is revoked.
        self.shared().lookups.grants.forget();
        self.write(move |tx| {
            let over = now.plus_ms(-OVER_MS);
            let clients =
                tx.execute(CLIENTS, &values![now.plus_ms(-UNUSED_CLIENT_MS), now.plus_ms(-USED_CLIENT_MS)])?;
            let mut others = tx.execute(GRANTS, &values![now.plus_ms(-GRANT_MS)])?;
            for sql in [CODES, TOKENS, SESSIONS, ATTEMPTS] {
                others += tx.execute(sql, &values![over])?;
            }
            Ok(Swept { clients, others })
        })
        .await
    }
}
