//! Recordings in the files that other products export, as streams that Playhead takes.
//!
//! In: an unpacked file. Out: what it is, and what of it is uploaded. A file that Playhead takes as it is (rrweb events in any
//! wrapping, HAR, console entries, pictures) is none of these. Never here: what a recording means.

mod har;
mod playwright;
mod sentry;

use playhead_json::without_bom;
use playhead_schemas::Stream;
use serde_json::Value;

use super::Kind;

/// Bytes of a JSON file that is read into memory as a tree.
const TREE_BYTES_MAX: usize = 64 << 20;

/// What a file of another product holds.
#[derive(Debug)]
pub(crate) struct Foreign {
    /// What it is, in words, such as `Playwright trace`.
    pub(crate) what: &'static str,
    /// A title for the bug, when the file has one.
    pub(crate) title: Option<String>,
    /// What is uploaded.
    pub(crate) parts: Vec<(Kind, Vec<u8>)>,
}

/// Reads a file of another product; `None` for other files. `has_recording`: rrweb events are imported with it, which tell
/// what the user did.
///
/// # Errors
/// When it is such a file, and damaged or without anything to import.
pub(crate) fn read(bytes: &[u8], has_recording: bool) -> anyhow::Result<Option<Foreign>> {
    if playwright::is_zip(bytes) {
        return playwright::read(bytes).map(Some);
    }
    let text = without_bom(bytes).trim_ascii_start();
    if !text.starts_with(b"{") || text.len() > TREE_BYTES_MAX {
        return Ok(None);
    }
    if !har::may_have_console(text) && !sentry::may_be(text) {
        return Ok(None);
    }
    let Ok(tree) = serde_json::from_slice::<Value>(text) else { return Ok(None) };
    // A HAR is taken as it is; only the console in it, which no reader of HAR knows, is taken out.
    if let Some(found) = har::console(&tree, bytes) {
        return Ok(Some(found));
    }
    let found = sentry::read(&tree, has_recording)?;
    if let Some(Foreign { what, parts, .. }) = &found {
        anyhow::ensure!(!parts.is_empty(), "it is a {what} in which nothing was recorded");
    }
    Ok(found)
}

/// A list of values as a stream; `None` when it is empty.
fn stream(stream: Stream, list: Vec<Value>) -> Option<(Kind, Vec<u8>)> {
    (!list.is_empty()).then(|| (Kind::Recording(stream), Value::Array(list).to_string().into_bytes()))
}

/// The text under a pointer, cut to so many characters.
fn text(value: &Value, pointer: &str, chars_max: usize) -> Option<String> {
    let text = value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())?;
    Some(text.chars().take(chars_max).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    /// An event of the API has `entries`, and a breadcrumb of the console the level `log`, as a HAR with console lines has.
    #[test]
    fn an_event_with_a_console_breadcrumb_is_no_har() {
        let crumb = json!({ "timestamp": 1_795_190_401.5, "category": "console", "level": "log", "message": "x" });
        let event = json!({ "eventID": "e1", "dateCreated": "2026-11-20T16:00:02Z", "title": "TypeError: x",
            "entries": [{ "type": "breadcrumbs", "data": { "values": [crumb] } }] });
        let found = read(event.to_string().as_bytes(), false).unwrap().unwrap();
        assert_eq!(found.what, "Sentry event");
        let har = json!({ "log": { "entries": [], "_console": [{ "timestamp": 1, "message": "x" }] } });
        assert_eq!(read(har.to_string().as_bytes(), false).unwrap().unwrap().what, "HAR with console lines");
    }
}
