//! Parameters of queries and forms, and forms that only this server's own pages can send.

use axum::extract::{FromRequest, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::header::{CONTENT_TYPE, ORIGIN};
use http::{HeaderMap, StatusCode};
use maud::{Markup, html};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::failure::Failure;
use super::visitor::Visitor;
use crate::app::App;

/// Parameters of one request.
const PAIRS_MAX: usize = 100;

/// The parameters of a query or of a form, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

/// A parameter came twice: two programs would read two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeated;

impl Params {
    /// Reads `application/x-www-form-urlencoded`; `None` when it holds absurdly many pairs.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let pairs: Vec<_> = form_urlencoded::parse(text).into_owned().take(PAIRS_MAX + 1).collect();
        (pairs.len() <= PAIRS_MAX).then_some(Self(pairs))
    }

    /// The value of a parameter; an empty one counts as missing (RFC 6749, 3.1).
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Repeated),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    }

    /// The value of a field of this server's own forms; empty when it is missing.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The values of a field that may stand several times.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A form that came from a page of this server, in the same browser. Nothing reads a form otherwise.
#[derive(Debug)]
pub(crate) struct CsrfForm {
    pub(crate) fields: Params,
    /// Who is signed in, if anybody.
    pub(crate) visitor: Option<Visitor>,
}

impl FromRequest<App> for CsrfForm {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let headers = request.headers().clone();
        let foreign = || {
            let advice = format!(
                "Nothing was changed. Open this page at {} and send the form from there; if it was open for long, \
                 load it again first.",
                app.issuer
            );
            Failure::refused(StatusCode::FORBIDDEN, "This form could not be verified", advice)
        };
        if !is_own(&headers, app.issuer.origin()) || !is_form(&headers) {
            return Err(foreign());
        }
        let body = axum::body::Bytes::from_request(request, app).await.map_err(|_| foreign())?;
        let fields = Params::parse(&body).ok_or_else(foreign)?;
        let visitor = Visitor::of(app, &headers).await?;
        let bound_to = match &visitor {
            Some(visitor) => Some(visitor.csrf.clone()),
            None => app.cookies.form(&headers).map(token),
        };
        if bound_to.is_none_or(|token| token != fields.field("csrf")) {
            return Err(foreign());
        }
        Ok(Self { fields, visitor })
    }
}

/// What the forms of a browser carry, made of its cookie: who can't read the cookie can't make it.
pub(crate) fn token(cookie: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(b"playhead form\0");
    hash.update(cookie.as_bytes());
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// The hidden field.
pub(crate) fn csrf_field(token: &str) -> Markup {
    html! { input type="hidden" name="csrf" value=(token); }
}

/// What browsers say of where a request came from, when they say it.
fn is_own(headers: &HeaderMap, origin: &str) -> bool {
    let says = |name: &str, own: &[&str]| headers.get(name).is_none_or(|v| v.to_str().is_ok_and(|v| own.contains(&v)));
    says(ORIGIN.as_str(), &[origin]) && says("sec-fetch-site", &["same-origin", "none"])
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use http::HeaderValue;

    use super::*;

    #[test]
    fn empty_is_missing_and_twice_is_refused() {
        let params = Params::parse(b"a=1&b=&c=1&c=2&d=%26+x").unwrap();
        assert_eq!(params.one("a"), Ok(Some("1")));
        assert_eq!(params.one("b"), Ok(None));
        assert_eq!(params.one("x"), Ok(None));
        assert_eq!(params.one("c"), Err(Repeated));
        assert_eq!(params.field("d"), "& x");
        assert!(Params::parse("a=1&".repeat(PAIRS_MAX + 1).as_bytes()).is_none());
    }

    #[test]
    fn other_sites_are_told_from_this_one() {
        for (name, value, want) in [
            ("accept", "*/*", true),
            ("origin", "https://p.example", true),
            ("origin", "https://p.example.evil.com", false),
            ("origin", "null", false),
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static(value));
            assert_eq!(is_own(&headers, "https://p.example"), want, "{name}: {value}");
        }
    }

    #[test]
    fn a_token_belongs_to_its_cookie() {
        assert_ne!(token("a"), token("b"));
        assert_eq!(token("a"), token("a"));
    }
}
