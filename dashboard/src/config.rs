//! Settings of this crate.

use playhead_access::oauth::{
    ACCESS_TOKEN_LIFETIME_MS, AUTHORIZATION_CODE_LIFETIME_MS, REFRESH_GRACE_MS, REFRESH_TOKEN_LIFETIME_MS,
};
use playhead_schemas::limits::AUTH_FAILURES_PER_MINUTE;
use playhead_store::{ClientLimits, SignInLimits, TokenLifetimes};

/// How pages and OAuth are served. Every limit has a default and none can be switched off.
#[derive(Clone, Debug)]
pub struct DashboardConfig {
    /// Where browsers and clients reach the server, such as `https://playhead.example.com`: the issuer of tokens.
    pub public_url: String,
    /// Reverse proxies in front of the server, each of which appends to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// Requests a minute from one address that may fail to authenticate; all surfaces of a server count together.
    pub auth_failures_per_minute: u32,
    /// How long a browser stays signed in, in milliseconds.
    pub session_ms: i64,
    /// Passwords that may be tried.
    pub sign_in: SignInLimits,
    /// Clients that may register.
    pub clients: ClientLimits,
    /// How long tokens work.
    pub lifetimes: TokenLifetimes,
    /// How long after its exchange a refresh token gives the same answer again, in milliseconds.
    pub refresh_grace_ms: u64,
    /// How long an authorization code works, in milliseconds.
    pub code_ms: i64,
    /// Passwords that are hashed at the same time, each with the memory that argon2 takes.
    pub passwords_at_once: usize,
}

impl Default for DashboardConfig {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:4600".to_owned(),
            trusted_proxies: 0,
            auth_failures_per_minute: AUTH_FAILURES_PER_MINUTE,
            session_ms: 7 * 86_400_000,
            sign_in: SignInLimits { per_account: 10, per_address: 50, window_ms: 15 * 60_000 },
            clients: ClientLimits { per_address_hour: 30, unused_max: 1000 },
            lifetimes: TokenLifetimes { access_ms: ACCESS_TOKEN_LIFETIME_MS, refresh_ms: REFRESH_TOKEN_LIFETIME_MS },
            refresh_grace_ms: REFRESH_GRACE_MS,
            code_ms: AUTHORIZATION_CODE_LIFETIME_MS,
            passwords_at_once: 2,
        }
    }
}
