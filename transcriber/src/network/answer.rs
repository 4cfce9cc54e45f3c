//! Errors that answers tell although their status is that of a success, and what calls are named in their bodies.
//!
//! In: the texts of JSON bodies, possibly cut off. Out: the error, and the operation that it is of. Known: `errors` of
//! GraphQL, `error` of JSON-RPC and many others, `"success": false`, a `status` that is `error`, problems (RFC 9457),
//! and lists of such answers. Never here: bodies themselves, which stay as they are.

use playhead_json::{Cursor, Items, Members, RawStr, raw_text};
use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{AnswerError, Request};

use crate::scrub::clean_text;

/// Characters of a message that are kept.
const MESSAGE_CHARS_MAX: usize = 200;
/// Characters of an operation's name that are kept.
const OPERATION_CHARS_MAX: usize = 80;
/// Answers of one batch that are read.
const BATCH_MAX: usize = 200;
/// Bytes of a body that are searched for signs of an error.
pub(super) const SEARCHED_BYTES_MAX: usize = 64 << 10;
/// How deep messages stand in errors: `{"error":{"json":{"message":..}}}`.
const LEVELS_MAX: usize = 4;
/// Under which keys errors say what is wrong, the best first.
const MESSAGES: [&str; 9] =
    ["message", "detail", "error_description", "error", "msg", "reason", "description", "title", "code"];
/// Keys of objects that list things, errors among others.
const LISTING: [&str; 8] = ["total", "count", "page", "items", "next", "cursor", "pagination", "results"];

/// What a call is named, and the error in its answer.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) operation: Option<String>,
    pub(super) error: Option<AnswerError>,
}

/// True for a request of which the answer may tell an error: a call by a script that was answered with success.
pub(super) fn can_tell(request: &Request) -> bool {
    let is_success = request.status.is_some_and(|status| (200..300).contains(&status));
    is_success && matches!(request.resource.as_deref(), None | Some("fetch" | "xhr"))
}

/// True when the text of an answer, as it is written in an archive, may tell an error: most don't hold the words.
pub(super) fn may_hold_error(text: RawStr<'_>) -> bool {
    let text = &text.bytes[..text.bytes.len().min(SEARCHED_BYTES_MAX)];
    [&b"rror"[..], b"uccess", b"ok\\\"", b"\"ok\"", b"fail", b"problem"]
        .iter()
        .any(|sign| memchr::memmem::find(text, sign).is_some())
}

/// What the bodies of a call tell. `mime` is that of the answer.
pub(super) fn told(sent: &str, received: &str, mime: &str) -> Told {
    let errors = errors_in(received, mime);
    let operations = operations_in(sent);
    // In a batch the first answer that tells an error names the operation.
    let at = errors.first().map_or(0, |(at, _)| *at);
    let operation = operations.into_iter().nth(at).flatten();
    let count = errors.iter().map(|(_, error)| error.count).sum();
    let message = errors.into_iter().find_map(|(_, error)| error.message);
    Told { operation, error: (count > 0).then_some(AnswerError { message, count }) }
}

/// The errors of an answer or of each answer of a batch, with their places in it.
fn errors_in(received: &str, mime: &str) -> Vec<(usize, AnswerError)> {
    let text = received.trim_start().as_bytes();
    match text.first() {
        Some(b'{') => {
            if let Some(parts) = Members::of(Cursor::new(text)).find("responses") {
                return batch(parts, part_error);
            }
            error_of(text, mime.contains("problem+json")).map(|error| (0, error)).into_iter().collect()
        }
        Some(b'[') if is_batch(text) => batch(text, |part| error_of(part, false)),
        _ => Vec::new(),
    }
}

fn batch(list: &[u8], error: impl Fn(&[u8]) -> Option<AnswerError>) -> Vec<(usize, AnswerError)> {
    let items = Items::of(Cursor::new(list)).into_iter().flatten().take(BATCH_MAX);
    items.enumerate().filter_map(|(at, item)| Some((at, error(item)?))).collect()
}

/// True for a list of answers, not of things that an application lists.
fn is_batch(list: &[u8]) -> bool {
    let is_answer = |item: &[u8]| {
        Members::of(Cursor::new(item))
            .any(|(key, _)| matches!(key, b"data" | b"errors" | b"error" | b"result" | b"jsonrpc"))
    };
    let mut items = Items::of(Cursor::new(list)).into_iter().flatten().take(BATCH_MAX).peekable();
    items.peek().is_some() && items.all(is_answer)
}

/// The error of one of several answers that have a status each.
fn part_error(part: &[u8]) -> Option<AnswerError> {
    let members = Members::of(Cursor::new(part));
    let status = members.clone().find("status").and_then(|status| Cursor::new(status).number().ok().flatten());
    if status.is_none_or(|status| status < 400.0) {
        return None;
    }
    let body = members.find("body").unwrap_or(part);
    let message = message(body, 0).or_else(|| status.map(|status| format!("status {status}")));
    Some(AnswerError { message, count: 1 })
}

