//! Data of events that is kept compressed while a replay is read.
//!
//! In: data, in the order of the text. Out: the same, in whatever order it is asked for. It stands in blocks of about
//! [`BLOCK_BYTES`], of which a few are open at a time. Never here: what the data is.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Plain text of one block, but for data that is larger by itself.
const BLOCK_BYTES: usize = 1 << 20;
/// zstd's level for blocks: they live for one transcription, so speed counts.
const LEVEL: i32 = -3;
/// Blocks whose plain text is at hand.
const OPEN_BLOCKS: usize = 4;

/// A run of events' data.
#[derive(Debug)]
struct Block {
    packed: Vec<u8>,
    length: usize,
}

/// Where an event's data stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    block: Arc<Block>,
    from: u32,
    to: u32,
}

/// Data on its way into blocks.
#[derive(Default)]
pub(super) struct Filling {
    text: Vec<u8>,
    /// Whose data waits for its block, and where in it that will stand.
    waiting: Vec<(usize, Range<usize>)>,
}

impl Filling {
    /// Takes the data of `of`. When that closes a block, `placed` is told where the data in it came to be.
    pub(super) fn add(&mut self, of: usize, data: &[u8], placed: impl FnMut(usize, Place)) -> Option<()> {
        let from = self.text.len();
        self.text.extend_from_slice(data);
        self.waiting.push((of, from..self.text.len()));
        if self.text.len() >= BLOCK_BYTES { self.close(placed) } else { Some(()) }
    }

    /// Closes the block that is being filled.
    pub(super) fn close(&mut self, mut placed: impl FnMut(usize, Place)) -> Option<()> {
        if self.waiting.is_empty() {
            return Some(());
        }
        let packed = zstd::bulk::compress(&self.text, LEVEL).ok()?;
        let block = Arc::new(Block { packed, length: self.text.len() });
        self.text.clear();
        for (of, range) in self.waiting.drain(..) {
            let (from, to) = (u32::try_from(range.start).ok()?, u32::try_from(range.end).ok()?);
            placed(of, Place { block: block.clone(), from, to });
        }
        Some(())
    }
}

/// Reads data out of blocks, of which it keeps the last ones open.
#[derive(Default)]
pub(crate) struct OpenBlocks(VecDeque<(Arc<Block>, Vec<u8>)>);

impl OpenBlocks {
    /// The data at `place`.
    pub(crate) fn read(&mut self, place: &Place) -> &[u8] {
        let at = match self.0.iter().position(|(block, _)| Arc::ptr_eq(block, &place.block)) {
            Some(at) => at,
            None => {
                let mut text = match self.0.len() {
                    OPEN_BLOCKS.. => self.0.pop_front().map(|(_, text)| text).unwrap_or_default(),
                    _ => Vec::new(),
                };
                text.clear();
                text.reserve(place.block.length);
                // What this process compressed a moment ago is whole; empty data would be a defect of its event.
                let _ = zstd::bulk::Decompressor::new()
                    .and_then(|mut d| d.decompress_to_buffer(&place.block.packed, &mut text));
                self.0.push_back((place.block.clone(), text));
                self.0.len() - 1
            }
        };
        self.0[at].1.get(place.from as usize..place.to as usize).unwrap_or_default()
    }
}
