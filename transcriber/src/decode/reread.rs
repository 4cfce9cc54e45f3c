//! Data of events that is decompressed a second time instead of being kept.
//!
//! In: the compressed streams that events were read from, and the range of each event's data in their text. Out: the
//! data, which must be requested nearly in the order of the text: a stream is read once more from its beginning to its
//! end, and text more than [`LOOKBACK_BYTES`] behind is dropped. A recording therefore takes the memory of its
//! compressed form and of a few megabytes, whatever its length. [`unordered_streams`] says beforehand which streams are
//! needed in another order; their data must be kept.
//!
//! Never here: a stream that is read from its beginning to go back, which would take quadratic time.

use std::collections::HashMap;
use std::io::Read;

use super::Compression;

/// Text that is kept before the furthest data that was requested.
const LOOKBACK_BYTES: u64 = 2 << 20;
/// Bytes of text that are decompressed at once.
const CHUNK_BYTES: u64 = 1 << 20;
/// Streams that are open at a time.
const STREAMS_MAX: usize = 4;

/// Where in the text of which stream data is.
#[derive(Clone, Debug)]
pub(crate) struct StreamRange {
    /// The stream's number among those of the replay.
    pub(super) stream: u32,
    pub(super) from: u64,
    pub(super) to: u64,
}

impl StreamRange {
    /// The stream's number among those of the replay.
    pub(crate) fn stream(&self) -> usize {
        self.stream as usize
    }
}

/// The streams whose data cannot be read in this order: it goes too far back, or alternates between too many streams.
pub(crate) fn unordered_streams<'s>(order: impl Iterator<Item = &'s StreamRange> + Clone) -> Vec<usize> {
    let mut left: HashMap<u32, usize> = HashMap::new();
    for span in order.clone() {
        *left.entry(span.stream).or_default() += 1;
    }
    let mut furthest: HashMap<u32, u64> = HashMap::new();
    let (mut open, mut bad) = (0, Vec::new());
    for span in order {
        let reached = match furthest.get_mut(&span.stream) {
            Some(reached) => reached,
            None => {
                open += 1;
                furthest.entry(span.stream).or_insert(if open > STREAMS_MAX { u64::MAX } else { 0 })
            }
        };
        if span.from.saturating_add(LOOKBACK_BYTES) < *reached {
            bad.push(span.stream as usize);
            *reached = u64::MAX;
        }
        *reached = span.to.max(*reached);
        if let Some(left) = left.get_mut(&span.stream) {
            *left -= 1;
            open -= usize::from(*left == 0);
        }
    }
    bad.sort_unstable();
    bad.dedup();
    bad
}

/// Reads the streams of a replay a second time.
pub(crate) struct Rereader<'a> {
    streams: Vec<Stream<'a>>,
    /// The stream whose last data was read just now; it is closed with the next request.
    done: Option<usize>,
}

struct Stream<'a> {
    bytes: &'a [u8],
    /// How many ranges of it are still to be requested.
    left: usize,
    reading: Option<OpenStream<'a>>,
}

impl<'a> Rereader<'a> {
    /// A reader of compressed streams. `wanted` are all ranges that will be requested.
    pub(crate) fn new<'s>(
        streams: impl Iterator<Item = &'a [u8]>,
        wanted: impl Iterator<Item = &'s StreamRange>,
    ) -> Self {
        let mut streams: Vec<Stream<'a>> = streams.map(|bytes| Stream { bytes, left: 0, reading: None }).collect();
        for span in wanted {
            if let Some(stream) = streams.get_mut(span.stream()) {
                stream.left += 1;
            }
        }
        Self { streams, done: None }
    }

    /// The data of a range. Each is requested once, in an order in which no stream is [unordered](unordered_streams).
    /// Otherwise the data is empty, which is a defect of its event.
    pub(crate) fn read(&mut self, span: &StreamRange) -> &[u8] {
        if let Some(stream) = self.done.take().and_then(|done| self.streams.get_mut(done)) {
            stream.reading = None;
        }
        let Some(stream) = self.streams.get_mut(span.stream()) else { return &[] };
        stream.left = stream.left.saturating_sub(1);
        self.done = (stream.left == 0).then_some(span.stream());
        if stream.reading.is_none() {
            let decoder = Compression::of(stream.bytes).and_then(|compression| compression.decoder(stream.bytes).ok());
            stream.reading = decoder.map(|from| OpenStream { from, text: Vec::new(), start: 0 });
        }
        stream.reading.as_mut().map_or(&[], |reading| reading.read(span))
    }
}

