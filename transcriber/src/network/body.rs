//! The beginnings of bodies: which bodies are kept, and how they are decoded, cleaned of secrets and cut.

use std::borrow::Cow;

use playhead_json::RawStr;
use playhead_schemas::text::{lower, prefix};
use playhead_schemas::timeline::Request;

use super::answer;
use crate::lenient::base64;
use crate::scrub::{clean_form, clean_head, secrets_in, secrets_in_form};

/// The longest beginning that is kept, in characters.
const HEAD_CHARS_MAX: usize = 2000;
/// Characters that are cleaned of it: white space at its end goes.
const CLEANED_CHARS: usize = HEAD_CHARS_MAX + 200;
/// Bytes of a body that are looked at. Markup and secrets shrink, so more is read than kept.
const READ_BYTES_MAX: usize = 32 << 10;
/// Secrets of one body that are remembered.
const SECRETS_MAX: usize = 20;

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

/// Bytes of an answer of data that is looked at in case a failure is compared with it.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// Sets what the bodies of `request` tell, and those that help to explain a bug: of requests that failed, got status
/// 400 or more or an answer that tells an error, and of writes to a JSON API. Other bodies are the page's content.
///
/// Gives the values under secret names in what was sent, whether it is kept or not: they are secret wherever they stand.
pub(crate) fn set_bodies(request: &mut Request, sent: Body<'_>, received: Body<'_>) -> Vec<String> {
    tell(request, sent, received);
    let is_trouble = is_trouble(request);
    let is_write = WRITES.contains(&request.method.as_str());
    if is_trouble || (is_write && (is_json(sent) || (sent.text.is_empty() && is_json(received)))) {
        request.request_body = head(sent);
        request.response_body = if is_trouble || is_json(received) { head(received) } else { None };
    } else if received.text.len() <= ANSWER_BYTES_MAX && answer::can_tell(request) && is_json(received) {
        request.answer = head(received);
    }
    if is_write { secrets(sent) } else { Vec::new() }
}

/// Names the call, and takes note of an error in its answer.
fn tell(request: &mut Request, sent: Body<'_>, received: Body<'_>) {
    let sent_text = Some(sent).filter(|sent| is_json(*sent)).and_then(readable);
    let received_text =
        Some(received).filter(|received| answer::can_tell(request) && is_json(*received)).and_then(readable);
    if sent_text.is_some() || received_text.is_some() {
        let told = answer::told(
            sent_text.as_deref().unwrap_or_default(),
            received_text.as_deref().unwrap_or_default(),
            &lower(received.mime),
        );
        (request.operation, request.answer_error) = (told.operation, told.error);
    }
}

/// The values under secret names in the beginning of a body.
fn secrets(body: Body<'_>) -> Vec<String> {
    let Some(text) = readable(body) else { return Vec::new() };
    let mut found = if is_form(body.mime) { secrets_in_form(&text) } else { secrets_in(&text) };
    found.truncate(SECRETS_MAX);
    found
}

/// True when [`set_bodies`] may keep a body of the request, or find an error in the answer, whose text is given as it is
/// written.
pub(crate) fn can_tell(request: &Request, received: Option<RawStr<'_>>) -> bool {
    is_trouble(request)
        || WRITES.contains(&request.method.as_str())
        || answer::can_tell(request) && received.is_some_and(|text| is_short_data(text) || answer::may_hold_error(text))
}

/// True for the text of a short answer of data: a failure may be compared with it.
fn is_short_data(text: RawStr<'_>) -> bool {
    text.bytes.len() <= ANSWER_BYTES_MAX && matches!(text.bytes.first(), Some(b'{' | b'['))
}

fn is_trouble(request: &Request) -> bool {
    request.failed || request.status.is_some_and(|status| status >= FAILED_STATUS) || request.answer_error.is_some()
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

fn is_form(mime: &str) -> bool {
    lower(mime).contains("x-www-form-urlencoded")
}

/// The beginning of a textual body as text; `None` when it is empty or not text.
fn readable(body: Body<'_>) -> Option<Cow<'_, str>> {
    const KINDS: [&str; 6] = ["json", "xml", "javascript", "graphql", "x-www-form-urlencoded", "x-ndjson"];
    let mime = media_type(body.mime).unwrap_or_default();
    let is_text = mime.is_empty() || mime.starts_with("text/") || KINDS.iter().any(|kind| mime.contains(kind));
    if body.text.is_empty() || !is_text {
        return None;
    }
    let plain = Cow::Borrowed(prefix(body.text, READ_BYTES_MAX));
    let is_json = mime.contains("json");
    if !body.base64 {
        // Some writers forget to say that they encoded it.
        let is_encoded = is_json && !plain.trim_start().starts_with(['{', '[', '"']);
        let decoded = is_encoded.then(|| base64(&plain, READ_BYTES_MAX)).flatten();
        return Some(decoded.filter(|text| text.starts_with(['{', '['])).map_or(plain, Cow::Owned));
    }
    match base64(body.text, READ_BYTES_MAX).filter(|text| !text.contains(is_no_text)) {
        Some(decoded) => Some(Cow::Owned(decoded)),
        // Others say so of text that they did not encode. What else isn't base64 is cut off or no text.
        None if is_json && plain.trim_start().starts_with(['{', '[', '"']) => Some(plain),
        None if plain.contains([' ', '<', '{', '_']) && !plain.contains(is_no_text) => Some(plain),
        None => None,
    }
}

fn is_no_text(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}

/// The beginning of a textual body, without secrets; `None` when it is empty or not text.
fn head(body: Body<'_>) -> Option<String> {
    let text = readable(body)?;
    let is_cut = match text {
        Cow::Borrowed(_) => text.len() < body.text.len(),
        Cow::Owned(_) => body.text.len() > READ_BYTES_MAX,
    };
    let mime = lower(body.mime);
    let (clean, more) = if is_form(&mime) {
        (clean_form(&text), false)
    } else if mime.contains("html") {
        clean_head(&html_text(&text), CLEANED_CHARS)
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
        let _ = set_bodies(&mut request, sent, received);
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
            ("GET", 200, none, body("application/json", r#"{"error":"x"}"#), (None, some(r#"{"error":"x"}"#))),
        ] {
            assert_eq!(kept(method, status, sent, received), want, "{method} {status}");
        }
    }

    #[test]
    fn bodies_are_decoded_cleaned_and_cut() {
        let base64 = Body { text: "eyJwYXNzd29yZCI6Ingi\nfQ==", mime: "application/json", base64: true };
        assert_eq!(head(base64).unwrap(), r#"{"password":"[redacted]"}"#);
        assert_eq!(head(Body { text: "/9j/4AAQ", mime: "text/plain", base64: true }), None);
        // Said to be encoded and not, and the other way round.
        for (text, mime, base64, want) in [
            (r#"{"error":"down"}"#, "application/json", true, r#"{"error":"down"}"#),
            ("upstream is busy", "text/plain", true, "upstream is busy"),
            ("audit_down", "text/plain", true, "audit_down"),
            ("eyJlcnJvciI6ImRvd24ifQ==", "application/json", false, r#"{"error":"down"}"#),
            ("true", "application/json", false, "true"),
            ("12345678", "application/json", false, "12345678"),
        ] {
            assert_eq!(head(Body { text, mime, base64 }).as_deref(), Some(want), "{text}");
        }
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
