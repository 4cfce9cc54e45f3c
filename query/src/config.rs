//! Settings of this crate.

use playhead_access::Plan;
use playhead_schemas::clock::Clock;
use playhead_schemas::{Scope, limits};
use serde::{Deserialize, Serialize};
use url::Url;

/// The least that the setting can be, in tokens: every list fits one row into it.
const RESULT_TOKENS_MIN: u32 = 4_000;

/// How the tools are served. Every limit has a default and none can be switched off.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueryConfig {
    /// Where clients reach the server, such as `https://playhead.example.com`. Its host and origin are allowed.
    pub public_url: String,
    /// Further values of `Host` that `/mcp` answers to, with or without port. Loopback names always are.
    pub allowed_hosts: Vec<String>,
    /// Further browser origins that may call `/mcp`, such as `https://app.example.com:443`.
    /// A request without `Origin` is not from a browser and passes.
    pub allowed_origins: Vec<String>,
    /// One result, in tokens, unless the caller asks for another size. 4,000 to [`limits::RESULT_TOKENS_MAX`].
    pub result_tokens_default: u32,
    /// One request body, in bytes.
    pub body_bytes_max: usize,
    /// One call, in milliseconds; after that it is answered `INTERNAL`.
    pub call_ms_max: u64,
    /// Calls of tools a UTC day in one project; counted apart, in a workspace for calls that name no project.
    pub calls_per_day: u64,
    /// Calls of tools a minute by one principal.
    pub calls_per_minute: u64,
    /// Scopes that are switched off on this server, even for tokens that have them.
    pub scopes_off: Vec<Scope>,
    /// Reverse proxies in front of the server, each of which appends to `X-Forwarded-For`; 0 believes none.
    pub trusted_proxies: usize,
    /// Requests a minute from one address that may fail to authenticate; all surfaces of a server count together.
    pub auth_failures_per_minute: u32,
    /// What time it is: for expiry, quotas and the audit log.
    #[serde(skip)]
    pub clock: Clock,
}

impl Default for QueryConfig {
    fn default() -> Self {
        Self {
            public_url: "http://127.0.0.1:4600".to_owned(),
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            result_tokens_default: limits::RESULT_TOKENS_DEFAULT,
            body_bytes_max: 1 << 20,
            call_ms_max: 30_000,
            calls_per_day: Plan::default().calls_per_day,
            calls_per_minute: Plan::default().calls_per_minute,
            scopes_off: Vec::new(),
            trusted_proxies: 0,
            auth_failures_per_minute: limits::AUTH_FAILURES_PER_MINUTE,
            clock: Clock::system(),
        }
    }
}

impl QueryConfig {
    /// The hosts that `/mcp` answers to: loopback names, the public URL's, and the settings'.
    pub(crate) fn hosts(&self) -> Vec<String> {
        let mut hosts: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
        if let Some(url) = self.public_url() {
            hosts.extend(url.host_str().map(|host| host.trim_matches(['[', ']']).to_owned()));
        }
        hosts.extend(self.allowed_hosts.iter().cloned());
        hosts
    }

    /// The browser origins that may call `/mcp`: the public URL's and the settings', each with its port.
    pub(crate) fn origins(&self) -> Vec<String> {
        let own = self.public_url().as_ref().and_then(origin_with_port);
        own.into_iter().chain(self.allowed_origins.iter().map(|origin| with_port(origin))).collect()
    }

    /// Tokens of a result whose caller asked for none.
    pub(crate) fn result_tokens(&self) -> u32 {
        self.result_tokens_default.clamp(RESULT_TOKENS_MIN, limits::RESULT_TOKENS_MAX)
    }

    /// What the server gives.
    pub fn plan(&self) -> Plan {
        Plan {
            calls_per_day: self.calls_per_day,
            calls_per_minute: self.calls_per_minute,
            scopes_off: self.scopes_off.clone(),
        }
    }

    fn public_url(&self) -> Option<Url> {
        let url = Url::parse(&self.public_url);
        if url.is_err() {
            tracing::error!(public_url = %self.public_url, "the public URL is not a URL; only loopback names will be answered");
        }
        url.ok()
    }
}

fn with_port(origin: &str) -> String {
    if origin.ends_with(":*") {
        return origin.to_owned();
    }
    Url::parse(origin).ok().as_ref().and_then(origin_with_port).unwrap_or_else(|| origin.to_owned())
}

fn origin_with_port(url: &Url) -> Option<String> {
    Some(format!("{}://{}:{}", url.scheme(), url.host_str()?, url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_origins_come_from_the_public_url_and_the_settings() {
        let config = QueryConfig {
            public_url: "https://playhead.example.com".to_owned(),
            allowed_hosts: vec!["inner:4600".to_owned()],
            allowed_origins: vec!["http://app.example.com".to_owned(), "http://localhost:*".to_owned()],
            ..QueryConfig::default()
        };
        assert_eq!(config.hosts(), ["localhost", "127.0.0.1", "::1", "playhead.example.com", "inner:4600"]);
        assert_eq!(
            config.origins(),
            ["https://playhead.example.com:443", "http://app.example.com:80", "http://localhost:*"]
        );
    }

    #[test]
    fn a_broken_public_url_opens_nothing() {
        let config = QueryConfig { public_url: "playhead".to_owned(), ..QueryConfig::default() };
        assert_eq!(config.hosts().len(), 3);
        assert!(config.origins().is_empty());
    }
}
