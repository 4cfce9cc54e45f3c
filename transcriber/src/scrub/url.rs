//! Addresses without secrets.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use playhead_schemas::text::{prefix, visible};

use super::credential::{
    CARD_DIGITS_MIN, GENERATED_BYTES_MIN, encoded_object, is_credential, is_generated, is_harmless,
};
use super::names::{Secrecy, secrecy};
use super::text::clean_at;
use super::{DEPTH_MAX, REDACTED};

/// The longest address that is kept, in characters.
const URL_CHARS_MAX: usize = 2000;
/// Shorter values hide nothing: `a=b` is the shortest that does, and no secret is shorter.
const HIDDEN_BYTES_MIN: usize = 6;

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
    without_secrets_at(url, 0)
}

/// The address without secrets, found so deep in other texts.
pub(super) fn without_secrets_at(url: &str, depth: usize) -> String {
    let mut out = String::with_capacity(url.len());
    let tail = memchr::memchr2(b'?', b'#', url.as_bytes()).unwrap_or(url.len());
    let (path, tail) = url.split_at(tail);
    let path = if path.contains('@') { without_userinfo(path, &mut out) } else { without_scheme(path, &mut out) };
    segments(path, depth, &mut out);
    // A fragment often holds a query of its own, so all separators of parameters are treated alike.
    for pair in tail.split_inclusive(['?', '#', '&', ';']) {
        let (pair, mark) = match pair.char_indices().next_back() {
            Some((at, '?' | '#' | '&' | ';')) => pair.split_at(at),
            _ => (pair, ""),
        };
        if !parameter(pair, depth, &mut out) {
            segments(pair, depth, &mut out);
        }
        out.push_str(mark);
    }
    out
}

/// Writes `name=value` to `out` without the value when that is secret; false when nothing was written.
fn parameter(pair: &str, depth: usize, out: &mut String) -> bool {
    let Some((name, value)) = pair.split_once('=') else { return false };
    let is_secret = !is_harmless(value) && (secrecy(&decoded(name)) != Secrecy::Plain || hides_secret(value, depth));
    if is_secret {
        out.push_str(name);
        out.push('=');
        out.push_str(REDACTED);
        out.push_str(position(value));
    }
    is_secret
}

/// Writes a path to `out` without credentials: those that their form reveals, and what was generated after a segment
/// that announces a secret, as in `/reset-password/8f14e45f..`.
fn segments(path: &str, depth: usize, out: &mut String) {
    let mut before = "";
    for (n, segment) in path.split('/').enumerate() {
        if n > 0 {
            out.push('/');
        }
        // Nearly all segments: shorter than any credential, and without a name, an address or an encoded sign.
        if segment.len() < GENERATED_BYTES_MIN && is_one_word(segment) {
            out.push_str(segment);
            before = segment;
            continue;
        }
        for (n, part) in segment.split(';').enumerate() {
            if n > 0 {
                out.push(';');
            }
            if parameter(part, depth, out) {
                continue;
            }
            let (part, place) = part.split_at(part.len() - position(part).len());
            let is_secret = hides_secret(part, depth) || is_generated(&decoded(part)) && announces_secret(before);
            out.push_str(if is_secret { REDACTED } else { part });
            out.push_str(place);
        }
        before = segment;
    }
}

/// True for a segment of a path after which links that are sent to one person hold their secret.
fn announces_secret(segment: &str) -> bool {
    const WORDS: [&str; 20] = [
        "accept",
        "activate",
        "activation",
        "auth",
        "confirm",
        "confirmation",
        "invitation",
        "invitations",
        "invite",
        "join",
        "login",
        "magic",
        "oauth",
        "otp",
        "reset",
        "session",
        "signin",
        "sso",
        "verification",
        "verify",
    ];
    let is_word = |word: &str| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known));
    segment.split(['-', '_']).any(is_word) || secrecy(segment) == Secrecy::Certain
}

