//! Whether a payload that was read is the one that was stored.
//!
//! In: a segment's row and the bytes that were read for it. Out: nothing, or `Lost`, so that no transcript, no compacted
//! object and no answer is made of damaged bytes.

use std::io::Read;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::SegmentMeta;
use crate::payload::StoredCheck;
use crate::{Result, StoreError};

/// What is hashed at once.
const PIECE_BYTES: usize = 16 << 10;

/// What a payload is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Check {
    /// Of the bytes as they are stored.
    Stored(StoredCheck),
    /// The SHA-256 of the content, in rows of versions that kept no other.
    Content([u8; 32]),
}

impl Check {
    /// From the columns `sha256` and `stored_check`.
    pub(super) fn from_columns(content: Vec<u8>, stored: Option<Vec<u8>>) -> Result<Self> {
        let wrong = |_| StoreError::engine("read a segment's row", "a hash has another length");
        match stored {
            Some(stored) => Ok(Self::Stored(StoredCheck(stored.try_into().map_err(wrong)?))),
            None => Ok(Self::Content(content.try_into().map_err(wrong)?)),
        }
    }
}

/// Checks every payload; the first one that is damaged is the error.
pub(super) fn all(read: Vec<(SegmentMeta, Bytes)>) -> Result<Vec<(SegmentMeta, Bytes)>> {
    read.iter().try_for_each(|(segment, stored)| one(segment, stored))?;
    Ok(read)
}

/// Checks one payload.
pub(super) fn one(segment: &SegmentMeta, stored: &[u8]) -> Result<()> {
    let is_whole = match segment.check {
        Check::Stored(check) => StoredCheck::of(stored) == check,
        Check::Content(sha256) => content_sha256(stored, segment.raw_bytes) == Some(sha256),
    };
    if is_whole { Ok(()) } else { Err(segment.lost()) }
}

/// The SHA-256 of what is in a frame; `None` when it can't be decompressed, or holds more than `bytes_max`.
fn content_sha256(stored: &[u8], bytes_max: u64) -> Option<[u8; 32]> {
    let mut content = zstd::Decoder::new(stored).ok()?;
    let (mut sha256, mut bytes, mut piece) = (Sha256::new(), 0, [0; PIECE_BYTES]);
    while bytes <= bytes_max {
        match content.read(&mut piece).ok()? {
            0 => return Some(sha256.finalize().into()),
            read => {
                sha256.update(&piece[..read]);
                bytes += read as u64;
            }
        }
    }
    None
}
