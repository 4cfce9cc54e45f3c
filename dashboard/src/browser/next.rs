//! Where to go after signing in: a page of this server, never elsewhere.

use playhead_web::Params;
use url::form_urlencoded;

/// A path of this server with its query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Next(String);

/// An authorization request in a query is the longest.
const BYTES_MAX: usize = 8 << 10;

impl Next {
    /// The account page.
    pub(crate) fn account() -> Self {
        Self("/account".to_owned())
    }

    /// Reads the field `next`; anything but a page that sign-in leads to is the account page.
    pub(crate) fn parse(text: &str) -> Self {
        let path = text.split('?').next().unwrap_or_default();
        let known = path == "/authorize" || path == "/account" || path.starts_with("/account/");
        let plain =
            text.bytes().all(|b| (0x21..0x7f).contains(&b)) && !path.contains(['\\', '%']) && !path.contains("..");
        if known && plain && text.len() <= BYTES_MAX { Self(text.to_owned()) } else { Self::account() }
    }

    /// The field `next` of a query string.
    pub(crate) fn of_query(query: Option<&str>) -> Self {
        let params = Params::parse(query.unwrap_or_default().as_bytes()).unwrap_or_default();
        Self::parse(params.field("next"))
    }

    /// The authorization request of a query.
    pub(crate) fn authorize(query: &str) -> Self {
        Self::parse(&format!("/authorize?{query}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of a page that leads on to this one.
    pub(crate) fn from(&self, path: &str) -> String {
        let encoded: String = form_urlencoded::byte_serialize(self.0.as_bytes()).collect();
        format!("{path}?next={encoded}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_way_leads_out() {
        for good in ["/account", "/account/tokens", "/authorize?client_id=a&redirect_uri=https%3A%2F%2Fb"] {
            assert_eq!(Next::parse(good).as_str(), good);
        }
        for bad in [
            "",
            "/",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/account@evil.example",
            "javascript:alert(1)",
            "/account/../../x",
            "/authorize\r\nX: y",
            "/accounts",
            "/account\\..",
        ] {
            assert_eq!(Next::parse(bad), Next::account(), "{bad}");
        }
    }
}
