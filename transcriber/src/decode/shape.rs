//! How the events of a large text follow each other, told from its beginning.
//!
//! In: the first bytes of a text that is read in pieces. Out: where its first event begins, and what is around its
//! list of events. Never here: events themselves; texts of unusual shapes, which the caller reads whole.

use playhead_json::envelope::{self, EnvelopeKey};
use playhead_json::{Cursor, Read, without_bom};

/// Objects around a list of events.
const LEVELS_MAX: usize = 6;
/// Names of windows are at most this long, in bytes; packed events are longer.
const NAME_BYTES_MAX: usize = 200;

/// How items follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One array, in so many objects.
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
    Unsure,
    /// Nothing that can be read in pieces.
    Unusual,
}

impl Beginning<'_> {
    /// Reads the beginning of a text.
    pub(super) fn of(text: &[u8]) -> Beginning<'_> {
        let json = without_bom(text);
        let header = match envelope::sentry_header_end(json) {
            Some(end) => end,
            None if envelope::is_sentry_segment(json) => return Beginning::Unusual,
            None => 0,
        };
        let start = text.len() - json.len() + header;
        let mut cursor = Cursor::new(&text[start..]);
        match cursor.peek() {
            b'[' => array(cursor, start, 0, Vec::new()),
            b'{' if header == 0 => object(cursor, start),
            _ => Beginning::Unusual,
        }
    }
}

/// A list, unless it is the pair of a window's name and its events.
fn array<'a>(mut cursor: Cursor<'a>, start: usize, levels: usize, before: Vec<&'a [u8]>) -> Beginning<'a> {
    if cursor.array().is_err() {
        return Beginning::Unusual;
    }
    let first = cursor;
    if cursor.peek() == b'"' {
        return match cursor.string() {
            Err(_) => Beginning::Unsure,
            Ok(name) if name.bytes.len() > NAME_BYTES_MAX => known(start, first, levels, before),
            Ok(_) if levels > 0 => Beginning::Unusual,
            Ok(_) if matches!(cursor.after_comma(), b'{' | b'[') => Beginning::Known(Shape::Lines, start, before),
            Ok(_) => Beginning::Unusual,
        };
    }
    known(start, first, levels, before)
}

fn known<'a>(start: usize, first: Cursor<'a>, levels: usize, before: Vec<&'a [u8]>) -> Beginning<'a> {
    Beginning::Known(Shape::Array { closed: false, levels }, start + first.position(), before)
}

/// An event of several, or an object around a list of them, which is larger than what is there.
fn object(cursor: Cursor<'_>, start: usize) -> Beginning<'_> {
    if { cursor }.skip().is_ok() {
        return Beginning::Known(Shape::Lines, start, Vec::new());
    }
    let mut inside = cursor;
    let (mut levels, mut before) = (0, Vec::new());
    let mut look = || -> Read<Beginning<'_>> {
        inside.object()?;
        levels += 1;
        loop {
            let Some(key) = inside.key()? else { return Ok(Beginning::Unusual) };
            let first = inside.peek();
            match EnvelopeKey::of(key) {
                EnvelopeKey::EventType if !matches!(first, b'{' | b'[' | b'"') => {
                    return Ok(if levels == 1 {
                        Beginning::Known(Shape::Lines, start, Vec::new())
                    } else {
                        Beginning::Unsure
                    });
                }
                EnvelopeKey::EventType | EnvelopeKey::Window | EnvelopeKey::EventsByWindow => {
                    return Ok(Beginning::Unusual);
                }
                EnvelopeKey::Events | EnvelopeKey::Data | EnvelopeKey::Payload if matches!(first, b'[' | b'{') => {
                    let value = inside;
                    match inside.skip() {
                        // What is small is read as it stands.
                        Ok(text) => before.push(text),
                        Err(_) if first == b'[' && matches!(key, b"payload" | b"session") => {
                            return Ok(Beginning::Unsure);
                        }
                        Err(_) if first == b'[' => return Ok(array(value, start, levels, std::mem::take(&mut before))),
                        Err(_) if levels == LEVELS_MAX => return Ok(Beginning::Unusual),
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
    look().unwrap_or(Beginning::Unsure)
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
            ("[\"w\"", Beginning::Unusual),
            ("[\"w", Beginning::Unsure),
            ("{\"segment_id\":1}\n[{", array(18, 0)),
            ("{\"segment_id\":1}\nx\u{9c}", Beginning::Unusual),
            ("{\"type\":3}\n{\"type", lines(0)),
            ("{\"type\":3,\"data\":{", lines(0)),
            ("{\"timestamp\":3,\"type\":2,\"data\":{", lines(0)),
            ("{\"data\":{\"source\":0,\"adds\":[{", Beginning::Unsure),
            ("{\"data\":{\"payload\":[\"", Beginning::Unsure),
            ("{\"data\":{\"type\":2,", Beginning::Unsure),
            ("{\"events\":[{\"type\":3", array(11, 1)),
            ("{\"id\":\"x\",\"data\":{\"events\":[{", array(28, 2)),
            ("{\"window_id\":\"a\",\"data\":[{", Beginning::Unusual),
            ("{\"events\"", Beginning::Unsure),
            ("nonsense", Beginning::Unusual),
            ("", Beginning::Unusual),
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