/// The error that an object tells.
fn error_of(object: &[u8], is_problem: bool) -> Option<AnswerError> {
    let members = Members::of(Cursor::new(object));
    let find = |key: &str| members.clone().find(key).filter(|value| *value != b"null");
    let lists_things = || members.clone().any(|(key, _)| LISTING.iter().any(|known| known.as_bytes() == key));
    let of =
        |value: &[u8], count: u32| AnswerError { message: message(value, 0).or_else(|| message(object, 0)), count };
    if let Some(errors) = find("errors") {
        let count = Items::of(Cursor::new(errors)).into_iter().flatten().take(BATCH_MAX).count() as u32;
        match errors.first() {
            Some(b'[') if count > 0 && !lists_things() => return Some(of(errors, count)),
            Some(b'{') if !is_empty(errors) && !lists_things() => return Some(of(errors, 1)),
            Some(b't') => return Some(AnswerError { message: found_message(object), count: 1 }),
            _ => {}
        }
    }
    let refuses = |key: &&str| find(key) == Some(b"false");
    if ["success", "ok", "succeeded", "successful"].iter().any(refuses) {
        return Some(of(object, 1));
    }
    if let Some(error) = find("error") {
        let text = raw_text(Cursor::new(error)).map(|text| text.text().trim().to_lowercase());
        let says_none = text.is_some_and(|text| matches!(text.as_str(), "" | "false" | "none" | "null" | "ok" | "0"));
        let is_told = match error.first() {
            Some(b'"') => !says_none,
            Some(b'{') => !is_empty(error) && message(error, 0).is_some(),
            Some(b't') => true,
            _ => false,
        };
        if is_told && !lists_things() {
            return Some(of(error, 1));
        }
    }
    let status =
        find("status").and_then(|status| raw_text(Cursor::new(status))).map(|status| status.text().to_lowercase());
    let fails = status.is_some_and(|status| matches!(status.as_str(), "error" | "fail" | "failed" | "failure"));
    let explains =
        || ["message", "msg", "detail"].iter().any(|key| find(key).is_some_and(|value| value.starts_with(b"\"")));
    (is_problem || fails && explains()).then(|| of(object, 1))
}

fn is_empty(object: &[u8]) -> bool {
    Members::of(Cursor::new(object)).next().is_none()
}

/// What an error says: the text itself, or the one under the best key of the first object.
fn message(error: &[u8], level: usize) -> Option<String> {
    if level > LEVELS_MAX {
        return None;
    }
    match error.first()? {
        b'"' => kept(&raw_text(Cursor::new(error))?.text()),
        b'[' => message(Items::of(Cursor::new(error))?.next()?, level + 1),
        b'{' => {
            let members = Members::of(Cursor::new(error));
            let by_key = MESSAGES.iter().find_map(|key| {
                let value =
                    members.clone().find(key).filter(|value| matches!(value.first(), Some(b'"' | b'{' | b'[')))?;
                message(value, level + 1)
            });
            // Refused fields: `{"email":["is taken"]}`.
            by_key.or_else(|| {
                let (field, value) = members.clone().next()?;
                let field = String::from_utf8_lossy(field);
                let said = message(value, level + 1)?;
                Some(if matches!(&*field, "json" | "data" | "error") { said } else { format!("{field}: {said}") })
            })
        }
        _ => None,
    }
    .filter(|message| !message.is_empty())
}

/// The first reason of something that failed inside a long answer.
fn found_message(object: &[u8]) -> Option<String> {
    let keys = [&b"\"reason\":"[..], b"\"message\":"];
    keys.iter().find_map(|key| {
        let at = memchr::memmem::find(object, key)? + key.len();
        kept(&raw_text(Cursor::new(&object[at..]))?.text())
    })
}

fn kept(text: &str) -> Option<String> {
    let text = one_line(&clean_text(playhead_schemas::text::prefix(text, MESSAGE_CHARS_MAX * 4)), MESSAGE_CHARS_MAX);
    (!text.is_empty()).then_some(text)
}

/// What a call, or each call of a batch, is named.
fn operations_in(sent: &str) -> Vec<Option<String>> {
    let text = sent.trim_start().as_bytes();
    match text.first() {
        Some(b'{') => vec![operation(text)],
        Some(b'[') => Items::of(Cursor::new(text)).into_iter().flatten().take(BATCH_MAX).map(operation).collect(),
        _ => Vec::new(),
    }
}

