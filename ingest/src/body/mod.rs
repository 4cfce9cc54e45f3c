//! Request bodies: from the network into memory, decompressed on the way, within every limit.
//!
//! In: a body and its encoding. Out: [`Decoded`] bytes together with the lease of their memory.
//! Never here: what the bytes mean; a buffer that was not leased; a wait without an end.

mod encoding;
mod inflate;
mod linger;
mod reader;

pub(crate) use encoding::{Encoding, is_zlib};
pub(crate) use linger::linger;
pub(crate) use reader::Reader;

pub(crate) use crate::memory_budget::Exhausted;
use crate::memory_budget::Lease;
use bytes::Bytes;
use playhead_cpu::Panicked;
use playhead_schemas::ErrorCode;
use playhead_web::Problem;

/// Bytes without compression, and the memory that they hold.
#[derive(Debug)]
pub(crate) struct Decoded {
    pub(crate) bytes: Bytes,
    pub(crate) lease: Lease,
}

/// Why a body could not be had.
#[derive(Debug)]
pub(crate) enum BodyError {
    /// The request is refused, or the server is busy.
    Refused(Problem),
    /// The server failed.
    Failed(Panicked),
}

impl From<Problem> for BodyError {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<Panicked> for BodyError {
    fn from(panic: Panicked) -> Self {
        Self::Failed(panic)
    }
}

impl From<Exhausted> for BodyError {
    fn from(exhausted: Exhausted) -> Self {
        Self::Refused(exhausted.into())
    }
}

impl From<inflate::Broken> for BodyError {
    fn from(broken: inflate::Broken) -> Self {
        Self::Refused(Problem::invalid(
            broken.to_string(),
            "send complete data that is compressed as it says: gzip, deflate or zstd",
        ))
    }
}

/// More bytes than `bytes_max` travelled.
pub(crate) fn travelled_too_large(bytes_max: u64) -> Problem {
    Problem::new(
        ErrorCode::PayloadTooLarge,
        format!("the request body is larger than {}", size(bytes_max)),
        "compress it, or split it into several segments",
    )
}

/// More bytes than `bytes_max` came out.
pub(crate) fn decoded_too_large(bytes_max: u64) -> Problem {
    Problem::new(
        ErrorCode::PayloadTooLarge,
        format!("the request is larger than {} when decompressed", size(bytes_max)),
        "split it into several segments",
    )
}

/// A size for people.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        b if b >= 1 << 20 && b % (1 << 20) == 0 => format!("{} MiB", b >> 20),
        b if b >= 1 << 10 && b % (1 << 10) == 0 => format!("{} KiB", b >> 10),
        b => format!("{b} bytes"),
    }
}
