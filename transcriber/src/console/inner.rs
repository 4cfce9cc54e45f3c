//! Errors inside of errors: causes, and the errors that an `AggregateError` sums up.
//!
//! In: stacks with lines such as `Caused by: ..`, and errors as values. Out: message and place of each, from the outside
//! in. Never here: the stacks of inner errors, which stay in the stack of the outer one.

use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::InnerError;

use super::{MESSAGE_BYTES_MAX, stack};
use crate::lenient::{Value, as_text, field, first, text};
use crate::scrub::{clean_text, clean_url};

/// Inner errors of one error.
const INNER_MAX: usize = 8;
/// Characters of a message that are kept.
const MESSAGE_CHARS_MAX: usize = 300;
/// Causes of causes.
const LEVELS_MAX: usize = 5;

/// An inner error as its source wrote it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Inner {
    message: String,
    /// The stack as text.
    stack: Option<String>,
    place: Option<String>,
}

/// The inner errors of an error that is a value: its `cause`, that one's, and the `errors` of an `AggregateError`.
pub(crate) fn of_value(error: Value<'_, '_>) -> Vec<Inner> {
    let mut found = Vec::new();
    collect(error, 0, &mut found);
    found
}

fn collect(error: Value<'_, '_>, level: usize, found: &mut Vec<Inner>) {
    if level >= LEVELS_MAX || error.as_object().is_none() {
        return;
    }
    let errors = field(error, "errors").and_then(|errors| errors.as_array());
    let inner = errors.iter().flat_map(|errors| errors.iter()).chain(field(error, "cause"));
    for value in inner {
        if found.len() == INNER_MAX {
            return;
        }
        if let Some(message) = message(value) {
            let stack = first(value, &["stack", "stackTrace"]).and_then(as_text).map(str::to_owned);
            found.push(Inner { message, stack, place: None });
        }
        collect(value, level + 1, found);
    }
}

fn message(error: Value<'_, '_>) -> Option<String> {
    if let Some(text) = as_text(error) {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    match (text(error, "name").or(text(error, "type")), text(error, "message")) {
        (Some(name), Some(message)) => Some(format!("{name}: {message}")),
        (Some(text), None) | (None, Some(text)) => Some(text.to_owned()),
        (None, None) => text(error, "stack").and_then(|stack| stack.lines().next()).map(str::to_owned),
    }
}

/// The inner errors in the lines of a stack: each line that begins a cause, with the place of the frame after it.
pub(super) fn in_frames(frames: &[&str]) -> Vec<Inner> {
    let cause = |line: &str| {
        let rest = line.strip_prefix("Caused by").or_else(|| line.strip_prefix("[cause]"))?;
        Some(rest.trim_start_matches(':').trim().trim_end_matches('{').trim_end().to_owned())
    };
    let found = frames.iter().enumerate().filter_map(|(at, line)| {
        let message = cause(line).filter(|message| !message.is_empty())?;
        let next = frames.get(at + 1).filter(|next| cause(next).is_none());
        Some(Inner { message, stack: None, place: next.and_then(|frame| stack::place_text(frame)) })
    });
    found.take(INNER_MAX).collect()
}

/// The inner errors without secrets, each once.
pub(super) fn clean(inner: Vec<Inner>) -> Vec<InnerError> {
    let mut out: Vec<InnerError> = Vec::new();
    for Inner { message, stack, place } in inner {
        let text = message.lines().next().unwrap_or_default();
        let message = one_line(&clean_text(prefix(text, MESSAGE_BYTES_MAX)), MESSAGE_CHARS_MAX);
        let place = place.or_else(|| {
            let stack = stack?;
            let parts = stack::split(prefix(&stack, MESSAGE_BYTES_MAX));
            parts.frames.first().and_then(|frame| stack::place_text(frame))
        });
        let place = place.map(|place| clean_url(&place));
        if out.len() < INNER_MAX && !message.is_empty() && !out.iter().any(|known| known.message == message) {
            out.push(InnerError { message, place });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lenient;

    fn read(json: &str) -> Vec<(String, Option<String>)> {
        let found = lenient::value(&mut json.as_bytes().to_vec(), of_value).unwrap();
        clean(found).into_iter().map(|inner| (inner.message, inner.place)).collect()
    }

    #[test]
    fn causes_and_sums_are_read() {
        let some = |message: &str, place: Option<&str>| (message.to_owned(), place.map(str::to_owned));
        assert_eq!(
            read(
                r#"{"message":"a","cause":{"name":"RangeError","message":"b","stack":"RangeError: b\n    at g (https://a.test/l.js:5:6)",
                "cause":"token=abc"}}"#
            ),
            [some("RangeError: b", Some("https://a.test/l.js:5:6")), some("token=[redacted]", None)]
        );
        assert_eq!(
            read(r#"{"errors":[{"name":"Error","message":"x"},{"message":"y"},"z",{"message":"y"},7]}"#),
            [some("Error: x", None), some("y", None), some("z", None)]
        );
        assert_eq!(read(r#"{"cause":{}}"#), []);
        assert_eq!(read(&format!("{}1{}", r#"{"cause":"#.repeat(50), "}".repeat(50))), []);
    }
}
