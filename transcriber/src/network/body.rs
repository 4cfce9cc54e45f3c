//! The beginnings of bodies: which bodies are kept, and how they are decoded, cleaned of secrets and cut.

use playhead_schemas::text::{lower, prefix};
use playhead_schemas::timeline::Request;

use crate::scrub::{clean_form, clean_head};

/// The longest beginning that is kept, in characters.
const HEAD_CHARS_MAX: usize = 2000;
/// Characters that are cleaned of it: white space at its end goes.
const CLEANED_CHARS: usize = HEAD_CHARS_MAX + 200;
/// Bytes of a body that are looked at. Markup and secrets shrink, so more is read than kept.
const READ_BYTES_MAX: usize = 32 << 10;

/// The lowest status of a failed request (RFC 9110, section 15.5).
const FAILED_STATUS: u16 = 400;
/// Methods that change something (RFC 9110, section 9.2.1).
const WRITES: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// A body as its source wrote it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Body<'a> {
    /// The text, possibly encoded.
    pub(crate) text: &'a str,
    /// The media type with its parameters; empty when unknown.
    pub(crate) mime: &'a str,
    /// True when `text` is base64.
    pub(crate) base64: bool,
}

/// Sets the bodies of `request` that help to explain a bug: those of requests that failed or got status 400 or more,
/// and those of writes to a JSON API. Other bodies are the page's content.
pub(crate) fn set_bodies(request: &mut Request, sent: Body<'_>, received: Body<'_>) {
    let is_trouble = is_trouble(request);
    let is_write = WRITES.contains(&request.method.as_str());
    if is_trouble || (is_write && (is_json(sent) || (sent.text.is_empty() && is_json(received)))) {
        request.request_body = head(sent);
        request.response_body = if is_trouble || is_json(received) { head(received) } else { None };
    }
}

/// True when [`set_bodies`] may keep a body of the request.
pub(crate) fn may_keep_body(request: &Request) -> bool {
    is_trouble(request) || WRITES.contains(&request.method.as_str())
}

fn is_trouble(request: &Request) -> bool {
    request.failed || request.status.is_some_and(|status| status >= FAILED_STATUS)
}

/// The media type without parameters, in lower case; `None` when the source did not know it.
pub(crate) fn media_type(mime: &str) -> Option<String> {
    let essence = prefix(mime.split(';').next().unwrap_or_default().trim(), 100).to_ascii_lowercase();
    (essence.contains('/') && essence.bytes().all(|b| b.is_ascii_graphic())).then_some(essence)
}

fn is_json(body: Body<'_>) -> bool {
    lower(body.mime).contains("json")
        || (body.mime.starts_with("text/plain") || body.mime.is_empty())
            && body.text.trim_start().starts_with(['{', '['])
}

/// The beginning of a textual body, without secrets; `None` when it is empty or not text.
fn head(body: Body<'_>) -> Option<String> {
    let mime = media_type(body.mime).unwrap_or_default();
    let is_text = mime.is_empty()
        || mime.starts_with("text/")
        || ["json", "xml", "javascript", "graphql", "x-www-form-urlencoded", "x-ndjson"]
            .iter()
            .any(|kind| mime.contains(kind));
    if body.text.is_empty() || !is_text {
        return None;
    }
    let decoded;
    let text = if body.base64 {
        decoded = decode(body.text)?;
        decoded.as_str()
    } else {
        prefix(body.text, READ_BYTES_MAX)
    };
    let is_cut = !body.base64 && text.len() < body.text.len() || body.base64 && text.len() >= READ_BYTES_MAX / 4 * 3;
    let (clean, more) = if mime.ends_with("x-www-form-urlencoded") {
        (clean_form(text), false)
    } else if mime.contains("html") {
        clean_head(&html_text(text), CLEANED_CHARS)
    } else {
        clean_head(text.trim_start(), CLEANED_CHARS)
    };
    let clean = clean.trim();
    if clean.is_empty() {
        return None;
    }
    Some(cut(clean, is_cut || more))
}

fn cut(text: &str, is_cut: bool) -> String {
    match text.char_indices().nth(HEAD_CHARS_MAX - 1) {
        Some((end, _)) if is_cut || text[end..].chars().nth(1).is_some() => format!("{}…", &text[..end]),
        _ if is_cut => format!("{text}…"),
        _ => text.to_owned(),
    }
}

