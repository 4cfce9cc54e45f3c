//! Redirect URIs: which may be registered, and which of a client's a request may use.

use std::net::Ipv6Addr;

use url::{Host, Url};

/// A redirect URI that may be used. Kept exactly as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectUri {
    text: String,
    url: Url,
}

/// The length of one URI, in bytes.
const BYTES_MAX: usize = 2000;

/// Schemes that a browser interprets itself, that reach files or other machines, or that systems hand to programs which
/// take arguments from them: never a client's own.
const FORBIDDEN_SCHEMES: [&str; 35] = [
    "about",
    "afp",
    "blob",
    "callto",
    "chrome",
    "chrome-extension",
    "cifs",
    "content",
    "data",
    "dav",
    "file",
    "filesystem",
    "ftp",
    "help",
    "intent",
    "jar",
    "javascript",
    "ldap",
    "mailto",
    "nfs",
    "res",
    "resource",
    "sftp",
    "shell",
    "smb",
    "sms",
    "ssh",
    "tel",
    "telnet",
    "vbscript",
    "view-source",
    "vnc",
    "webcal",
    "ws",
    "wss",
];

/// Beginnings of schemes that Windows hands to its own programs, such as `ms-msdt:` and `search-ms:`.
const FORBIDDEN_PREFIXES: [&str; 4] = ["ms-", "search", "microsoft-", "windows"];

impl RedirectUri {
    /// Reads a redirect URI: `https`, `http` to this machine, or an application's own scheme such as `cursor:`.
    ///
    /// # Errors
    /// In plain words, when it has a user, a fragment, a character that no URI has, or a scheme that is not allowed.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > BYTES_MAX {
            return Err("a redirect URI has at most 2,000 bytes");
        }
        // The parser repairs these in silence; what is compared must be what is used.
        if !text.bytes().all(|b| (0x21..0x7f).contains(&b)) || text.contains(['\\', '"', '<', '>', '*', '^', '`']) {
            return Err("a redirect URI has no spaces, controls, wildcards, quotes or backslashes");
        }
        let url = Url::parse(text).map_err(|_| "a redirect URI is an absolute URI")?;
        if url.fragment().is_some() {
            return Err("a redirect URI has no fragment");
        }
        // The parser takes `https:a.example` and `https:///a.example` for the same URL; a careful client never writes them.
        let rest = &text[url.scheme().len() + 1..];
        let scheme = url.scheme();
        if rest
            .strip_prefix("//")
            .is_some_and(|rest| rest.split(['/', '?']).next().is_some_and(|host| host.contains(';')))
        {
            return Err("a redirect URI has no ; in its host");
        }
        match scheme {
            "https" | "http" => {
                if !rest.starts_with("//") || rest.starts_with("///") {
                    return Err("a redirect URI has // and a host after its scheme");
                }
                let authority = rest[2..].split(['/', '?']).next().unwrap_or_default();
                if authority.contains('@') {
                    return Err("a redirect URI has no user before its host");
                }
                if scheme == "http" && !url.host_str().is_some_and(is_loopback_host) {
                    return Err("a redirect URI over http must be on 127.0.0.1, [::1] or localhost");
                }
            }
            _ if FORBIDDEN_SCHEMES.contains(&scheme)
                || FORBIDDEN_PREFIXES.iter().any(|begin| scheme.starts_with(begin)) =>
            {
                return Err("a redirect URI can't have this scheme");
            }
            _ if !url.username().is_empty() || url.password().is_some() => {
                return Err("a redirect URI has no user before its host");
            }
            _ => {}
        }
        Ok(Self { text: text.to_owned(), url })
    }

    /// True when a request may use `asked` because this one is registered: the same text, or on this machine the same
    /// except for the port (RFC 8252, 7.3), which a native client chooses each time.
    pub fn allows(&self, asked: &Self) -> bool {
        self.text == asked.text || (self.is_loopback() && asked.is_loopback() && self.portless() == asked.portless())
    }

    /// The URI as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Who gets the code, for a person to read: the host, or the scheme of an application.
    pub fn recipient(&self) -> String {
        match self.url.host_str() {
            Some(host) if matches!(self.url.scheme(), "http" | "https") => match self.url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            },
            _ => format!("{}:", self.url.scheme()),
        }
    }

    /// True when the code stays on the member's machine, for a program that listens there.
    pub fn is_loopback(&self) -> bool {
        self.url.scheme() == "http" && self.url.host_str().is_some_and(is_loopback_host)
    }

    /// What a Content-Security-Policy calls the target: `https://a.example`, or the scheme where a policy has no
    /// name for the host (IPv6 addresses, applications).
    pub fn csp_source(&self) -> String {
        match (self.url.scheme(), self.url.host()) {
            ("http" | "https", Some(Host::Domain(_) | Host::Ipv4(_))) => self.url.origin().ascii_serialization(),
            (scheme, _) => format!("{scheme}:"),
        }
    }

    /// The URI with `pairs` added to its query.
    pub fn with_query(&self, pairs: &[(&str, &str)]) -> String {
        let mut url = self.url.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        url.into()
    }

    fn portless(&self) -> (Option<&str>, &str, Option<&str>) {
        (self.url.host_str(), self.url.path(), self.url.query())
    }
}

