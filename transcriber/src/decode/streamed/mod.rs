//! Large recordings, read in pieces instead of being decompressed as a whole.
//!
//! In: the compressed bytes of one stream of one segment. Out: its events without their data, which is [read a second
//! time](super::reread) when it is needed. Data that may hold facts is read before all other data and is kept in
//! compressed [blocks](super::blocks), as is data that was packed inside the text; on request all data is. A recording
//! therefore takes the memory of its compressed form, not of its text.
//!
//! A text that breaks off gives what came before, and a defect.
//!
//! Never here: parsing of its own, which [`envelope`](super::envelope) does. A text that is neither an array, possibly
//! in objects, nor JSON Lines is refused, and the caller decompresses it as a whole.

mod collector;
#[cfg(test)]
mod tests;

use std::io::Read;

use playhead_json::lone_surrogates;
use playhead_schemas::timeline::DefectCode;

use super::Compression;
use super::event::Event;
use super::shape::Beginning;
use crate::defects::Defects;
use collector::Collector;

/// Bytes of text that are decompressed at once.
const CHUNK_BYTES: usize = 1 << 20;
/// The largest event. A text with a larger one is refused.
const ITEM_BYTES_MAX: usize = 64 << 20;
/// Longer strings in lists are packed events, others the names of windows. In bytes, quotes included.
const PACKED_BYTES_MIN: usize = 202;
/// The ratio to which recordings compress at most, for streams that do not say how long their content is.
const COMPRESSION_RATIO_MAX: usize = 16;

/// Where the data of events is stored that was not packed inside the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// Nowhere: it is read a second time from this stream, counted among those of the replay.
    Reread(u32),
    /// In blocks.
    Blocks,
}

/// True when the text of a stream probably takes `above` bytes or more, as its header or its length says.
pub(crate) fn is_large(bytes: &[u8], above: usize) -> bool {
    match Compression::of(bytes) {
        None => false,
        Some(Compression::Zstd) => match zstd::zstd_safe::get_frame_content_size(bytes) {
            Ok(Some(size)) => size >= above as u64,
            _ => bytes.len() >= above / COMPRESSION_RATIO_MAX,
        },
        Some(Compression::Gzip | Compression::Zlib) => bytes.len() >= above / COMPRESSION_RATIO_MAX,
    }
}

/// What a stream held.
pub(crate) struct Streamed {
    pub(crate) events: Vec<Event<'static>>,
    pub(crate) defects: Defects,
    /// Length of the plain text that was read.
    pub(crate) bytes: usize,
    /// The most that could be read of it.
    pub(crate) bytes_max: usize,
    /// There was more than that.
    pub(crate) cut: bool,
}

/// Reads the events of the first `bytes_max` bytes of text; `None` when it has none of the shapes that are read in
/// pieces.
pub(crate) fn events(bytes: &[u8], window: Option<&str>, bytes_max: usize, storage: Storage) -> Option<Streamed> {
    let compression = Compression::of(bytes)?;
    let read = read(compression.decoder(bytes).ok()?, window, bytes_max, storage)?;
    // Of a zlib stream that breaks off, reading the whole stream at once gets more.
    let breaks_off = compression == Compression::Zlib && read.defects.has(DefectCode::BadCompression);
    (!breaks_off).then_some(read)
}

fn read(mut from: impl Read, window: Option<&str>, bytes_max: usize, storage: Storage) -> Option<Streamed> {
    let mut collector = Collector::new(window, bytes_max, storage);
    let (mut buffer, mut bytes, mut cut, mut shape) = (Vec::new(), 0, false, None);
    loop {
        // An event that is not whole yet is read anew with more of the text: doubling the text keeps that linear.
        let want = CHUNK_BYTES.max(buffer.len());
        let had = buffer.len();
        let came = from.by_ref().take(want as u64).read_to_end(&mut buffer);
        bytes += buffer.len() - had;
        if let Err(error) = &came {
            collector.defects.add(DefectCode::BadCompression, || format!("after {bytes} bytes: {error}"));
        }
        if bytes > bytes_max {
            buffer.truncate(buffer.len() - (bytes - bytes_max));
            (bytes, cut) = (bytes_max, true);
        }
        let ended = cut || came.is_err() || buffer.len() == had;
        let mut start = 0;
        if shape.is_none() {
            match Beginning::of(&buffer) {
                Beginning::Known(found, from, before) => {
                    for value in before {
                        collector.value(&buffer, value)?;
                    }
                    (shape, start) = (Some(found), from);
                }
                Beginning::NeedsMore if !ended && buffer.len() <= ITEM_BYTES_MAX => continue,
                Beginning::NeedsMore | Beginning::Unsupported => return None,
            }
        }
        let shape = shape.as_mut()?;
        let end = collector.items(&buffer, start, shape)?;
        if ended {
            collector.lone_surrogates += lone_surrogates(&buffer);
            if !collector.tail(&buffer, end, *shape)? {
                collector.defects.add(DefectCode::BadJson, || format!("not JSON near byte {bytes}"));
            }
            return collector.finish(bytes, bytes_max, cut);
        }
        collector.lone_surrogates += lone_surrogates(&buffer[..end]);
        buffer.drain(..end);
        collector.passed += end as u64;
        if buffer.len() > ITEM_BYTES_MAX {
            return None;
        }
    }
}
