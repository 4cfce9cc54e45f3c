//! Bytes of a recording as they were uploaded: decompressed, never interpreted.

use std::io::Read;

use playhead_schemas::{ReplayId, Stream};
use playhead_store::{SegmentMeta, Store};

use crate::error::ToolError;

/// The payloads of one stream of a replay, seen as one text.
pub(crate) struct RawStream {
    segments: Vec<SegmentMeta>,
}

impl RawStream {
    /// Finds the payloads of a replay's stream.
    pub(crate) async fn find(store: &Store, replay: ReplayId, stream: Stream) -> Result<Self, ToolError> {
        let mut segments = store.segments(replay).await?;
        segments.retain(|segment| segment.stream == stream);
        Ok(Self { segments })
    }

    /// Its bytes before compression.
    pub(crate) fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.raw_bytes).sum()
    }

    /// Up to `len` bytes from `offset` on. Segments that lie outside are not read.
    pub(crate) async fn read(&self, store: &Store, offset: u64, len: usize) -> Result<Vec<u8>, ToolError> {
        let mut out = Vec::with_capacity(len.min(1 << 20));
        let mut begin = 0_u64;
        for segment in &self.segments {
            let end = begin + segment.raw_bytes;
            let wanted = offset + out.len() as u64;
            if out.len() < len && wanted >= begin && wanted < end {
                let packed = store.read_segment(segment).await?;
                let (skip, take) = (wanted - begin, (len - out.len()) as u64);
                let read = tokio::task::spawn_blocking(move || unpack(&packed, skip, take)).await;
                let piece = read.map_err(|error| ToolError::internal(&error))?;
                out.extend(piece.map_err(|error| ToolError::internal(&error))?);
            }
            begin = end;
        }
        Ok(out)
    }
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
    fn a_range_of_a_frame_is_unpacked() {
        let plain: Vec<u8> = (0..100_000_u32).flat_map(|n| n.to_le_bytes()).collect();
        let packed = zstd::bulk::compress(&plain, 3).unwrap();
        assert_eq!(unpack(&packed, 12_345, 1_000).unwrap(), &plain[12_345..13_345]);
        assert_eq!(unpack(&packed, 399_990, 1_000).unwrap(), &plain[399_990..]);
        assert!(unpack(&packed[..1000], 12_345, 1_000).is_err());
    }
}
