//! Envelopes: the objects and lines in which recordings, requests and console lines are wrapped.
//!
//! In: keys and the beginnings of texts. Out: what a key announces, and where a list begins. Never here: events,
//! requests and console lines themselves.

use crate::{Cursor, without_bom};

/// How deep objects such as `{"log":{"entries":[..]}}` may nest around a list.
const WRAPPERS_MAX: usize = 4;
/// The longest header line of a Sentry segment, in bytes.
const SENTRY_HEADER_BYTES_MAX: usize = 200;

/// What a key of an object in a recording announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EnvelopeKey {
    /// `events` and its kin: the value holds events, or objects that hold them.
    Events,
    /// `data`: of an event its data, of another object the same as [`Self::Events`].
    Data,
    /// `payload`: of some SDKs the same as [`Self::Events`]; a custom event has one too.
    Payload,
    /// `type`: with a number the object is an event.
    EventType,
    /// `windowId` and its kin: the name of the window that what is inside was recorded in.
    Window,
    /// An object of lists of events by the names of their windows.
    EventsByWindow,
    /// `segment_id`: the object is the header of a Sentry segment.
    SegmentHeader,
    /// Nothing about events.
    Other,
}

impl EnvelopeKey {
    /// What `key` announces. Of its bytes, as they are written.
    pub fn of(key: &[u8]) -> Self {
        match key {
            b"events" | b"session" | b"result" | b"results" | b"snapshots" | b"properties" | b"rrweb"
            | b"recording" | b"$snapshot_items" | b"$snapshot_data" | b"replay" => Self::Events,
            b"data" => Self::Data,
            b"payload" => Self::Payload,
            b"type" => Self::EventType,
            b"windowId" | b"window_id" | b"$window_id" => Self::Window,
            b"snapshot_data_by_window_id" => Self::EventsByWindow,
            b"segment_id" => Self::SegmentHeader,
            _ => Self::Other,
        }
    }
}

/// True for the beginning of a Sentry segment: a header line, then events as JSON or compressed.
pub fn is_sentry_segment(text: &[u8]) -> bool {
    text.starts_with(b"{\"segment_id\"")
}

/// The position after the header line of a Sentry segment; `None` for other texts.
///
/// Only the first newline ends the header: compressed events after it may hold others.
pub fn sentry_header_end(text: &[u8]) -> Option<usize> {
    if !is_sentry_segment(text) {
        return None;
    }
    memchr::memchr(b'\n', &text[..text.len().min(SENTRY_HEADER_BYTES_MAX)]).map(|end| end + 1)
}

/// The position after the `[` of a list: of the text itself, or of the list under one of the keys `lists`, possibly in
/// objects under the keys `wrappers`. `None` when there is no such list.
pub fn list_start(text: &[u8], wrappers: &[&str], lists: &[&str]) -> Option<usize> {
    let json = without_bom(text);
    let before = text.len() - json.len();
    let mut cursor = Cursor::new(json);
    if cursor.peek() == b'[' {
        return Some(before + cursor.position() + 1);
    }
    for _ in 0..WRAPPERS_MAX {
        cursor.object().ok()?;
        loop {
            let key = cursor.key().ok()??;
            let is = |names: &[&str]| names.iter().any(|name| name.as_bytes() == key);
            match cursor.peek() {
                b'[' if is(lists) => return Some(before + cursor.position() + 1),
                b'{' if is(wrappers) => break,
                _ => drop(cursor.skip().ok()?),
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_found_in_their_wrappers() {
        let find = |text: &str| list_start(text.as_bytes(), &["log", "data"], &["entries", "events"]);
        for (text, want) in [
            ("[1]", Some(1)),
            ("\u{feff} [1]", Some(5)),
            ("{\"entries\":[", Some(12)),
            ("{\"a\":{\"entries\":[]},\"log\":{\"b\":[1],\"events\" : [1]}}", Some(47)),
            ("{\"log\":{\"data\":{\"log\":{\"entries\":[1]}}}}", Some(34)),
            ("{\"log\":{\"log\":{\"log\":{\"log\":{\"entries\":[1]}}}}}", None),
            ("{\"entries\":{}}", None),
            ("{\"log\":7,\"entries\":7}", None),
            ("7", None),
            ("{\"entries\"", None),
            ("", None),
        ] {
            assert_eq!(find(text), want, "{text}");
        }
    }

    #[test]
    fn sentry_headers_end_at_the_first_newline() {
        assert_eq!(sentry_header_end(b"{\"segment_id\":3}\nx\n"), Some(17));
        assert_eq!(sentry_header_end(b"{\"segment_id\":3}"), None);
        assert_eq!(sentry_header_end(b"{\"id\":3}\n"), None);
        let long = format!("{{\"segment_id\":{}}}\n", "3".repeat(200));
        assert_eq!(sentry_header_end(long.as_bytes()), None);
    }
}
