//! HAR files with console lines, which the format has no place for: recorders put them beside the entries.

use playhead_schemas::Stream;
use serde_json::Value;

use super::{Foreign, stream};
use crate::recording::Kind;

/// Where recorders put the lines.
const PLACES: [&str; 6] =
    ["/log/_console", "/log/_consoleMessages", "/log/console", "/log/_consoleLogs", "/console", "/consoleLogs"];

/// True for text that may be such a file: a cheap look before it is read as a tree.
pub(super) fn may_have_console(text: &[u8]) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(text, part).is_some();
    has(b"\"entries\"") && has(b"\"log\"") && (has(b"onsole\"") || has(b"onsoleMessages\"") || has(b"onsoleLogs\""))
}

/// The file itself and its console lines; `None` when it has none.
pub(super) fn console(tree: &Value, bytes: &[u8]) -> Option<Foreign> {
    tree.pointer("/log/entries")?.as_array()?;
    let lines = PLACES.iter().find_map(|place| tree.pointer(place)?.as_array().filter(|lines| !lines.is_empty()))?;
    let console = stream(Stream::Console, lines.clone())?;
    let har = (Kind::Recording(Stream::Network), bytes.to_vec());
    Some(Foreign { what: "HAR with console lines", title: None, parts: vec![har, console] })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn lines_beside_the_entries_become_a_stream() {
        for (text, want) in [
            (r#"{"log":{"entries":[],"_console":[{"level":"error","timestamp":1}]}}"#, true),
            (r#"{"log":{"entries":[]},"console":[{"level":"error","timestamp":1}]}"#, true),
            (r#"{"log":{"entries":[],"_console":[]}}"#, false),
            (r#"{"log":{"entries":[{"comment":"console"}]}}"#, false),
            (r#"{"log":{"console":[{}]}}"#, false),
        ] {
            let found = may_have_console(text.as_bytes())
                .then(|| console(&serde_json::from_str(text).unwrap(), text.as_bytes()))
                .flatten();
            assert_eq!(found.is_some(), want, "{text}");
            let kinds: Vec<Kind> = found.into_iter().flat_map(|found| found.parts).map(|(kind, _)| kind).collect();
            let both = [Kind::Recording(Stream::Network), Kind::Recording(Stream::Console)];
            assert!(!want || kinds == both, "{text}");
        }
    }
}
