//! Payloads, compressed and fingerprinted.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use zstd::bulk::Compressor;

use crate::zstd_context::{Kept, with_kept};
use crate::{Result, StoreError};

/// zstd's level: at 3 a recording shrinks to about a tenth, at several hundred MB/s on one core.
const ZSTD_LEVEL: i32 = 3;

thread_local! {
    static COMPRESSOR: Kept<Compressor<'static>> = const { Kept::new(None) };
}

/// A payload that this crate compressed itself: one zstd frame, with the SHA-256 of what is inside.
///
/// Only [`CompressedPayload::from_raw`] makes one, so bytes and fingerprint always belong together.
#[derive(Clone)]
pub struct CompressedPayload {
    pub(crate) zstd: Bytes,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) check: StoredCheck,
    raw_bytes: u64,
}

/// The first 8 bytes of the SHA-256 of a payload as it is stored: enough to tell damage, at the cost of hashing what is
/// compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StoredCheck(pub(crate) [u8; 8]);

impl StoredCheck {
    pub(crate) fn of(stored: &[u8]) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&fingerprint(stored).0[..8]);
        Self(first)
    }
}

/// The SHA-256 of some content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint(pub(crate) [u8; 32]);

/// The fingerprint of some content.
pub(crate) fn fingerprint(bytes: &[u8]) -> Fingerprint {
    Fingerprint(Sha256::digest(bytes).into())
}

impl Fingerprint {
    /// The first 16 hexadecimal digits: enough to tell the contents of one key apart.
    pub(crate) fn short(&self) -> String {
        self.0[..8].iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl CompressedPayload {
    /// Compresses `raw` (zstd level 3) and fingerprints it. CPU-bound: call it on a blocking thread when large.
    ///
    /// # Errors
    /// `Engine` when zstd has no memory.
    pub fn from_raw(raw: &[u8]) -> Result<Self> {
        let zstd = with_kept(&COMPRESSOR, || Compressor::new(ZSTD_LEVEL), |context| context.compress(raw))
            .map_err(|e| StoreError::engine("compress", e))?;
        let check = StoredCheck::of(&zstd);
        Ok(Self { zstd: zstd.into(), fingerprint: fingerprint(raw), check, raw_bytes: raw.len() as u64 })
    }

    /// Bytes before compression.
    pub fn raw_bytes(&self) -> u64 {
        self.raw_bytes
    }

    /// Bytes after compression.
    pub fn stored_bytes(&self) -> u64 {
        self.zstd.len() as u64
    }
}

impl std::fmt::Debug for CompressedPayload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CompressedPayload")
            .field("raw_bytes", &self.raw_bytes)
            .field("stored_bytes", &self.zstd.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_seal_holds_what_went_in() {
        for raw in [&b""[..], b"[]", &[7; 100_000]] {
            let payload = CompressedPayload::from_raw(raw).unwrap();
            assert_eq!(zstd::bulk::decompress(&payload.zstd, raw.len()).unwrap(), raw);
            assert_eq!(payload.raw_bytes(), raw.len() as u64);
            assert_eq!(payload.fingerprint, fingerprint(raw));
        }
        assert_eq!(fingerprint(b"").short(), "e3b0c44298fc1c14");
    }
}
