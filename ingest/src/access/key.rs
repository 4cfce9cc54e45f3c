//! Where a request carries its ingest key.

use http::header::{AUTHORIZATION, HeaderMap};
use http::{Uri, header::HeaderValue};
use url::form_urlencoded;

/// The header for clients whose `Authorization` is taken.
pub(crate) const KEY_HEADER: &str = "x-playhead-key";

/// Keys and tokens are shorter; longer ones are not looked up.
const SECRET_BYTES_MAX: usize = 256;

/// The ingest key of a request: `Authorization: Bearer`, then `X-Playhead-Key`, then `?key=`.
pub(super) fn ingest_key(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    bearer(headers)
        .or_else(|| headers.get(KEY_HEADER).and_then(text))
        .map(str::to_owned)
        .or_else(|| query_value(uri, "key"))
        .filter(|secret| (1..=SECRET_BYTES_MAX).contains(&secret.len()))
}

/// The key of `Authorization: Bearer`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION).and_then(text)?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && (1..=SECRET_BYTES_MAX).contains(&token.len())).then_some(token)
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok().map(str::trim)
}

/// The first value of a parameter of the query string, percent-decoded. A name without `=` stands for `1`.
pub(crate) fn query_value(uri: &Uri, name: &str) -> Option<String> {
    uri.query()?.split('&').find_map(|pair| {
        let (key, value) = form_urlencoded::parse(pair.as_bytes()).next()?;
        (key == name).then(|| if pair.contains('=') { value.into_owned() } else { "1".to_owned() })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_are_found_in_their_order() {
        let uri: Uri = "/v1/bugs?a=b&key=phk_query".parse().unwrap();
        let mut headers = HeaderMap::new();
        assert_eq!(ingest_key(&headers, &uri).as_deref(), Some("phk_query"));
        headers.insert(KEY_HEADER, HeaderValue::from_static("phk_header"));
        assert_eq!(ingest_key(&headers, &uri).as_deref(), Some("phk_header"));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("bearer  phk_bearer"));
        assert_eq!(ingest_key(&headers, &uri).as_deref(), Some("phk_bearer"));
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Basic abc"));
        assert_eq!(ingest_key(&headers, &uri).as_deref(), Some("phk_header"));
    }

    #[test]
    fn what_is_no_key_is_none() {
        let uri: Uri = format!("/?key={}", "x".repeat(300)).parse().unwrap();
        assert_eq!(ingest_key(&HeaderMap::new(), &uri), None);
        let uri: Uri = "/?key=".parse().unwrap();
        assert_eq!(ingest_key(&HeaderMap::new(), &uri), None);
    }

    #[test]
    fn query_values_are_percent_decoded() {
        let uri: Uri = "/?window=tab%201%2F%C3%A9+x&final&k%65y=a".parse().unwrap();
        assert_eq!(query_value(&uri, "window").as_deref(), Some("tab 1/é x"));
        assert_eq!(query_value(&uri, "final").as_deref(), Some("1"));
        assert_eq!(query_value(&uri, "key").as_deref(), Some("a"));
        assert_eq!(query_value(&uri, "none"), None);
    }
}
