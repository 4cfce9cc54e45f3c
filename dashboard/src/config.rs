//! Settings of this crate.

use playhead_schemas::clock::Clock;
use playhead_store::SignInLimits;

/// How pages are served. Every limit has a default and none can be switched off.
#[derive(Clone, Debug)]
pub struct DashboardConfig {
    /// Reverse proxies in front of the server, each of which appends to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// How long a browser stays signed in, in milliseconds.
    pub session_ms: i64,
    /// Passwords that may be tried.
    pub sign_in: SignInLimits,
    /// Passwords that are hashed at the same time, each with the memory that argon2 takes.
    pub passwords_at_once: usize,
    /// What time it is.
    pub clock: Clock,
}

impl Default for DashboardConfig {
    fn default() -> Self {
        Self {
            trusted_proxies: 0,
            session_ms: 7 * 86_400_000,
            sign_in: SignInLimits { per_account: 10, per_address: 50, window_ms: 15 * 60_000 },
            passwords_at_once: 2,
            clock: Clock::system(),
        }
    }
}
