//! Addresses without secrets.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use playhead_schemas::text::{prefix, visible};

use super::REDACTED;
use super::names::{Secrecy, is_credential, is_harmless, secrecy};

/// The longest address that is kept, in characters.
const URL_CHARS_MAX: usize = 2000;

/// `url` without what must not be passed on: the name and password before the host go, values of query
/// and fragment parameters with secret names and credentials in the path become [`REDACTED`], a `data:`
/// address keeps its type and size (`data:image/png,[5120 bytes]`). At most 2,000 characters, the last of
/// which is then `…`. Everything else is unchanged.
pub(crate) fn clean_url(url: &str) -> String {
    let url = url.trim();
    if url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
        return data_url(url);
    }
    // Cut before cleaning: the rest of a very long address is not kept anyway.
    let head = visible(prefix(url, URL_CHARS_MAX * 4));
    let mut out = if head.contains(['\n', '\t']) {
        without_secrets(&head.replace(['\n', '\t'], ""))
    } else {
        without_secrets(&head)
    };
    if out.len() >= URL_CHARS_MAX
        && let Some((end, _)) = out.char_indices().nth(URL_CHARS_MAX - 1)
        && (head.len() < url.len() || out[end..].chars().nth(1).is_some())
    {
        out.truncate(end);
        out.push('…');
    }
    out
}

/// The address without secrets, of any length.
pub(super) fn without_secrets(url: &str) -> String {
    let mut out = String::with_capacity(url.len());
    let tail = memchr::memchr2(b'?', b'#', url.as_bytes()).unwrap_or(url.len());
    let (path, tail) = url.split_at(tail);
    let path = if path.contains('@') { without_userinfo(path, &mut out) } else { path };
    if path.split('/').any(is_credential) {
        for (n, segment) in path.split('/').enumerate() {
            if n > 0 {
                out.push('/');
            }
            out.push_str(if is_credential(segment) { REDACTED } else { segment });
        }
    } else {
        out.push_str(path);
    }
    // A fragment often holds a query of its own, so all separators of parameters are treated alike.
    for pair in tail.split_inclusive(['?', '#', '&', ';']) {
        let (pair, mark) = match pair.char_indices().next_back() {
            Some((at, '?' | '#' | '&' | ';')) => pair.split_at(at),
            _ => (pair, ""),
        };
        match pair.split_once('=') {
            Some((name, value)) if !is_harmless(value) && is_secret(name, value) => {
                out.push_str(name);
                out.push('=');
                out.push_str(REDACTED);
                out.push_str(position(value));
            }
            _ => out.push_str(pair),
        }
        out.push_str(mark);
    }
    out
}

/// Writes scheme and `//` to `out`, skips `name:password@` and returns the rest.
fn without_userinfo<'a>(path: &'a str, out: &mut String) -> &'a str {
    let Some(start) = path.find("//").map(|at| at + 2) else {
        return path;
    };
    let (scheme, rest) = path.split_at(start);
    if !(scheme == "//" || scheme.ends_with("://")) || scheme[..start - 2].contains('/') {
        return path;
    }
    let host_end = rest.find('/').unwrap_or(rest.len());
    out.push_str(scheme);
    match rest[..host_end].rfind('@') {
        Some(at) => &rest[at + 1..],
        None => rest,
    }
}

fn is_secret(name: &str, value: &str) -> bool {
    secrecy(&decoded(name)) != Secrecy::Plain || is_credential(value) || hides_secret(value)
}

/// True for a value that is itself an encoded address or query with a secret in it.
fn hides_secret(value: &str) -> bool {
    if !value.contains(['%', '=']) {
        return false;
    }
    let value = decoded(value);
    value.split(['?', '#', '&', ';']).any(|pair| {
        pair.split_once('=').is_some_and(|(name, inner)| secrecy(name) == Secrecy::Certain && !is_harmless(inner))
    })
}

