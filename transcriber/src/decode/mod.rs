//! Stored bytes to plain JSON to events.
//!
//! In: the bytes of one stream of one segment, compressed or not, in any envelope. Out: plain JSON
//! text, and for rrweb the events one by one, with their window, type and time.
//!
//! Never here: what an event means. Bytes that can't be decoded are a defect; what came before them counts.

pub(crate) mod cv;
pub(crate) mod envelope;

use std::borrow::Cow;
use std::io::Read;

use playhead_schemas::timeline::DefectCode;

use crate::defects::Defects;

/// Layers of compression that are undone: an SDK's own, and the store's around it.
const LAYERS_MAX: usize = 3;
/// Largest zstd window that is accepted, as a power of two: 128 MiB, what `zstd --ultra --long` writes.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// Undoes compression, told by the first bytes: zstd (RFC 8878), gzip (RFC 1952), zlib (RFC 1950) or none.
/// Gives at most `bytes_max` bytes; a cut or a broken stream is a defect and what was read of it counts.
pub(crate) fn plain<'a>(bytes: &'a [u8], bytes_max: usize, defects: &mut Defects) -> Cow<'a, [u8]> {
    let mut current = Cow::Borrowed(bytes);
    for _ in 0..LAYERS_MAX {
        let decoded = match Compression::of(&current) {
            None => break,
            Some(Compression::Zstd) => match zstd::stream::read::Decoder::new(&*current) {
                Ok(mut decoder) => {
                    let _ = decoder.window_log_max(ZSTD_WINDOW_LOG_MAX);
                    read_up_to(decoder, bytes_max, defects)
                }
                Err(error) => {
                    defects.add(DefectCode::BadCompression, || error.to_string());
                    Vec::new()
                }
            },
            Some(Compression::Gzip) => read_up_to(flate2::read::MultiGzDecoder::new(&*current), bytes_max, defects),
            Some(Compression::Zlib) => read_up_to(flate2::read::ZlibDecoder::new(&*current), bytes_max, defects),
        };
        current = Cow::Owned(decoded);
    }
    current
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compression {
    Zstd,
    Gzip,
    Zlib,
}

impl Compression {
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // RFC 1950: deflate with a window of 32 KiB, and a checksum over the two header bytes.
            [0x78, flags, ..] if (0x7800 + u32::from(*flags)).is_multiple_of(31) => Some(Self::Zlib),
            _ => None,
        }
    }
}

fn read_up_to(reader: impl Read, bytes_max: usize, defects: &mut Defects) -> Vec<u8> {
    let mut out = Vec::new();
    let mut limited = reader.take(bytes_max as u64 + 1);
    if let Err(error) = limited.read_to_end(&mut out) {
        defects.add(DefectCode::BadCompression, || format!("after {} bytes: {error}", out.len()));
    }
    if out.len() > bytes_max {
        out.truncate(bytes_max);
        defects.add(DefectCode::LimitReached, || format!("a segment holds more than {bytes_max} bytes"));
    }
    out
}

/// Undoes zlib or gzip of bytes that were carried as the characters U+0000 to U+00FF of a string.
pub(crate) fn latin1_compressed(text: &str, bytes_max: usize) -> Option<Vec<u8>> {
    let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<_>>()?;
    let mut out = Vec::new();
    let read = match Compression::of(&bytes)? {
        Compression::Gzip => flate2::read::GzDecoder::new(&*bytes).take(bytes_max as u64).read_to_end(&mut out),
        Compression::Zlib => flate2::read::ZlibDecoder::new(&*bytes).take(bytes_max as u64).read_to_end(&mut out),
        Compression::Zstd => return None,
    };
    read.is_ok().then_some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn layers_are_undone() {
        let mut defects = Defects::default();
        let wrapped = zstd::encode_all(&*gzip(b"[1]"), 1).unwrap();
        assert_eq!(&*plain(&wrapped, 100, &mut defects), b"[1]");
        assert_eq!(&*plain(b"[2]", 100, &mut defects), b"[2]");
        assert!(defects.list().is_empty());
    }

    #[test]
    fn cut_and_lying_streams_give_what_they_hold() {
        let whole = gzip(&b"[0,1,2,3,4,5,6,7,8,9]".repeat(100));
        let mut defects = Defects::default();
        plain(&whole[..whole.len() - 9], 10_000, &mut defects);
        assert_eq!(defects.list()[0].code, DefectCode::BadCompression);
        let mut lying = whole.clone();
        let end = lying.len() - 6;
        lying[end] ^= 0xff;
        let mut defects = Defects::default();
        plain(&lying, 10_000, &mut defects);
        assert_eq!(defects.list()[0].code, DefectCode::BadCompression);
    }

    #[test]
    fn bombs_are_cut() {
        let bomb = zstd::encode_all(&*vec![b' '; 10_000_000], 19).unwrap();
        let mut defects = Defects::default();
        assert_eq!(plain(&bomb, 1000, &mut defects).len(), 1000);
        assert_eq!(defects.list()[0].code, DefectCode::LimitReached);
    }
}
