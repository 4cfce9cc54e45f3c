//! What kind of recording some bytes are, told from their first record.

use playhead_schemas::Stream;

use crate::json_scan::{elements, field, fields, skip_space};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A stream of a replay.
    Recording(Stream),
    /// A picture of this media type.
    Picture(&'static str),
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Recording(stream) => stream.fmt(f),
            Self::Picture(media_type) => f.write_str(media_type),
        }
    }
}

/// The kind of unpacked bytes; `None` when they are nothing that Playhead takes.
pub(crate) fn recognise(bytes: &[u8]) -> Option<Kind> {
    if let Some(media_type) = picture(bytes) {
        return Some(Kind::Picture(media_type));
    }
    let bom: &[u8] = b"\xef\xbb\xbf";
    let start = skip_space(bytes, if bytes.starts_with(bom) { bom.len() } else { 0 });
    stream_of_value(bytes, start).map(Kind::Recording)
}

fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The stream of the value at `at`: an envelope, an array of records, or the first record of JSON Lines.
fn stream_of_value(bytes: &[u8], at: usize) -> Option<Stream> {
    match bytes.get(at)? {
        b'{' => stream_of_object(bytes, at),
        // An array of packed events is an array of strings; PostHog stores ["window", event] lines.
        b'[' => {
            let first = first_record(bytes, at)?;
            match bytes[first] {
                b'{' => stream_of_object(bytes, first),
                b'"' => Some(Stream::Rrweb),
                b'[' => stream_of_value(bytes, first_record(bytes, first)?),
                _ => None,
            }
        }
        b'"' => Some(Stream::Rrweb),
        _ => None,
    }
}

/// Where the first element starts, also when the text ends inside it.
fn first_record(bytes: &[u8], array: usize) -> Option<usize> {
    let whole = elements(bytes, array).next().map(|range| range.start);
    let start = whole.unwrap_or_else(|| skip_space(bytes, array + 1));
    (start < bytes.len() && bytes[start] != b']').then_some(start)
}

fn stream_of_object(bytes: &[u8], at: usize) -> Option<Stream> {
    const RRWEB_ENVELOPES: [&[u8]; 11] = [
        b"events",
        b"session",
        b"result",
        b"snapshots",
        b"snapshot_data_by_window_id",
        b"data",
        b"segment_id",
        b"window_id",
        b"windowId",
        b"properties",
        b"$snapshot_items",
    ];
    if field(bytes, at, "log").is_some_and(|log| field(bytes, log.start, "entries").is_some()) {
        return Some(Stream::Network);
    }
    if let Some(entries) = field(bytes, at, "entries") {
        return stream_of_value(bytes, entries.start);
    }
    let (mut numbered_type, mut timestamp, mut enveloped) = (false, false, false);
    for (key, value) in fields(bytes, at) {
        match key {
            b"startedDateTime" | b"request" | b"response" => return Some(Stream::Network),
            b"level" | b"kind" => return Some(Stream::Console),
            b"type" => numbered_type = bytes[value.start].is_ascii_digit(),
            b"timestamp" => timestamp = true,
            _ => {}
        }
        enveloped |= RRWEB_ENVELOPES.contains(&key);
    }
    // A record cut off inside a value shows the keys before it; one of an event is enough.
    (numbered_type || timestamp || enveloped).then_some(Stream::Rrweb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_from_content() {
        let (rrweb, console, network) = (Some(Stream::Rrweb), Some(Stream::Console), Some(Stream::Network));
        for (text, want) in [
            (r#"[{"type":4,"data":{"href":"x"},"timestamp":1}]"#, rrweb),
            (r#" {"type":3,"timestamp":1,"data":{}}"#, rrweb),
            ("\u{feff}{\"events\":[]}", rrweb),
            (r#"{"session":{},"events":[]}"#, rrweb),
            (r#"{"result":{"snapshots":[]}}"#, rrweb),
            (r#"{"data":{"events":[]}}"#, rrweb),
            (r#"{"snapshot_data_by_window_id":{}}"#, rrweb),
            (r#"["x\u009c..","x"]"#, rrweb),
            (r#"["w1",{"type":4,"timestamp":1}]"#, rrweb),
            (r#"[["w1",{"type":4,"timestamp":1}]]"#, rrweb),
            ("{\"segment_id\":0}\n\u{1}", rrweb),
            (r#"[{"timestamp":1,"type":2,"data":{"cut off"#, rrweb),
            (r#"[{"timestamp":1,"level":"error","kind":"exception","message":"x"}]"#, console),
            ("{\"timestamp\":1,\"level\":\"log\"}\n{\"timestamp\":2}", console),
            (r#"{"log":{"version":"1.2","entries":[]}}"#, network),
            (r#"{"entries":[{"startedDateTime":"2026"}]}"#, network),
            (r#"[{"request":{},"response":{}}]"#, network),
            ("", None),
            ("hello", None),
            ("[]", None),
            ("[1,2]", None),
            ("{\"name\":\"package\"}", None),
            ("null", None),
        ] {
            assert_eq!(recognise(text.as_bytes()), want.map(Kind::Recording), "{text}");
        }
    }

    #[test]
    fn pictures_are_told_from_their_first_bytes() {
        assert_eq!(recognise(b"\x89PNG\r\n\x1a\n"), Some(Kind::Picture("image/png")));
        assert_eq!(recognise(b"RIFF\0\0\0\0WEBPVP8 "), Some(Kind::Picture("image/webp")));
        assert_eq!(recognise(b"\xff\xd8\xff\xe0"), Some(Kind::Picture("image/jpeg")));
        assert_eq!(recognise(b"RIFF\0\0\0\0WAVE"), None);
    }
}