/// The beginning of a base64 body, when it is text.
fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len().min(READ_BYTES_MAX) / 4 * 3);
    let (mut bits, mut held) = (0u32, 0);
    for byte in text.bytes().take(READ_BYTES_MAX) {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            b if b.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    let text = match std::str::from_utf8(&out) {
        Ok(text) => text,
        // Cut inside the last character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&out[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    Some(text.to_owned())
}

/// The text of an HTML page, such as an error page, without markup, styles and scripts.
fn html_text(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        out.push(' ');
        rest = &rest[open..];
        if !rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!' || c == '?') {
            out.push('<');
            rest = &rest[1..];
            continue;
        }
        let name: String = rest[1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let end = match name.to_ascii_lowercase().as_str() {
            "script" => "</script",
            "style" => "</style",
            "svg" => "</svg",
            _ if rest.starts_with("<!--") => "-->",
            _ => ">",
        };
        // Tags are matched without case. An element that is cut off takes the rest of the text.
        let end = rest.as_bytes().windows(end.len()).position(|at| at.eq_ignore_ascii_case(end.as_bytes()));
        let Some(close) = end.and_then(|at| rest[at..].find('>').map(|n| at + n + 1)) else {
            rest = "";
            break;
        };
        rest = &rest[close..];
    }
    out.push_str(rest);
    let out = out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'");
    let out = out.replace("&#39;", "'").replace("&nbsp;", " ").replace("&amp;", "&");
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn kept(method: &str, status: u16, sent: Body<'_>, received: Body<'_>) -> (Option<String>, Option<String>) {
        let mut request = Request { method: method.into(), status: Some(status), ..Request::default() };
        set_bodies(&mut request, sent, received);
        (request.request_body, request.response_body)
    }

    fn body<'a>(mime: &'a str, text: &'a str) -> Body<'a> {
        Body { text, mime, base64: false }
    }

    #[test]
    fn telling_bodies_are_kept() {
        let json = body("application/json; charset=utf-8", r#"{"a":1}"#);
        let html = body("text/html", "<p>x</p>");
        let none = Body::default();
        let some = |text: &str| Some(text.to_owned());
        for (method, status, sent, received, want) in [
            ("GET", 200, none, json, (None, None)),
            ("GET", 500, none, json, (None, some(r#"{"a":1}"#))),
            ("GET", 404, none, html, (None, some("x"))),
            ("POST", 200, json, json, (some(r#"{"a":1}"#), some(r#"{"a":1}"#))),
            ("POST", 200, json, html, (some(r#"{"a":1}"#), None)),
            ("DELETE", 200, none, json, (None, some(r#"{"a":1}"#))),
            ("POST", 302, body("application/x-www-form-urlencoded", "a=1"), html, (None, None)),
            (
                "POST",
                400,
                body("application/x-www-form-urlencoded", "pin=1&b=2"),
                none,
                (some("pin=[redacted]&b=2"), None),
            ),
            ("GET", 500, none, body("image/png", "x"), (None, None)),
            ("POST", 400, body("multipart/form-data; boundary=x", "--x"), none, (None, None)),
        ] {
            assert_eq!(kept(method, status, sent, received), want, "{method} {status}");
        }
    }

    #[test]
    fn bodies_are_decoded_cleaned_and_cut() {
        let base64 = Body { text: "eyJwYXNzd29yZCI6Ingi\nfQ==", mime: "application/json", base64: true };
        assert_eq!(head(base64).unwrap(), r#"{"password":"[redacted]"}"#);
        assert_eq!(head(Body { text: "/9j/4AAQ", mime: "text/plain", base64: true }), None);
        let long = head(body("text/plain", &"é".repeat(50_000))).unwrap();
        assert_eq!(long.chars().count(), HEAD_CHARS_MAX);
        assert!(long.ends_with('…'));
        // The secret starts before the cut and ends after it.
        let late = format!("{{\"a\":\"{}\",\"token\":\"{}\"}}", "x".repeat(1950), "s".repeat(500));
        assert!(!head(body("application/json", &late)).unwrap().contains("sss"));
    }

    #[test]
    fn pages_become_words() {
        let page = "<!doctype html><html><head><title>Server error</title><style>p{a:b}</style></head>\
            <body><script>let a = '<p>';</script><!-- > hidden --><h1>Oops &amp; sorry</h1>\n<p>é <b>x</b></body>";
        assert_eq!(html_text(page), "Server error Oops & sorry é x");
        assert_eq!(html_text("a <script>cut"), "a");
        assert_eq!(html_text("a < b <"), "a < b <");
    }
}
