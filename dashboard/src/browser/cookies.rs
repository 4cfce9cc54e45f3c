//! The two cookies: that of a signed-in browser, and that of a form before sign-in.
//!
//! Over https both have the prefix `__Host-`: only this host can set them, and only over https. Browsers take that
//! prefix over https alone, so a server on http (this machine's, as a rule) names them plainly.

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use playhead_access::oauth::Issuer;
use rand::RngExt;

/// Names and reads the cookies of one server.
pub(crate) struct CookieJar {
    session: &'static str,
    form: &'static str,
    is_secure: bool,
}

/// Cookies that are looked at in one request.
const COOKIES_MAX: usize = 100;

impl CookieJar {
    pub(crate) fn new(issuer: &Issuer) -> Self {
        if issuer.is_secure() {
            Self { session: "__Host-playhead-session", form: "__Host-playhead-form", is_secure: true }
        } else {
            Self { session: "playhead-session", form: "playhead-form", is_secure: false }
        }
    }

    /// The secret of a signed-in browser.
    pub(crate) fn session<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        find(headers, self.session)
    }

    /// What the forms of a browser that is not signed in are bound to.
    pub(crate) fn form<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        find(headers, self.form).filter(|value| value.len() == 32 && value.bytes().all(|b| b.is_ascii_hexdigit()))
    }

    /// A new value of the cookie of forms.
    pub(crate) fn new_form() -> String {
        let bytes: [u8; 16] = rand::rng().random();
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn set_session(&self, secret: &str, life_ms: i64) -> HeaderValue {
        self.set(self.session, secret, life_ms / 1000)
    }

    pub(crate) fn set_form(&self, value: &str) -> HeaderValue {
        self.set(self.form, value, 3600)
    }

    pub(crate) fn clear_session(&self) -> HeaderValue {
        self.set(self.session, "", 0)
    }

    /// Lax: a client sends the member here from another site, and the member is then still signed in. Forms are
    /// guarded by their token, whatever a browser makes of SameSite.
    fn set(&self, name: &str, value: &str, life_s: i64) -> HeaderValue {
        let secure = if self.is_secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; Max-Age={life_s}; HttpOnly; SameSite=Lax{secure}");
        // Names are constants, and values are of this server's own alphabet.
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// The value of a cookie that comes once; of two with one name, another site or program set one.
fn find<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut found = pairs
        .flat_map(|value| value.split(';'))
        .take(COOKIES_MAX)
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    match (found.next(), found.next()) {
        (Some(value), None) => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn jar(url: &str) -> CookieJar {
        CookieJar::new(&Issuer::parse(url).unwrap())
    }

    #[test]
    fn https_binds_cookies_to_the_host() {
        let set = jar("https://p.example").set_session("phs_x", 60_000);
        assert_eq!(set, "__Host-playhead-session=phs_x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
        let set = jar("http://127.0.0.1:4600").clear_session();
        assert_eq!(set, "playhead-session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn a_cookie_counts_once() {
        let jar = jar("http://localhost");
        for (header, want) in [
            ("playhead-session=a", Some("a")),
            ("x=1; playhead-session=a; y", Some("a")),
            ("playhead-session=a; playhead-session=b", None),
            ("xplayhead-session=a", None),
            ("__Host-playhead-session=a", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_static(header));
            assert_eq!(jar.session(&headers), want, "{header}");
        }
    }
}
