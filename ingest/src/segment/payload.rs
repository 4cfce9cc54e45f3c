//! What a payload is wrapped in.
//!
//! Wrappings that only compress are undone before a payload is stored, so that limits count what a
//! reader gets, and the same recording is the same bytes however it travelled.

use std::borrow::Cow;

use bytes::Bytes;

use crate::body::{Encoding, is_zlib};

/// The longest header line of a Sentry recording segment.
const HEADER_BYTES_MAX: usize = 256;

/// The outermost wrapping of a payload.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrapping {
    /// None: it should be JSON.
    None,
    /// Compressed bytes.
    Compressed(Encoding, Bytes),
    /// A line such as `{"segment_id":3}` with its newline, then compressed bytes.
    HeaderThenCompressed(Bytes, Encoding, Bytes),
}

/// Looks at the first bytes of a payload.
pub(super) fn wrapping(bytes: &Bytes) -> Wrapping {
    let encoding = Encoding::sniff(bytes);
    if encoding != Encoding::Identity {
        return Wrapping::Compressed(encoding, bytes.clone());
    }
    if let Some(latin1) = latin1_packed(bytes) {
        return Wrapping::Compressed(Encoding::sniff(&latin1), latin1.into());
    }
    header_then_compressed(bytes).unwrap_or(Wrapping::None)
}

/// The header line is kept: it is part of the format.
fn header_then_compressed(bytes: &Bytes) -> Option<Wrapping> {
    if !bytes.starts_with(b"{") {
        return None;
    }
    let head = &bytes[..bytes.len().min(HEADER_BYTES_MAX)];
    // The first newline only: compressed bytes may hold more of them.
    let end = memchr::memchr(b'\n', head)? + 1;
    let encoding = Encoding::sniff(&bytes[end..]);
    (encoding != Encoding::Identity)
        .then(|| Wrapping::HeaderThenCompressed(bytes.slice(..end), encoding, bytes.slice(end..)))
}

/// rrweb's packer makes a string of one character for each compressed byte. As UTF-8, the bytes from
/// 0x80 on take two bytes; this undoes that. `None` when the text is no such string.
fn latin1_packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let second = match bytes {
        [0x78, 0xc2, low @ 0x80..=0xbf, ..] => *low,
        [0x78, 0xc3, low @ 0x80..=0xbf, ..] => low | 0x40,
        [0x1f, 0xc2, 0x8b, 0x08, ..] => 0x8b,
        _ => return None,
    };
    if bytes[0] == 0x78 && !is_zlib(&[0x78, second]) {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// The payload that the text of a JSON string is: its characters as bytes when they are compressed
/// bytes, the text itself otherwise.
pub(super) fn of_text(text: Vec<u8>) -> Bytes {
    let plain = || Cow::Borrowed(text.as_slice());
    let latin1 = latin1_packed(&text).map_or_else(plain, Cow::Owned);
    match latin1 {
        Cow::Owned(bytes) => bytes.into(),
        Cow::Borrowed(_) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn wrappings_are_told_by_their_first_bytes() {
        let kind = |bytes: &'static [u8]| match wrapping(&Bytes::from_static(bytes)) {
            Wrapping::None => "none",
            Wrapping::Compressed(encoding, _) => encoding.as_str(),
            Wrapping::HeaderThenCompressed(..) => "header",
        };
        for (bytes, want) in [
            (&b"[{}]"[..], "none"),
            (b"\x1f\x8b\x08\0", "gzip"),
            (b"\x28\xb5\x2f\xfd", "zstd"),
            (b"\x78\x9c\x03", "deflate"),
            ("x\u{9c}\u{3}ÿ".as_bytes(), "deflate"),
            ("x\u{da}\u{3}".as_bytes(), "deflate"),
            ("\u{1f}\u{8b}\u{8}".as_bytes(), "gzip"),
            (b"{\"segment_id\":3}\n\x78\x9c\n\x03", "header"),
            (b"{\"segment_id\":3}\n[{}]", "none"),
            ("xé".as_bytes(), "none"),
            (b"", "none"),
        ] {
            assert_eq!(kind(bytes), want, "{bytes:?}");
        }
    }

    #[test]
    fn the_header_ends_at_its_first_newline() {
        let bytes = Bytes::from_static(b"{\"segment_id\":3}\n\x78\x9c\n\x03");
        let Wrapping::HeaderThenCompressed(header, _, rest) = wrapping(&bytes) else { panic!() };
        assert_eq!(&header[..], b"{\"segment_id\":3}\n");
        assert_eq!(&rest[..], b"\x78\x9c\n\x03");
    }
}
