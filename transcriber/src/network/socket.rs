//! Messages of web sockets, which browsers add to archives as `_webSocketMessages`:
//! `{type: send | receive, time: epoch seconds, opcode: 1 text | 2 binary, data}`.
//!
//! In: the list of one socket. Out: how many messages there were, and the errors among those of the server. Never here:
//! other messages, which are the page's content, thousands of them on a busy page.

use playhead_json::{Cursor, Fields, Items};
use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::SocketMessages;

use crate::scrub::clean_text;

/// Messages that are searched for errors.
const READ_MAX: usize = 20_000;
/// Bytes of a message that are searched.
const READ_BYTES_MAX: usize = 2000;
/// Errors that are kept.
const ERRORS_MAX: usize = 4;
/// Characters of one that are kept.
const ERROR_CHARS_MAX: usize = 300;
/// Words of messages about errors, in lower case.
const SIGNS: [&str; 3] = ["error", "exception", "traceback"];
/// `opcode` of a text (RFC 6455, section 5.2).
const TEXT: f64 = 1.0;

/// How many messages were sent and received.
pub(super) fn count(messages: Items<'_>) -> SocketMessages {
    let mut count = SocketMessages::default();
    for message in messages.filter_map(|message| Fields::of(Cursor::new(message))) {
        match message.text("type").as_deref() {
            Some("send") => count.sent += 1,
            Some("receive") => count.received += 1,
            _ => {}
        }
    }
    count
}

/// The server's messages about errors, each once, without secrets; `None` when there are none.
pub(super) fn errors(messages: Items<'_>) -> Option<String> {
    let mut told: Vec<String> = Vec::new();
    for message in messages.take(READ_MAX).filter_map(|message| Fields::of(Cursor::new(message))) {
        let is_text = message.number("opcode").is_none_or(|opcode| opcode == TEXT);
        if !is_text || message.text("type").as_deref() != Some("receive") {
            continue;
        }
        let data = message.text("data").unwrap_or_default();
        let data = prefix(&data, READ_BYTES_MAX);
        let lower = data.to_ascii_lowercase();
        if SIGNS.iter().any(|sign| lower.contains(sign)) {
            let error = one_line(&clean_text(data), ERROR_CHARS_MAX);
            if !told.contains(&error) {
                told.push(error);
            }
        }
        if told.len() == ERRORS_MAX {
            break;
        }
    }
    (!told.is_empty()).then(|| told.join("\n"))
}
