//! What kind of recording some bytes are, told from their first record.

use playhead_json::envelope::EnvelopeKey;
use playhead_json::{Cursor, Members, without_bom};
use playhead_schemas::Stream;

/// Bytes of a file that are looked at for who wrote it.
const LOOKED_BYTES_MAX: usize = 1 << 20;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A stream of a replay.
    Recording(Stream),
    /// A picture of this media type.
    Picture(&'static str),
}

impl Kind {
    /// What a file of this kind is, in words: where it shows, which product wrote it.
    pub(crate) fn what(self, bytes: &[u8]) -> &'static str {
        let text = without_bom(bytes).trim_ascii_start();
        let has = |part: &[u8]| memchr::memmem::find(&text[..text.len().min(LOOKED_BYTES_MAX)], part).is_some();
        match self {
            Self::Picture(media_type) => media_type,
            Self::Recording(Stream::Network) => "requests (HAR)",
            Self::Recording(Stream::Console) => "console entries",
            Self::Recording(Stream::Rrweb) if playhead_json::envelope::is_sentry_segment(text) => {
                "Sentry replay segment"
            }
            Self::Recording(Stream::Rrweb) if has(b"\"window_id\"") && has(b"\"snapshots\"") => "PostHog recording",
            Self::Recording(Stream::Rrweb)
                if text.starts_with(b"[\"")
                    || has(b"snapshot_data_by_window_id")
                    || has(b"\"$window_id\"")
                    || has(b"\"window_id\"") =>
            {
                "PostHog snapshots"
            }
            Self::Recording(Stream::Rrweb) if has(b"\"performanceSpan\"") || has(b"\"breadcrumb\"") => {
                "Sentry replay recording"
            }
            Self::Recording(Stream::Rrweb) => "rrweb events",
        }
    }
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
    stream_of_value(Cursor::new(without_bom(bytes))).map(Kind::Recording)
}

/// What the beginning of a file is that [`recognise`] does not know.
pub(crate) fn describe(head: &[u8]) -> &'static str {
    let text = without_bom(head).trim_ascii_start();
    match text.first() {
        None => "nothing: it is empty",
        Some(b'{' | b'[' | b'"') => "JSON of another kind",
        Some(_) if std::str::from_utf8(text).is_ok() => "text that is no JSON",
        Some(_) => "bytes that are no JSON",
    }
}

fn picture(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The stream of the value that is next: an envelope, an array of records, or the first record of JSON Lines.
fn stream_of_value(mut value: Cursor<'_>) -> Option<Stream> {
    match value.peek() {
        b'{' => stream_of_object(value),
        // An array of packed events is an array of strings; PostHog stores ["window", event] lines.
        b'[' => {
            let mut first = first_record(value)?;
            match first.peek() {
                b'{' => stream_of_object(first),
                b'"' => Some(Stream::Rrweb),
                b'[' => stream_of_value(first_record(first)?),
                _ => None,
            }
        }
        b'"' => Some(Stream::Rrweb),
        _ => None,
    }
}

/// The first element of an array, also when the text ends inside it.
fn first_record(mut array: Cursor<'_>) -> Option<Cursor<'_>> {
    array.array().ok()?;
    array.item().ok()?.then_some(array)
}

fn stream_of_object(object: Cursor<'_>) -> Option<Stream> {
    let members = Members::of(object);
    let log = members.clone().find("log").map(|log| Members::of(Cursor::new(log)));
    if log.is_some_and(|log| log.find("entries").is_some()) {
        return Some(Stream::Network);
    }
    if let Some(entries) = members.clone().find("entries") {
        return stream_of_value(Cursor::new(entries));
    }
    let mut is_rrweb = false;
    for (key, value) in members {
        match key {
            b"startedDateTime" | b"request" | b"response" => return Some(Stream::Network),
            b"level" | b"kind" => return Some(Stream::Console),
            // A record that is cut off inside a value shows the keys before it; one of an event is enough.
            b"timestamp" => is_rrweb = true,
            _ => {
                is_rrweb |= match EnvelopeKey::of(key) {
                    EnvelopeKey::EventType => value.first().is_some_and(u8::is_ascii_digit),
                    EnvelopeKey::Other => false,
                    _ => true,
                }
            }
        }
    }
    is_rrweb.then_some(Stream::Rrweb)
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
            (r#"{"recording":{"replay":[]}}"#, rrweb),
            (r#"{"$window_id":"w","payload":"[]"}"#, rrweb),
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
    fn what_is_not_known_is_described() {
        for (head, want) in [
            ("", "empty"),
            ("\u{feff} ", "empty"),
            ("{\"name\":1}", "JSON of another kind"),
            ("hello", "text that is no JSON"),
        ] {
            assert!(describe(head.as_bytes()).contains(want), "{head}");
        }
        assert!(describe(b"PK\x03\x04\xff").contains("bytes"));
    }

    #[test]
    fn pictures_are_told_from_their_first_bytes() {
        assert_eq!(recognise(b"\x89PNG\r\n\x1a\n"), Some(Kind::Picture("image/png")));
        assert_eq!(recognise(b"RIFF\0\0\0\0WEBPVP8 "), Some(Kind::Picture("image/webp")));
        assert_eq!(recognise(b"\xff\xd8\xff\xe0"), Some(Kind::Picture("image/jpeg")));
        assert_eq!(recognise(b"RIFF\0\0\0\0WAVE"), None);
    }
}