fn operation(call: &[u8]) -> Option<String> {
    let members = Members::of(Cursor::new(call));
    let text = |key: &str| raw_text(Cursor::new(members.clone().find(key)?)).map(RawStr::text);
    let is_rpc = || members.clone().find("jsonrpc").is_some();
    let named = text("operationName").or_else(|| text("method").filter(|_| is_rpc()));
    let name = match named {
        Some(name) => name.into_owned(),
        None => operation_of_query(&text("query")?)?,
    };
    Some(one_line(&name, OPERATION_CHARS_MAX)).filter(|name| !name.is_empty())
}

/// `RefundOrder` of `mutation RefundOrder($id: ID!) {..`.
fn operation_of_query(query: &str) -> Option<String> {
    let mut words = query.trim_start().split(|c: char| !c.is_alphanumeric() && c != '_');
    let kind = words.next()?;
    let name = words.next().filter(|name| !name.is_empty())?;
    let follows = query.trim_start()[kind.len()..].trim_start().starts_with(name);
    (matches!(kind, "query" | "mutation" | "subscription") && follows).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn error(received: &str) -> Option<(Option<String>, u32)> {
        told("", received, "application/json").error.map(|error| (error.message, error.count))
    }

    #[test]
    fn errors_in_answers_of_success_are_found() {
        for (received, want, count) in [
            (r#"{"errors":[{"message":"No","path":["a"]},{"message":"Nor"}],"data":null}"#, Some("No"), 2),
            (
                r#"{"data":{"a":1},"errors":[{"extensions":{"code":"X"},"message":"token=abc"}]}"#,
                Some("token=[redacted]"),
                1,
            ),
            (r#"[{"data":{}},{"errors":[{"message":"second"}]},{"data":{}}]"#, Some("second"), 1),
            (
                r#"{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1}"#,
                Some("Method not found"),
                1,
            ),
            (r#"{"success":false,"message":"Sold out"}"#, Some("Sold out"), 1),
            (r#"{"ok":false,"error":"channel_not_found"}"#, Some("channel_not_found"), 1),
            (r#"{"success":false}"#, None, 1),
            (r#"{"error":"stock_locked"}"#, Some("stock_locked"), 1),
            (r#"{"errors":{"email":["is taken","is short"]}}"#, Some("email: is taken"), 1),
            (r#"{"status":"error","message":"No"}"#, Some("No"), 1),
            (r#"[{"error":{"json":{"message":"Not yours","code":-32003}}}]"#, Some("Not yours"), 1),
            (r#"{"responses":[{"status":200},{"status":404,"body":{"error":{"message":"Gone"}}}]}"#, Some("Gone"), 1),
            (r#"{"took":3,"errors":true,"items":[{"index":{"error":{"reason":"bad date"}}}]}"#, Some("bad date"), 1),
            // Cut off.
            (r#"{"errors":[{"message":"No"}],"data":{"a":["#, Some("No"), 1),
        ] {
            assert_eq!(error(received), Some((want.map(str::to_owned), count)), "{received}");
        }
    }

    #[test]
    fn what_only_speaks_of_errors_is_none() {
        for received in [
            r#"{"data":{"errors":[{"message":"No"}]}}"#,
            r#"{"errors":[],"error":null}"#,
            r#"{"errors":[{"message":"No"}],"total":7,"page":1}"#,
            r#"{"error":false}"#,
            r#"{"error":""}"#,
            r#"{"error":{}}"#,
            r#"{"status":"failed","job":7}"#,
            r#"{"success":true,"message":"Error rates are low"}"#,
            r#"[{"name":"a","error":"b"},{"name":"c"}]"#,
            r#"{"ok":true}"#,
            "[]",
            "[1,2]",
            "\"error\"",
            "{\"errors\":",
            "",
        ] {
            assert_eq!(error(received), None, "{received}");
        }
        let problem =
            told("", r#"{"type":"about:blank","title":"No stock","detail":"Mug"}"#, "application/problem+json");
        assert_eq!(problem.error.unwrap().message.as_deref(), Some("Mug"));
    }

    #[test]
    fn operations_are_named() {
        for (sent, received, want) in [
            (r#"{"operationName":"Cart","query":"query Cart { a }"}"#, "{}", Some("Cart")),
            (r#"{"query":"\n mutation Pay($a: ID!) { pay }"}"#, "{}", Some("Pay")),
            (r#"{"query":"{ a }"}"#, "{}", None),
            (r#"{"query":"mutation { a }"}"#, "{}", None),
            (r#"{"jsonrpc":"2.0","method":"pay","id":1}"#, "{}", Some("pay")),
            (r#"{"method":"card"}"#, "{}", None),
            (r#"[{"operationName":"A"},{"operationName":"B"}]"#, r#"[{"data":1},{"errors":[{}]}]"#, Some("B")),
            ("a=1", "{}", None),
        ] {
            assert_eq!(told(sent, received, "").operation.as_deref(), want, "{sent}");
        }
    }
}
