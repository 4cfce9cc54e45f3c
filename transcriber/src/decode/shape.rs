//! The shape of a large recording, found out from the beginning of its text.
//!
//! In: the first bytes of a text that is read in pieces. Out: where its first event begins, and how many objects are
//! around its list of events. Never here: events themselves; texts of other shapes, which the caller reads as a whole.

use playhead_json::envelope::{self, EnvelopeKey};
use playhead_json::{Cursor, Read, without_bom};

/// How many objects may be around a list of events.
const LEVELS_MAX: usize = 6;
/// The longest name of a window, in bytes. Packed events are longer.
const NAME_BYTES_MAX: usize = 200;

/// How items follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One array, inside of `levels` objects. `closed` when its end was read.
    Array { closed: bool, levels: usize },
    /// One after the other.
    Lines,
}

/// What the beginning of a text tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beginning<'a> {
    /// The shape, where its first item may begin, and values before it that may hold events too.
    Known(Shape, usize, Vec<&'a [u8]>),
    /// More of the text is needed.
    NeedsMore,
    /// The text has another shape, or is no recording.
    Unsupported,
}

impl Beginning<'_> {
    /// Reads the beginning of a text.
    pub(super) fn of(text: &[u8]) -> Beginning<'_> {
        let json = without_bom(text);
        let header = match envelope::sentry_header_end(json) {
            Some(end) => end,
            None if envelope::is_sentry_segment(json) => return Beginning::Unsupported,
            None => 0,
        };
        let start = text.len() - json.len() + header;
        let mut cursor = Cursor::new(&text[start..]);
        match cursor.peek() {
            b'[' => array(cursor, start, 0, Vec::new()),
            b'{' if header == 0 => object(cursor, start),
            _ => Beginning::Unsupported,
        }
    }
}

/// A list, unless it is the pair of a window's name and its events.
fn array<'a>(mut cursor: Cursor<'a>, start: usize, levels: usize, before: Vec<&'a [u8]>) -> Beginning<'a> {
    if cursor.array().is_err() {
        return Beginning::Unsupported;
    }
    let first = cursor;
    if cursor.peek() == b'"' {
        return match cursor.string() {
            Err(_) => Beginning::NeedsMore,
            Ok(name) if name.bytes.len() > NAME_BYTES_MAX => known(start, first, levels, before),
            Ok(_) if levels > 0 => Beginning::Unsupported,
            Ok(_) if matches!(cursor.after_comma(), b'{' | b'[') => Beginning::Known(Shape::Lines, start, before),
            Ok(_) => Beginning::Unsupported,
        };
    }
    known(start, first, levels, before)
}

fn known<'a>(start: usize, first: Cursor<'a>, levels: usize, before: Vec<&'a [u8]>) -> Beginning<'a> {
    Beginning::Known(Shape::Array { closed: false, levels }, start + first.position(), before)
}

/// The first of several events, or an object around a list of them that is larger than the beginning.
fn object(cursor: Cursor<'_>, start: usize) -> Beginning<'_> {
    if { cursor }.skip().is_ok() {
        return Beginning::Known(Shape::Lines, start, Vec::new());
    }
    let mut inside = cursor;
    let (mut levels, mut before) = (0, Vec::new());
    let mut search = || -> Read<Beginning<'_>> {
        inside.object()?;
        levels += 1;
        loop {
            let Some(key) = inside.key()? else { return Ok(Beginning::Unsupported) };
            let first = inside.peek();
            match EnvelopeKey::of(key) {
                EnvelopeKey::EventType if !matches!(first, b'{' | b'[' | b'"') => {
                    return Ok(if levels == 1 {
                        Beginning::Known(Shape::Lines, start, Vec::new())
                    } else {
                        Beginning::NeedsMore
                    });
                }
                EnvelopeKey::EventType | EnvelopeKey::Window | EnvelopeKey::EventsByWindow => {
                    return Ok(Beginning::Unsupported);
                }
                EnvelopeKey::Events | EnvelopeKey::Data | EnvelopeKey::Payload if matches!(first, b'[' | b'{') => {
                    let value = inside;
                    match inside.skip() {
                        // A value that ends within the beginning is read as it is.
                        Ok(text) => before.push(text),
                        Err(_) if first == b'[' && matches!(key, b"payload" | b"session") => {
                            return Ok(Beginning::NeedsMore);
                        }
                        Err(_) if first == b'[' => return Ok(array(value, start, levels, std::mem::take(&mut before))),
                        Err(_) if levels == LEVELS_MAX => return Ok(Beginning::Unsupported),
                        Err(_) => {
                            inside = value;
                            inside.object()?;
                            levels += 1;
                        }
                    }
                }
                _ => drop(inside.skip()?),
            }
        }
    };
    search().unwrap_or(Beginning::NeedsMore)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(from: usize, levels: usize) -> Beginning<'static> {
        Beginning::Known(Shape::Array { closed: false, levels }, from, Vec::new())
    }

    #[test]
    fn beginnings_tell_how_events_follow() {
        let lines = |from| Beginning::Known(Shape::Lines, from, Vec::new());
        let long = format!("[\"{}\",", "x".repeat(300));
        for (text, wanted) in [
            ("[{\"type\":3", array(1, 0)),
            ("\u{feff} [ [\"w\",{", array(5, 0)),
            (&long, array(1, 0)),
            ("[\"w\",{\"type\"", lines(0)),
            ("[\"w\"", Beginning::Unsupported),
            ("[\"w", Beginning::NeedsMore),
            ("{\"segment_id\":1}\n[{", array(18, 0)),
            ("{\"segment_id\":1}\nx\u{9c}", Beginning::Unsupported),
            ("{\"type\":3}\n{\"type", lines(0)),
            ("{\"type\":3,\"data\":{", lines(0)),
            ("{\"timestamp\":3,\"type\":2,\"data\":{", lines(0)),
            ("{\"data\":{\"source\":0,\"adds\":[{", Beginning::NeedsMore),
            ("{\"data\":{\"payload\":[\"", Beginning::NeedsMore),
            ("{\"data\":{\"type\":2,", Beginning::NeedsMore),
            ("{\"events\":[{\"type\":3", array(11, 1)),
            ("{\"id\":\"x\",\"data\":{\"events\":[{", array(28, 2)),
            ("{\"window_id\":\"a\",\"data\":[{", Beginning::Unsupported),
            ("{\"events\"", Beginning::NeedsMore),
            ("nonsense", Beginning::Unsupported),
            ("", Beginning::Unsupported),
        ] {
            assert_eq!(Beginning::of(text.as_bytes()), wanted, "{text}");
        }
        let session = "{\"session\":{\"id\":1},\"events\":[{";
        let before = vec![&b"{\"id\":1}"[..]];
        assert_eq!(
            Beginning::of(session.as_bytes()),
            Beginning::Known(Shape::Array { closed: false, levels: 1 }, 30, before)
        );
    }
}
