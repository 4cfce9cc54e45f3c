//! Data of events that is kept compressed in memory while a replay is read.
//!
//! In: data, in the order of the text. Out: the same, in any order. It is compressed in blocks of about
//! [`BLOCK_BYTES`], of which a few are kept decompressed at a time. Never here: what the data says.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// The text of one block, in bytes. Larger data has a block of its own.
const BLOCK_BYTES: usize = 1 << 20;
/// zstd's level for blocks: they exist for one transcription, so speed counts more than size.
const LEVEL: i32 = -3;
/// Blocks that are kept decompressed.
const OPEN_BLOCKS_MAX: usize = 4;

/// A run of events' data.
#[derive(Debug)]
struct Block {
    packed: Vec<u8>,
    length: usize,
}

/// Where in which block an event's data is.
#[derive(Clone, Debug)]
pub(crate) struct BlockRange {
    block: Arc<Block>,
    from: u32,
    to: u32,
}

/// Collects data into blocks.
#[derive(Default)]
pub(super) struct BlockWriter {
    text: Vec<u8>,
    /// The events whose data is in `text`, and where.
    waiting: Vec<(usize, Range<usize>)>,
}

impl BlockWriter {
    /// Takes the data of an event. When that fills a block, `placed` is called for each event with data in it.
    pub(super) fn add(&mut self, event: usize, data: &[u8], placed: impl FnMut(usize, BlockRange)) -> Option<()> {
        let from = self.text.len();
        self.text.extend_from_slice(data);
        self.waiting.push((event, from..self.text.len()));
        if self.text.len() >= BLOCK_BYTES { self.close(placed) } else { Some(()) }
    }

    /// Compresses the block that is being filled.
    pub(super) fn close(&mut self, mut placed: impl FnMut(usize, BlockRange)) -> Option<()> {
        if self.waiting.is_empty() {
            return Some(());
        }
        let packed = zstd::bulk::compress(&self.text, LEVEL).ok()?;
        let block = Arc::new(Block { packed, length: self.text.len() });
        self.text.clear();
        for (event, range) in self.waiting.drain(..) {
            let (from, to) = (u32::try_from(range.start).ok()?, u32::try_from(range.end).ok()?);
            placed(event, BlockRange { block: block.clone(), from, to });
        }
        Some(())
    }
}

/// Reads data out of blocks and keeps the last ones decompressed.
#[derive(Default)]
pub(crate) struct BlockReader(VecDeque<(Arc<Block>, Vec<u8>)>);

impl BlockReader {
    /// The data of a range.
    pub(crate) fn read(&mut self, range: &BlockRange) -> &[u8] {
        let at = match self.0.iter().position(|(block, _)| Arc::ptr_eq(block, &range.block)) {
            Some(at) => at,
            None => {
                let mut text = match self.0.len() {
                    OPEN_BLOCKS_MAX.. => self.0.pop_front().map(|(_, text)| text).unwrap_or_default(),
                    _ => Vec::new(),
                };
                text.clear();
                text.reserve(range.block.length);
                // This process compressed the block, so it is whole. Were it not, the empty data would be a defect of
                // its event.
                let _ = zstd::bulk::Decompressor::new()
                    .and_then(|mut d| d.decompress_to_buffer(&range.block.packed, &mut text));
                self.0.push_back((range.block.clone(), text));
                self.0.len() - 1
            }
        };
        self.0[at].1.get(range.from as usize..range.to as usize).unwrap_or_default()
    }
}
