//! The values of `Host` that the MCP endpoints answer to: a page that had its name resolved to this server must not use
//! its visitor's network (DNS rebinding).
//!
//! The protocol library checks the same names again. This check comes first because its refusal says which setting is
//! missing.

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Uri};
use playhead_schemas::ErrorCode;

use crate::args::shortened;
use crate::config::QueryConfig;
use crate::error::ToolError;

/// The names that are answered to.
#[derive(Clone, Debug)]
pub(crate) struct AllowedHosts(Vec<Host>);

/// A name, and a port where only one is meant.
#[derive(Clone, Debug)]
struct Host {
    name: String,
    port: Option<u16>,
}

impl Host {
    fn of_authority(authority: &Authority) -> Self {
        Self { name: normalized(authority.host()), port: authority.port_u16() }
    }

    fn of_setting(text: &str) -> Self {
        let authority = text.trim().parse::<Authority>();
        authority.map_or_else(|_| Self { name: normalized(text.trim()), port: None }, |a| Self::of_authority(&a))
    }

    fn covers(&self, asked: &Self) -> bool {
        self.name == asked.name && (self.port.is_none() || self.port == asked.port)
    }
}

fn normalized(name: &str) -> String {
    name.trim_matches(['[', ']']).to_ascii_lowercase()
}

impl AllowedHosts {
    pub(crate) fn new(config: &QueryConfig) -> Self {
        Self(config.hosts().iter().map(|host| Host::of_setting(host)).collect())
    }

    /// Refuses a request for another host. One that names none, or none that can be read, is the protocol library's.
    pub(crate) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), ToolError> {
        let named = match headers.get(HOST) {
            Some(value) => value.to_str().ok().and_then(|text| text.parse().ok()),
            None => uri.authority().cloned(),
        };
        let Some(named) = named else { return Ok(()) };
        let asked = Host::of_authority(&named);
        if self.0.iter().any(|allowed| allowed.covers(&asked)) {
            return Ok(());
        }
        let named = shortened(named.as_str());
        tracing::warn!(
            host = named,
            "refused at an MCP endpoint: neither the public URL nor allowed_hosts has the host"
        );
        Err(ToolError::new(
            ErrorCode::Forbidden,
            format!("This server does not answer to the host {named}."),
            "Start it with --public-url and the address that clients use, or add the host to the setting allowed_hosts.",
        ))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_ports_where_one_is_set() {
        let config = QueryConfig {
            public_url: "https://Play.example".to_owned(),
            allowed_hosts: vec!["inner:4600".to_owned(), "[2001:db8::1]:80".to_owned()],
            ..QueryConfig::default()
        };
        let hosts = AllowedHosts::new(&config);
        let check = |host: &'static str| {
            let headers = HeaderMap::from_iter([(HOST, http::HeaderValue::from_static(host))]);
            hosts.check(&Uri::from_static("/mcp"), &headers)
        };
        for host in ["play.example", "PLAY.example:443", "localhost:1", "127.0.0.1", "[::1]:4600", "inner:4600"] {
            assert_eq!(check(host), Ok(()), "{host}");
        }
        assert_eq!(check("[2001:db8::1]:80"), Ok(()));
        for host in
            ["evil.example", "play.example.evil.com", "inner", "inner:80", "[2001:db8::1]", "localhost.evil.com"]
        {
            let error = check(host).unwrap_err();
            assert!(error.message.contains(host) && error.action.contains("--public-url"), "{error}");
        }
        assert_eq!(hosts.check(&Uri::from_static("/mcp"), &HeaderMap::new()), Ok(()), "left to the library");
        assert!(hosts.check(&Uri::from_static("http://evil.example/mcp"), &HeaderMap::new()).is_err());
    }
}
