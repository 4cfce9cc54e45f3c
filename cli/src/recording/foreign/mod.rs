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
    // A HAR is taken as it is; only the console in it, which no reader of HAR knows, is taken out.
    if har::may_have_console(text) {
        return Ok(serde_json::from_slice(text).ok().and_then(|tree: Value| har::console(&tree, bytes)));
    }
    if !sentry::may_be(text) {
        return Ok(None);
    }
    let Ok(tree) = serde_json::from_slice::<Value>(text) else { return Ok(None) };
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