/// `text` with `%XX` decoded. Bytes that are not UTF-8 become U+FFFD.
fn decoded(text: &str) -> Cow<'_, str> {
    percent_decode_str(text).decode_utf8_lossy()
}

/// The `:line:column` that a stack puts after an address.
fn position(value: &str) -> &str {
    let digits = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let mut start = value.len();
    for _ in 0..2 {
        let before = digits(&value[..start]);
        if before == start || !value[..before].ends_with(':') {
            break;
        }
        start = before - 1;
    }
    &value[start..]
}

fn data_url(url: &str) -> String {
    let (head, data) = url.split_once(',').unwrap_or((url, ""));
    let media = visible(prefix(&head[5..], 200)).trim().to_owned();
    let base64 = media.to_ascii_lowercase().ends_with(";base64");
    let bytes = if base64 {
        data.trim_end_matches('=').len() / 4 * 3 + [0, 0, 1, 2][data.trim_end_matches('=').len() % 4]
    } else {
        data.len()
    };
    let media = media.split(';').next().unwrap_or_default();
    let media = if media.is_empty() { "text/plain" } else { media };
    format!("data:{media},[{bytes} bytes]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_and_the_rest_stays() {
        for (url, want) in [
            ("https://shop.test/a?q=red%20shoes&page=2#top", "https://shop.test/a?q=red%20shoes&page=2#top"),
            ("https://u:p@w@shop.test/a@b", "https://shop.test/a@b"),
            ("//u@cdn.test/x", "//cdn.test/x"),
            ("/a//b@c", "/a//b@c"),
            ("https://a.test/?token=abc&x=1", "https://a.test/?token=[redacted]&x=1"),
            ("https://a.test/?ACCESS_TOKEN=abc;x=1", "https://a.test/?ACCESS_TOKEN=[redacted];x=1"),
            ("https://a.test/?api%5Fkey=abc", "https://a.test/?api%5Fkey=[redacted]"),
            ("https://a.test/cb?code=4%2F0AX&state=s", "https://a.test/cb?code=[redacted]&state=s"),
            ("https://a.test/?key=&sig=**", "https://a.test/?key=&sig=**"),
            ("https://a.test/cb#id_token=abc&n=1", "https://a.test/cb#id_token=[redacted]&n=1"),
            ("https://a.test/#/reset?token=abc", "https://a.test/#/reset?token=[redacted]"),
            ("https://a.test/r?next=%2Fcb%3Fapi_key%3Dabc%26a%3D1", "https://a.test/r?next=[redacted]"),
            ("https://a.test/r?next=%2Fcb%3Fa%3D1", "https://a.test/r?next=%2Fcb%3Fa%3D1"),
            ("https://a.test/verify/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig/x", "https://a.test/verify/[redacted]/x"),
            ("https://a.test/s.js?token=abc:12:7", "https://a.test/s.js?token=[redacted]:12:7"),
            ("/api/a?x=1", "/api/a?x=1"),
            ("data:image/png;base64,iVBORw0KGgo=", "data:image/png,[8 bytes]"),
            ("DATA:,hello", "data:text/plain,[5 bytes]"),
            ("https://a.test/\u{202e}x\n", "https://a.test/x"),
            ("blob:https://a.test/5d0", "blob:https://a.test/5d0"),
            ("", ""),
            ("?", "?"),
            ("%", "%"),
            ("a=%zz&token=%", "a=%zz&token=%"),
        ] {
            assert_eq!(clean_url(url), want, "{url}");
        }
    }

    #[test]
    fn long_addresses_are_cut() {
        let long = clean_url(&format!("https://a.test/{}", "é".repeat(5000)));
        assert_eq!(long.chars().count(), URL_CHARS_MAX);
        assert!(long.ends_with('…'));
        let exact = format!("https://a.test/{}", "x".repeat(URL_CHARS_MAX - 15));
        assert_eq!(clean_url(&exact), exact);
        assert!(clean_url(&format!("{exact}y")).ends_with("x…"));
    }
}