struct OpenStream<'a> {
    from: Box<dyn Read + 'a>,
    text: Vec<u8>,
    /// The position of `text` in the whole text.
    start: u64,
}

impl OpenStream<'_> {
    fn read(&mut self, span: &StreamRange) -> &[u8] {
        while self.start + (self.text.len() as u64) < span.to {
            let behind = span.from.saturating_sub(LOOKBACK_BYTES).saturating_sub(self.start);
            // Dropping moves the rest, so it is done rarely and for much text at once.
            if behind >= LOOKBACK_BYTES {
                let behind = behind.min(self.text.len() as u64);
                self.text.drain(..behind as usize);
                self.start += behind;
            }
            let had = self.text.len();
            // A stream that breaks off was reported as a defect when it was read first.
            let _ = self.from.by_ref().take(CHUNK_BYTES).read_to_end(&mut self.text);
            if self.text.len() == had {
                break;
            }
        }
        let place = |at: u64| at.checked_sub(self.start).and_then(|at| usize::try_from(at).ok());
        let (Some(from), Some(to)) = (place(span.from), place(span.to)) else { return &[] };
        self.text.get(from..to).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const MIB: u64 = 1 << 20;

    fn span(stream: u32, from: u64, to: u64) -> StreamRange {
        StreamRange { stream, from, to }
    }

    #[test]
    fn ranges_too_far_back_are_unordered() {
        let near = [span(0, 0, MIB), span(0, 5 * MIB, 6 * MIB), span(0, 4 * MIB, 5 * MIB), span(0, 6 * MIB, 7 * MIB)];
        assert!(unordered_streams(near.iter()).is_empty());
        let far = [span(0, 5 * MIB, 6 * MIB), span(1, 0, MIB), span(0, 4 * MIB - 1, 5 * MIB), span(1, MIB, 2 * MIB)];
        assert_eq!(unordered_streams(far.iter()), [0]);
    }

    #[test]
    fn a_few_streams_may_alternate() {
        let in_turn: Vec<StreamRange> = (0..6).flat_map(|of| [span(of, 0, 1), span(of, 1, 2)]).collect();
        assert!(unordered_streams(in_turn.iter()).is_empty());
        let mixed: Vec<StreamRange> = (0..2).flat_map(|at| (0..6).map(move |of| span(of, at, at + 1))).collect();
        assert_eq!(unordered_streams(mixed.iter()), [4, 5]);
    }

    #[test]
    fn data_is_that_of_the_text() {
        let text: Vec<u8> = (0..3_000_000u32).flat_map(u32::to_le_bytes).collect();
        let packed = zstd::encode_all(&*text, 1).unwrap();
        let spans: Vec<StreamRange> = (0..2900)
            .flat_map(|at: u64| {
                let from = at * 4096;
                let back = from.saturating_sub(2 * MIB - 10_000);
                [span(0, from, from + 5000), span(0, back, back + 10)]
            })
            .chain([span(0, 11 * MIB, 12_000_000), span(0, 11 * MIB, 12_000_001)])
            .collect();
        assert!(unordered_streams(spans.iter()).is_empty());
        let mut reader = Rereader::new([&*packed].into_iter(), spans.iter());
        for span in &spans {
            let want = text.get(span.from as usize..span.to as usize).unwrap_or_default();
            assert!(reader.read(span) == want, "{span:?}");
            let kept = reader.streams[0].reading.as_ref().unwrap().text.len() as u64;
            assert!(kept <= 2 * LOOKBACK_BYTES + 2 * CHUNK_BYTES, "{kept} bytes are kept at {span:?}");
        }
        assert!(reader.streams[0].reading.is_some());
        assert!(reader.read(&span(7, 0, 1)).is_empty());
        assert!(reader.streams[0].reading.is_none(), "a stream is let go when all of it was read");
    }
}