/// The three names of this machine that RFC 8252 and real clients use. Other addresses of 127.0.0.0/8 are not.
pub(super) fn is_loopback_host(host: &str) -> bool {
    let v6 = || host.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok();
    matches!(host, "127.0.0.1" | "localhost") || v6() == Some(Ipv6Addr::LOCALHOST)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn real_clients_uris_are_taken() {
        for (good, recipient) in [
            ("https://claude.ai/api/mcp/auth_callback", "claude.ai"),
            ("https://vscode.dev/redirect", "vscode.dev"),
            ("http://127.0.0.1:33418", "127.0.0.1:33418"),
            ("http://127.0.0.1:33418/", "127.0.0.1:33418"),
            ("http://localhost/callback", "localhost"),
            ("http://[::1]:9/cb", "[::1]:9"),
            ("cursor://anysphere.cursor-mcp/oauth/callback", "cursor:"),
            ("com.example.app:/oauth", "com.example.app:"),
            ("https://chatgpt.com/connector_platform_oauth_redirect?x=1", "chatgpt.com"),
        ] {
            assert_eq!(RedirectUri::parse(good).unwrap().recipient(), recipient);
        }
    }

    #[test]
    fn what_could_go_elsewhere_is_refused() {
        let long = format!("https://a.example/{}", "x".repeat(2000));
        for bad in [
            "",
            "/callback",
            "a.example",
            "https://",
            "https:a.example",
            "https:///a.example",
            "https://a.example/#x",
            "https://a.example/cb#",
            "https://user@evil.example/",
            "https://@evil.example/",
            "https://a.example\\@evil.example/",
            "https://*.example/",
            "https://a.example/a b",
            "https://a.example/\n",
            "\thttps://a.example/",
            "https://a.example/\u{202e}",
            "http://a.example/",
            "http://127.0.0.1.evil.com/cb",
            "http://localhost.evil.com/",
            "http://127.0.0.2/",
            "http://0.0.0.0/",
            "javascript:alert(1)",
            "JavaScript://a/%0aalert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "vbscript:x",
            "intent://x",
            "ms-msdt:/id",
            "search-ms:query=x",
            "smb://host/share",
            "https://a.example;evil.example/",
            "app://a;b/cb",
            &long,
        ] {
            assert!(RedirectUri::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_port_of_this_machine_may_differ() {
        for (registered, asked, want) in [
            ("https://a.example/cb", "https://a.example/cb", true),
            ("https://a.example/cb", "https://a.example/cb/", false),
            ("https://a.example/cb", "https://a.example/cb?x=1", false),
            ("https://a.example/cb", "https://a.example/cb/../evil", false),
            ("https://a.example/cb", "https://a.example:8443/cb", false),
            ("https://a.example/cb", "https://a.example.evil.com/cb", false),
            ("https://a.example/cb", "HTTPS://A.example/cb", false),
            ("http://localhost/callback", "http://localhost:52143/callback", true),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2/", true),
            ("http://[::1]/cb", "http://[::1]:7/cb", true),
            ("http://127.0.0.1/cb", "http://localhost:7/cb", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:7/other", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:7/cb?x=1", false),
            ("http://127.0.0.1/cb", "https://127.0.0.1:7/cb", false),
            ("cursor://a/cb", "cursor://a:1/cb", false),
        ] {
            let (registered, asked) = (RedirectUri::parse(registered).unwrap(), RedirectUri::parse(asked).unwrap());
            assert_eq!(registered.allows(&asked), want, "{registered:?} {asked:?}");
        }
    }

    #[test]
    fn answers_are_added_to_the_query() {
        let with = |uri: &str| RedirectUri::parse(uri).unwrap().with_query(&[("code", "a b"), ("state", "&")]);
        assert_eq!(with("http://127.0.0.1:1/cb"), "http://127.0.0.1:1/cb?code=a+b&state=%26");
        assert_eq!(with("https://a.example/cb?x=1"), "https://a.example/cb?x=1&code=a+b&state=%26");
        assert_eq!(with("cursor://a/cb"), "cursor://a/cb?code=a+b&state=%26");
    }

    #[test]
    fn a_policy_names_the_target() {
        for (uri, want) in [
            ("https://a.example/cb", "https://a.example"),
            ("http://127.0.0.1:8/cb", "http://127.0.0.1:8"),
            ("http://[::1]:8/cb", "http:"),
            ("cursor://a/cb", "cursor:"),
        ] {
            assert_eq!(RedirectUri::parse(uri).unwrap().csp_source(), want);
        }
    }
}
