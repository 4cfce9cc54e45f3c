//! Settings of this crate.

use playhead_access::oauth::{
    ACCESS_TOKEN_LIFETIME_MS, AUTHORIZATION_CODE_LIFETIME_MS, REFRESH_GRACE_MS, REFRESH_TOKEN_LIFETIME_MS,
};
use playhead_schemas::clock::Clock;
use playhead_schemas::limits::AUTH_FAILURES_PER_MINUTE;
use playhead_store::{ClientLimits, TokenLifetimes};

/// How the authorization server works. Every limit has a default and none can be switched off.
#[derive(Clone, Debug)]
pub struct OAuthConfig {
    /// Where browsers and clients reach the server, such as `https://playhead.example.com`: the issuer of tokens.
    pub public_url: String,
    /// Reverse proxies in front of the server, each of which appends to `X-Forwarded-For`.
    pub trusted_proxies: usize,
    /// Requests a minute from one address that may fail to authenticate; all surfaces of a server count together.
    pub auth_failures_per_minute: u32,
    /// Clients that may register.
    pub clients: ClientLimits,
    /// How long tokens work.
    pub lifetimes: TokenLifetimes,
    /// How long after its exchange a refresh token gives the same answer again, in milliseconds.
    pub refresh_grace_ms: u64,
    /// How long an authorization code works, in milliseconds.
    pub code_ms: i64,
    /// What time it is.
    pub clock: Clock,
}

impl Default for OAuthConfig {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:4600".to_owned(),
            trusted_proxies: 0,
            auth_failures_per_minute: AUTH_FAILURES_PER_MINUTE,
            clients: ClientLimits { per_address_hour: 30, unused_max: 1000 },
            lifetimes: TokenLifetimes { access_ms: ACCESS_TOKEN_LIFETIME_MS, refresh_ms: REFRESH_TOKEN_LIFETIME_MS },
            refresh_grace_ms: REFRESH_GRACE_MS,
            code_ms: AUTHORIZATION_CODE_LIFETIME_MS,
            clock: Clock::system(),
        }
    }
}
