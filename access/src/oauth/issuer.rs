//! The one name of this server, from its configuration. Every URL that it gives out begins with it.

use std::fmt;

use url::Url;

/// The public URL without a slash at its end: the issuer of tokens, exactly as clients compare it.
///
/// It never comes from a request: a forged `Host` must not change an audience.
#[derive(Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    origin: String,
    is_secure: bool,
    is_loopback: bool,
}

/// Why a public URL can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the public URL must be http:// or https:// with a host, and without user, query and fragment")]
pub struct IssuerError;

impl Issuer {
    /// Reads a public URL such as `https://playhead.example.com`.
    ///
    /// # Errors
    /// When it is no URL of that form.
    pub fn parse(public_url: &str) -> Result<Self, IssuerError> {
        let url = Url::parse(public_url).map_err(|_| IssuerError)?;
        let plain = url.username().is_empty() && url.password().is_none();
        let bare = url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() || !plain || !bare {
            return Err(IssuerError);
        }
        Ok(Self {
            text: url.as_str().trim_end_matches('/').to_owned(),
            origin: url.origin().ascii_serialization(),
            is_secure: url.scheme() == "https",
            is_loopback: url.host_str().is_some_and(super::redirect::is_loopback_host),
        })
    }

    /// The issuer, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// A URL under the issuer; `path` begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.text)
    }

    /// Scheme, host and port, as a browser writes them in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// True for https.
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// True when the host is this machine.
    pub fn is_loopback(&self) -> bool {
        self.is_loopback
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issuer({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_issuer_has_no_slash_at_its_end() {
        for (text, want, origin) in [
            ("https://a.example", "https://a.example", "https://a.example"),
            ("https://A.example:443/", "https://a.example", "https://a.example"),
            ("http://127.0.0.1:4600", "http://127.0.0.1:4600", "http://127.0.0.1:4600"),
            ("https://a.example/play/", "https://a.example/play", "https://a.example"),
        ] {
            let issuer = Issuer::parse(text).unwrap();
            assert_eq!((issuer.as_str(), issuer.origin()), (want, origin));
        }
        assert!(Issuer::parse("http://127.0.0.1:4600").unwrap().is_loopback());
        assert!(!Issuer::parse("https://127.0.0.1.example").unwrap().is_loopback());
    }

    #[test]
    fn what_is_no_public_url_is_refused() {
        for bad in ["", "a.example", "ftp://a.example", "https://u@a.example", "https://a.example/?x", "https://a/#x"] {
            assert_eq!(Issuer::parse(bad), Err(IssuerError), "{bad}");
        }
    }
}
