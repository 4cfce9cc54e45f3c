//! Stored bytes to JSON text to events.
//!
//! In: the bytes of one stream of one segment, compressed or not, in any envelope. Out: JSON text, and for rrweb the
//! events one by one, with their window, type and time.
//!
//! Never here: what an event means. Bytes that cannot be decoded are a defect, and what came before them is given.

pub(crate) mod blocks;
pub(crate) mod cv;
pub(crate) mod envelope;
pub(crate) mod event;
mod frame;
pub(crate) mod memory;
pub(crate) mod reread;
mod shape;
pub(crate) mod streamed;

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Read};

use playhead_schemas::timeline::DefectCode;

use crate::defects::Defects;

/// Layers of compression that are undone, such as an SDK's own and the store's around it.
const LAYERS_MAX: usize = 3;
/// Largest zstd window that is accepted, as a power of two: 128 MiB, what `zstd --ultra --long` writes.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// The longest content for which memory is reserved because a frame's headers state it.
const WHOLE_FRAME_BYTES_MAX: usize = 256 << 20;

/// True when the first bytes are those of a compressed stream.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    Compression::of(bytes).is_some()
}

/// Undoes compression, which the first bytes tell: zstd (RFC 8878), gzip (RFC 1952), zlib (RFC 1950) or none.
///
/// Gives at most `bytes_max` bytes, and whether there were more. A broken stream is a defect, and what could be read of
/// it is given.
pub(crate) fn decompress<'a>(bytes: &'a [u8], bytes_max: usize, defects: &mut Defects) -> (Cow<'a, [u8]>, bool) {
    let (mut current, mut cut) = (Cow::Borrowed(bytes), false);
    for _ in 0..LAYERS_MAX {
        let Some(compression) = Compression::of(&current) else { break };
        let (decoded, more) = undo(compression, &current, bytes_max, defects);
        cut |= more;
        current = Cow::Owned(decoded);
    }
    (current, cut)
}

fn undo(compression: Compression, bytes: &[u8], bytes_max: usize, defects: &mut Defects) -> (Vec<u8>, bool) {
    if compression == Compression::Zstd
        && let Some(text) = whole_frame(bytes, bytes_max)
    {
        return (text, false);
    }
    let mut own = Defects::default();
    let (out, cut) = match compression.decoder(bytes) {
        Ok(decoder) => read_up_to(decoder, bytes_max, &mut own),
        Err(error) => {
            own.add(DefectCode::BadCompression, || error.to_string());
            (Vec::new(), false)
        }
    };
    let broken = !own.is_empty();
    defects.absorb(own);
    if broken && compression == Compression::Zlib {
        // The decoder holds back text until its checksum is right: read it without a checksum.
        let whole = read_up_to(flate2::read::DeflateDecoder::new(&bytes[2..]), bytes_max, &mut Defects::default());
        return if whole.0.len() > out.len() { whole } else { (out, cut) };
    }
    (out, cut)
}

/// The content of one whole zstd frame, decompressed at once, which is faster than as a stream. `None` for anything
/// else: a frame that breaks off, states a wrong length, or may hold more than `bytes_max`.
fn whole_frame(bytes: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
    let bound = frame::content_bound(bytes)?;
    // The store writes frames that state the length of their content.
    let stated = zstd::zstd_safe::get_frame_content_size(bytes).ok()?.and_then(|size| usize::try_from(size).ok());
    let size = stated.unwrap_or(bound);
    if size > bytes_max.min(WHOLE_FRAME_BYTES_MAX) || size > bound {
        return None;
    }
    thread_local! {
        static DECOMPRESSOR: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
    }
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            None => kept.insert(zstd::bulk::Decompressor::new().ok()?),
        };
        let text = decompressor.decompress(bytes, size).ok()?;
        (stated.is_none() || text.len() == size).then_some(text)
    })
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

    /// A reader that decompresses a stream in pieces.
    fn decoder(self, bytes: &[u8]) -> io::Result<Box<dyn Read + '_>> {
        Ok(match self {
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::new(bytes)?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
                Box::new(decoder)
            }
            Self::Gzip => Box::new(flate2::read::MultiGzDecoder::new(bytes)),
            Self::Zlib => Box::new(flate2::read::ZlibDecoder::new(bytes)),
        })
    }
}

fn read_up_to(reader: impl Read, bytes_max: usize, defects: &mut Defects) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut limited = reader.take(bytes_max as u64 + 1);
    if let Err(error) = limited.read_to_end(&mut out) {
        defects.add(DefectCode::BadCompression, || format!("after {} bytes: {error}", out.len()));
    }
    let cut = out.len() > bytes_max;
    out.truncate(bytes_max);
    (out, cut)
}

/// Why a packed string was not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnpackError {
    /// It is not packed, or it is corrupt.
    Broken,
    /// It holds more than the limit.
    TooLarge,
}

/// Undoes zlib or gzip of bytes that were written as the characters U+0000 to U+00FF of a string. At most `bytes_max`
/// bytes.
pub(crate) fn decompress_latin1(text: &str, bytes_max: usize) -> Result<Vec<u8>, UnpackError> {
    let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let bytes = bytes.ok_or(UnpackError::Broken)?;
    let mut out = Vec::new();
    let limit = bytes_max as u64 + 1;
    let read = match Compression::of(&bytes) {
        Some(Compression::Gzip) => flate2::read::GzDecoder::new(&*bytes).take(limit).read_to_end(&mut out),
        Some(Compression::Zlib) => flate2::read::ZlibDecoder::new(&*bytes).take(limit).read_to_end(&mut out),
        Some(Compression::Zstd) | None => return Err(UnpackError::Broken),
    };
    match read {
        Err(_) => Err(UnpackError::Broken),
        Ok(_) if out.len() > bytes_max => Err(UnpackError::TooLarge),
        Ok(_) => Ok(out),
    }
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
        assert_eq!(&*decompress(&wrapped, 100, &mut defects).0, b"[1]");
        assert_eq!(&*decompress(b"[2]", 100, &mut defects).0, b"[2]");
        assert!(defects.is_empty());
    }

    #[test]
    fn cut_and_lying_streams_give_what_they_hold() {
        let whole = gzip(&b"[0,1,2,3,4,5,6,7,8,9]".repeat(100));
        let mut defects = Defects::default();
        decompress(&whole[..whole.len() - 9], 10_000, &mut defects);
        assert_eq!(defects.list()[0].code, DefectCode::BadCompression);
        let mut lying = whole.clone();
        let end = lying.len() - 6;
        lying[end] ^= 0xff;
        let mut defects = Defects::default();
        decompress(&lying, 10_000, &mut defects);
        assert_eq!(defects.list()[0].code, DefectCode::BadCompression);
    }

    #[test]
    fn bombs_are_cut() {
        let bomb = zstd::encode_all(&*vec![b' '; 10_000_000], 19).unwrap();
        let mut defects = Defects::default();
        let (text, cut) = decompress(&bomb, 1000, &mut defects);
        assert_eq!((text.len(), cut), (1000, true));
        assert!(!decompress(&bomb, 10_000_000, &mut defects).1);
        assert!(defects.is_empty());
    }
}