/// Writes the scheme of an address and `//` to `out` and returns the rest.
fn without_scheme<'a>(path: &'a str, out: &mut String) -> &'a str {
    let is_scheme =
        |scheme: &str| scheme.len() < GENERATED_BYTES_MIN && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
    match path.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => {
            out.extend([scheme, "://"]);
            rest
        }
        _ => path,
    }
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

/// True for a value that is or hides a secret: a credential, or an encoded address, query or object with a secret in
/// it.
fn hides_secret(value: &str, depth: usize) -> bool {
    if value.len() < HIDDEN_BYTES_MIN || depth >= DEPTH_MAX {
        return is_credential(value);
    }
    let mut text = Cow::Borrowed(value);
    for _ in 0..DEPTH_MAX {
        if reveals(&text, depth + 1) || encoded_object(&text).is_some_and(|object| reveals(&object, depth + 1)) {
            return true;
        }
        match decoded(&text) {
            Cow::Owned(next) if next != *text => text = Cow::Owned(next),
            _ => break,
        }
    }
    false
}

/// True for a text from which something is removed.
fn reveals(text: &str, depth: usize) -> bool {
    if is_credential(text) {
        return true;
    }
    if is_one_word(text) {
        return false;
    }
    let text = playhead_schemas::text::visible(text);
    clean_at(&text, depth) != text || text.starts_with('/') && without_secrets_at(&text, depth) != text
}

/// True for a text in which nothing is secret that is not a credential: it holds no name with a value, no address, and
/// too few digits for the number of a card.
fn is_one_word(text: &str) -> bool {
    let mut digits = 0;
    let mut has_plus = false;
    text.bytes().all(|b| {
        digits += u32::from(b.is_ascii_digit());
        has_plus |= b == b'+';
        let is_plain = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+');
        is_plain && digits < CARD_DIGITS_MIN && !(has_plus && digits > 0)
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
            // Encoded, in paths, in fragments.
            ("https://a.test/#eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "https://a.test/#[redacted]"),
            ("https://a.test/#/verify/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "https://a.test/#/verify/[redacted]"),
            ("https://a.test/?eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig&a=1", "https://a.test/?[redacted]&a=1"),
            (
                "https://a.test/?next=%2Fjoin%2FeyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig",
                "https://a.test/?next=[redacted]",
            ),
            ("https://a.test/?u=https%253A%252F%252Fb.test%252F%253Ftoken%253Dabc", "https://a.test/?u=[redacted]"),
            ("https://a.test/?state=eyJyIjoiLyIsImFjY2Vzc1Rva2VuIjoiYWJjIn0", "https://a.test/?state=[redacted]"),
            (
                "https://a.test/?state=eyJyIjoiL2NhcnQiLCJwYWdlIjoxMjM0NX0",
                "https://a.test/?state=eyJyIjoiL2NhcnQiLCJwYWdlIjoxMjM0NX0",
            ),
            ("https://a.test/?q=%7B%22password%22%3A%22x1%22%7D", "https://a.test/?q=[redacted]"),
            (
                "https://a.test/reset-password/8f14e45fceea167a5a36dedd4bea2543",
                "https://a.test/reset-password/[redacted]",
            ),
            (
                "https://a.test/orders/8f14e45fceea167a5a36dedd4bea2543",
                "https://a.test/orders/8f14e45fceea167a5a36dedd4bea2543",
            ),
            ("https://a.test/auth/main.8f14e45fceea167a.js:1:2", "https://a.test/auth/main.8f14e45fceea167a.js:1:2"),
            ("https://a.test/login/how-to-sign-in-2024", "https://a.test/login/how-to-sign-in-2024"),
            ("https://a.test/a;jsessionid=AB12/b;v=1", "https://a.test/a;jsessionid=[redacted]/b;v=1"),
            ("https://a.test/a/token=abc/b", "https://a.test/a/token=[redacted]/b"),
            ("https://a.test/?promoCode=SPRING25&oobCode=x1", "https://a.test/?promoCode=SPRING25&oobCode=[redacted]"),
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
