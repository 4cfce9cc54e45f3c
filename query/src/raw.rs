//! Bytes of a recording as they were uploaded: decompressed, never interpreted.

use std::collections::BTreeMap;
use std::io::Read;

use bytes::Bytes;
use playhead_schemas::{ReplayId, SegmentNo, Stream};
use playhead_store::{SegmentMeta, Store};

use crate::error::ToolError;

/// The payloads of one stream of a replay, seen as one text.
pub(crate) struct RawStream {
    replay: ReplayId,
    stream: Stream,
    segments: Vec<SegmentMeta>,
}

/// What is wanted of one payload, in bytes before compression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    n: SegmentNo,
    skip: u64,
    take: u64,
}

impl RawStream {
    /// Finds the payloads of a replay's stream.
    pub(crate) async fn find(store: &Store, replay: ReplayId, stream: Stream) -> Result<Self, ToolError> {
        let mut segments = store.segments(replay).await?;
        segments.retain(|segment| segment.stream == stream);
        Ok(Self { replay, stream, segments })
    }

    /// Its bytes before compression.
    pub(crate) fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.raw_bytes).sum()
    }

    /// Up to `len` bytes from `offset` on. Payloads that lie outside are not read; the others are read together.
    pub(crate) async fn read(&self, store: &Store, offset: u64, len: usize) -> Result<Vec<u8>, ToolError> {
        let wanted = wanted(self.segments.iter().map(|segment| (segment.n, segment.raw_bytes)), offset, len as u64);
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Ok(Vec::new()) };
        let read = store.read_stream(self.replay, self.stream, first.n..=last.n).await?;
        let payloads: BTreeMap<SegmentNo, Bytes> =
            read.into_iter().map(|(segment, bytes)| (segment.n, bytes)).collect();
        let unpacked = tokio::task::spawn_blocking(move || join(&wanted, &payloads)).await;
        unpacked.map_err(|error| ToolError::internal(&error))?.map_err(|error| ToolError::damaged(&error))
    }
}

/// The parts of the payloads that `len` bytes from `offset` on lie in.
fn wanted(sizes: impl Iterator<Item = (SegmentNo, u64)>, offset: u64, len: u64) -> Vec<Wanted> {
    let (mut begin, end_of_all) = (0_u64, offset.saturating_add(len));
    let mut wanted = Vec::new();
    for (n, bytes) in sizes {
        let end = begin.saturating_add(bytes);
        let (from, to) = (offset.max(begin), end_of_all.min(end));
        if from < to {
            wanted.push(Wanted { n, skip: from - begin, take: to - from });
        }
        begin = end;
    }
    wanted
}

/// What is wanted, one after the other.
fn join(wanted: &[Wanted], payloads: &BTreeMap<SegmentNo, Bytes>) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for part in wanted {
        let piece = unpack(payloads.get(&part.n).map_or(&[], |packed| &packed[..]), part.skip, part.take)?;
        if piece.len() as u64 != part.take {
            let short = format!("segment {} holds less than its row says", part.n.0);
            return Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, short));
        }
        out.extend(piece);
    }
    Ok(out)
}

fn unpack(packed: &[u8], skip: u64, take: u64) -> std::io::Result<Vec<u8>> {
    let mut plain = zstd::stream::read::Decoder::with_buffer(packed)?;
    std::io::copy(&mut plain.by_ref().take(skip), &mut std::io::sink())?;
    let mut out = Vec::new();
    plain.take(take).read_to_end(&mut out)?;
    Ok(out)
}

/// Bytes as text, with the way back from a place in the text to the place in the bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) text: String,
    /// For each run of the text: where it ends in the text, and in the bytes.
    runs: Vec<(usize, usize)>,
}

