//! PostHog's `cv: "2024-10"`: parts of an event's data are gzip in the characters of a string.
//!
//! Type 2: the whole data. Type 3, source 0: `texts`, `attributes`, `removes`, `adds` each. Type 3,
//! source 8: `adds`, `removes`. Others travel plain.

use playhead_json::{Cursor, Malformed};

use super::{UnpackError, decompress_latin1};
use crate::dialects::rrweb::EventType;

impl From<Malformed> for UnpackError {
    fn from(_: Malformed) -> Self {
        Self::Broken
    }
}

/// The data with its compressed parts undone, in at most about `bytes_max` bytes.
pub(crate) fn undo(event_type: EventType, data: &[u8], bytes_max: usize) -> Result<Vec<u8>, UnpackError> {
    let mut cursor = Cursor::new(data);
    if cursor.peek() == b'"' {
        return decompress_latin1(&cursor.string()?.text(), bytes_max);
    }
    if event_type != EventType::IncrementalSnapshot {
        return Ok(data.to_vec());
    }
    let mut out = Vec::with_capacity(data.len() * 4);
    out.push(b'{');
    cursor.object()?;
    while let Some(key) = cursor.key()? {
        if out.len() > 1 {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(key);
        out.extend_from_slice(b"\":");
        if matches!(key, b"texts" | b"attributes" | b"removes" | b"adds") && cursor.peek() == b'"' {
            let room = bytes_max.saturating_sub(out.len());
            out.extend_from_slice(&decompress_latin1(&cursor.string()?.text(), room)?);
        } else {
            out.extend_from_slice(cursor.skip()?);
        }
    }
    out.push(b'}');
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    fn packed(json: &str) -> String {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(json.as_bytes()).unwrap();
        encoder.finish().unwrap().into_iter().map(char::from).collect()
    }

    #[test]
    fn parts_are_undone() {
        let data = serde_json::json!({"source": 0, "texts": packed("[]"), "adds": packed("[1]")}).to_string();
        let plain: serde_json::Value =
            serde_json::from_slice(&undo(EventType::IncrementalSnapshot, data.as_bytes(), 1000).unwrap()).unwrap();
        assert_eq!(plain, serde_json::json!({"source": 0, "texts": [], "adds": [1]}));
        let whole = serde_json::to_vec(&packed("{\"node\":{}}")).unwrap();
        assert_eq!(undo(EventType::FullSnapshot, &whole, 1000).unwrap(), b"{\"node\":{}}");
    }

    #[test]
    fn corrupt_parts_are_refused() {
        let broken = packed("[1,2,3]").replace('\u{1f}', " ");
        assert_eq!(
            undo(EventType::FullSnapshot, &serde_json::to_vec(&broken).unwrap(), 1000),
            Err(UnpackError::Broken)
        );
        let large = serde_json::to_vec(&packed(&"[1]".repeat(400))).unwrap();
        assert_eq!(undo(EventType::FullSnapshot, &large, 1000), Err(UnpackError::TooLarge));
        assert!(undo(EventType::FullSnapshot, &large, 1200).is_ok());
    }
}