impl Decoded {
    /// Reads `bytes` as UTF-8; what is none becomes U+FFFD. An incomplete character at the end is left out,
    /// unless the bytes end the stream.
    pub(crate) fn new(bytes: &[u8], ends_stream: bool) -> Self {
        let mut decoded = Self { text: String::with_capacity(bytes.len()), runs: Vec::new() };
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            decoded.text.push_str(chunk.valid());
            at += chunk.valid().len();
            decoded.runs.push((decoded.text.len(), at));
            let invalid = chunk.invalid();
            // Nothing but an unfinished character is given as it is, or a reader would never get further.
            let unfinished = !ends_stream && at > 0 && invalid.len() < 4 && at + invalid.len() == bytes.len();
            if !invalid.is_empty() && !unfinished {
                decoded.text.push(char::REPLACEMENT_CHARACTER);
                at += invalid.len();
                decoded.runs.push((decoded.text.len(), at));
            }
        }
        decoded
    }

    /// How many bytes the first `text_len` bytes of the text stand for.
    pub(crate) fn bytes_of(&self, text_len: usize) -> usize {
        let run = self.runs.partition_point(|(text_end, _)| *text_end < text_len);
        match (run.checked_sub(1).map(|before| self.runs[before]).unwrap_or_default(), self.runs.get(run)) {
            (_, Some((text_end, bytes_end))) if *text_end == text_len => *bytes_end,
            ((text_begin, bytes_begin), _) => bytes_begin + (text_len - text_begin),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn places_in_the_text_lead_back_to_bytes() {
        let decoded = Decoded::new(b"ab\xffcd\xc3\xa9\xc3", true);
        assert_eq!(decoded.text, "ab\u{fffd}cdé\u{fffd}");
        for (text_len, bytes) in [(0, 0), (1, 1), (2, 2), (5, 3), (6, 4), (7, 5), (9, 7), (12, 8)] {
            assert_eq!(decoded.bytes_of(text_len), bytes, "{text_len}");
        }
    }

    #[test]
    fn an_unfinished_character_waits_for_the_next_page() {
        assert_eq!(Decoded::new("aé".as_bytes(), false).text, "aé");
        let cut = Decoded::new(&"aé".as_bytes()[..2], false);
        assert_eq!((cut.text.as_str(), cut.bytes_of(1)), ("a", 1));
        assert_eq!(Decoded::new(b"\xc3", false).text, "\u{fffd}");
    }

    #[test]
    fn a_range_of_bytes_is_parts_of_payloads() {
        let sizes = [(0, 10), (2, 0), (3, 5), (7, 20)].map(|(n, bytes)| (SegmentNo(n), bytes));
        for (offset, len, want) in [
            (0, 10, vec![(0, 0, 10)]),
            (0, 11, vec![(0, 0, 10), (3, 0, 1)]),
            (12, 4, vec![(3, 2, 3), (7, 0, 1)]),
            (34, u64::MAX, vec![(7, 19, 1)]),
            (35, 1, vec![]),
            (3, 0, vec![]),
        ] {
            let got = wanted(sizes.into_iter(), offset, len);
            assert_eq!(got.iter().map(|w| (w.n.0, w.skip, w.take)).collect::<Vec<_>>(), want, "{len} from {offset}");
        }
    }

    #[test]
    fn a_payload_that_holds_less_than_it_should_is_damaged() {
        let payloads = BTreeMap::from([(SegmentNo(1), Bytes::from(zstd::bulk::compress(b"12345", 3).unwrap()))]);
        let part = |n, skip, take| [Wanted { n: SegmentNo(n), skip, take }];
        assert_eq!(join(&part(1, 1, 4), &payloads).unwrap(), b"2345");
        for short in [part(1, 1, 5), part(1, 9, 1), part(2, 0, 1)] {
            assert!(join(&short, &payloads).is_err(), "{short:?}");
        }
    }

    #[test]
    fn a_range_of_a_frame_is_unpacked() {
        let plain: Vec<u8> = (0..100_000_u32).flat_map(|n| n.to_le_bytes()).collect();
        let packed = zstd::bulk::compress(&plain, 3).unwrap();
        assert_eq!(unpack(&packed, 12_345, 1_000).unwrap(), &plain[12_345..13_345]);
        assert_eq!(unpack(&packed, 399_990, 1_000).unwrap(), &plain[399_990..]);
        assert!(unpack(&packed[..1000], 12_345, 1_000).is_err());
    }
}
