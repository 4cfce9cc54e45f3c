//! The timeline block: one generation of a replay's timeline in one zstd frame.
//!
//! Byte 0 is the format's version, bytes 1 to 4 are the length of what the frame holds (little-endian). In the frame:
//! a head (postcard) with the facts of the transcript, the lines of all moments, and where each moment's JSON ends; then
//! those JSON texts, one after the other, without what the lines say already. The dictionary was trained on blocks of the demo shop's recordings, and belongs to the version of the format.

use std::sync::{Arc, LazyLock};

use playhead_schemas::timeline::Span;
use playhead_schemas::{EpochMs, Moment, MomentId, MomentKind, ReplayId};
use serde::{Deserialize, Serialize};
use ulid::Ulid;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use super::unreadable;
use crate::json::to_json;
use crate::transcripts::Transcript;
use crate::zstd_context::{Kept, with_kept};
use crate::{Result, StoreError};

/// The version of the format, with its dictionary.
const VERSION: u8 = 2;
/// The version before, in which each moment's JSON repeated what its line says: it is read as the present one is.
const VERSION_REPEATING: u8 = 1;
/// Bytes before the frame.
const HEADER_BYTES: usize = 5;
/// Bytes that a block may hold. The transcriber's limits keep timelines far below it.
const RAW_BYTES_MAX: usize = 1 << 30;
/// zstd's level. Of a block of 64 KB, 6 leaves 5.4 KB in 0.45 ms, 9 leaves 5.0 KB in 0.74 ms, 12 saves a fiftieth more and
/// takes ten times as long.
const ZSTD_LEVEL: i32 = 9;

const DICTIONARY: &[u8] = include_bytes!("dictionary.bin");
thread_local! {
    static DECOMPRESSOR: Kept<Decompressor<'static>> = const { Kept::new(None) };
    static COMPRESSOR: Kept<Compressor<'static>> = const { Kept::new(None) };
}
static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, ZSTD_LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));

/// A decoded block.
#[derive(Debug)]
pub(crate) struct TimelineBlock {
    /// The transcript without its moments.
    pub(crate) transcript: Arc<Transcript>,
    /// The lines of all moments, by time.
    pub(crate) lines: Vec<BlockLine>,
    /// Where each moment's JSON ends in `json`.
    ends: Vec<u32>,
    json: String,
}

/// What a line of a transcript needs of its moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BlockLine {
    pub(crate) id: u32,
    pub(crate) t_ms: u64,
    pub(crate) end_ms: u64,
    /// Stored as its word: a number would change with the list of kinds.
    #[serde(with = "kind_word")]
    pub(crate) kind: MomentKind,
    pub(crate) text: String,
    /// The parts of `text` that may be named. They stand here alone, not in the moment's JSON.
    pub(crate) units: Vec<Span>,
    pub(crate) place: Option<String>,
}

mod kind_word {
    use playhead_schemas::MomentKind;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(kind: &MomentKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(kind.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<MomentKind, D::Error> {
        <&str>::deserialize(deserializer)?.parse().map_err(|_| D::Error::custom("not a kind of moment"))
    }
}

/// The head of a block, as it is stored.
#[derive(Serialize, Deserialize)]
struct Head {
    replay: Ulid,
    generation: Ulid,
    version: u32,
    summary: String,
    info: String,
    failures: String,
    defects: String,
    coverage: String,
    transcribe_ms: u64,
    published_at_ms: i64,
    lines: Vec<BlockLine>,
    ends: Vec<u32>,
}

impl TimelineBlock {
    /// The block of a transcript and its moments.
    pub(crate) fn new(transcript: Transcript, moments: Vec<Moment>) -> Result<Self> {
        let mut json = Vec::with_capacity(moments.len() * 700);
        let mut ends = Vec::with_capacity(moments.len());
        let mut lines = Vec::with_capacity(moments.len());
        for mut m in moments {
            lines.push(BlockLine {
                id: m.id.0,
                t_ms: m.t_ms,
                end_ms: m.end_ms,
                kind: m.kind,
                place: m.place().map(str::to_owned),
                text: std::mem::take(&mut m.text),
                units: std::mem::take(&mut m.units),
            });
            serde_json::to_writer(&mut json, &without_line(m)).map_err(|e| StoreError::engine("write JSON", e))?;
            ends.push(u32::try_from(json.len()).map_err(|_| too_large())?);
        }
        let json = String::from_utf8(json).map_err(|e| StoreError::engine("write JSON", e))?;
        Ok(Self { transcript: Arc::new(transcript), lines, ends, json })
    }

    /// The bytes that are stored.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let t = &self.transcript;
        let head = Head {
            replay: t.replay.0,
            generation: t.generation,
            version: t.version,
            summary: t.summary.clone(),
            info: to_json(&t.info)?,
            failures: to_json(&t.failures)?,
            defects: to_json(&t.defects)?,
            coverage: to_json(&t.coverage)?,
            transcribe_ms: t.transcribe_ms,
            published_at_ms: t.published_at.0,
            lines: self.lines.clone(),
            ends: self.ends.clone(),
        };
        let mut raw = postcard::to_stdvec(&head).map_err(|e| StoreError::engine("write a timeline block", e))?;
        raw.extend_from_slice(self.json.as_bytes());
        let length = u32::try_from(raw.len()).ok().filter(|n| *n as usize <= RAW_BYTES_MAX).ok_or_else(too_large)?;
        let failed = |e| StoreError::engine("compress a timeline block", e);
        let make = || Compressor::with_prepared_dictionary(&ENCODER);
        let frame = with_kept(&COMPRESSOR, make, |context| context.compress(&raw)).map_err(failed)?;
        Ok([&[VERSION][..], &length.to_le_bytes(), &frame].concat())
    }

    /// Reads what [`TimelineBlock::encode`] wrote.
    ///
    /// # Errors
    /// `Engine` when the bytes are not a block of a version that this program knows.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        let (Some([VERSION | VERSION_REPEATING, length @ ..]), Some(frame)) =
            (bytes.first_chunk::<HEADER_BYTES>(), bytes.get(HEADER_BYTES..))
        else {
            return Err(unreadable("it has another version"));
        };
        let length = u32::from_le_bytes(*length) as usize;
        let make = || Decompressor::with_prepared_dictionary(&DECODER);
        let decompress = |context: &mut Decompressor<'_>| context.decompress(frame, length.min(RAW_BYTES_MAX));
        let raw = with_kept(&DECOMPRESSOR, make, decompress).map_err(unreadable)?;
        let (head, json) = postcard::take_from_bytes::<Head>(&raw).map_err(unreadable)?;
        let json = std::str::from_utf8(json).map_err(unreadable)?.to_owned();
        let moments = u32::try_from(head.lines.len()).map_err(unreadable)?;
        let transcript = Transcript {
            replay: ReplayId(head.replay),
            generation: head.generation,
            version: head.version,
            summary: head.summary,
            info: serde_json::from_str(&head.info).map_err(unreadable)?,
            failures: serde_json::from_str(&head.failures).map_err(unreadable)?,
            defects: serde_json::from_str(&head.defects).map_err(unreadable)?,
            coverage: serde_json::from_str(&head.coverage).map_err(unreadable)?,
            moments,
            transcribe_ms: head.transcribe_ms,
            published_at: EpochMs(head.published_at_ms),
        };
        Ok(Self { transcript: Arc::new(transcript), lines: head.lines, ends: head.ends, json })
    }

    /// The moment of line `i`, whole but for its units.
    pub(crate) fn moment(&self, i: usize) -> Result<Moment> {
        let from = if i == 0 { 0 } else { self.ends.get(i - 1).copied().unwrap_or(u32::MAX) as usize };
        let to = self.ends.get(i).copied().unwrap_or(0) as usize;
        let lacks = || unreadable("it lacks a moment");
        let (line, json) = (self.lines.get(i).ok_or_else(lacks)?, self.json.get(from..to).ok_or_else(lacks)?);
        let rest: Moment = serde_json::from_str(json).map_err(unreadable)?;
        let (id, t_ms, end_ms, kind, text) = (MomentId(line.id), line.t_ms, line.end_ms, line.kind, line.text.clone());
        Ok(Moment { id, t_ms, end_ms, kind, text, ..rest })
    }

    /// About how much memory the block takes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let line = |l: &BlockLine| {
            size_of::<BlockLine>()
                + l.text.len()
                + l.units.len() * size_of::<Span>()
                + l.place.as_ref().map_or(0, String::len)
        };
        // What is parsed takes about twice its text.
        let transcript = 2_000 + 2 * self.transcript.summary.len() + 300 * self.transcript.failures.len();
        transcript + self.lines.iter().map(line).sum::<usize>() + self.ends.len() * 4 + self.json.len()
    }
}

/// A moment without the fields of its line.
fn without_line(m: Moment) -> Moment {
    let Moment { id, t_ms, end_ms, kind, text, units, .. } = Moment::default();
    Moment { id, t_ms, end_ms, kind, text, units, ..m }
}

fn too_large() -> StoreError {
    StoreError::TooLarge("the timeline of the replay is too large to be stored".into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sample() -> TimelineBlock {
        let moments: Vec<Moment> = (1..=50)
            .map(|n| Moment {
                id: MomentId(n),
                t_ms: u64::from(n) * 10,
                text: format!("click é {n}"),
                ..Moment::default()
            })
            .collect();
        let transcript = Transcript {
            replay: ReplayId::new(),
            generation: Ulid::generate(),
            version: 2,
            summary: "s".into(),
            info: Default::default(),
            failures: vec![],
            defects: vec![],
            coverage: Default::default(),
            moments: 50,
            transcribe_ms: 7,
            published_at: EpochMs::now(),
        };
        TimelineBlock::new(transcript, moments).unwrap()
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let block = sample();
        let read = TimelineBlock::decode(&block.encode().unwrap()).unwrap();
        assert_eq!((&read.transcript, &read.lines), (&block.transcript, &block.lines));
        for i in 0..50 {
            assert_eq!(read.moment(i).unwrap(), block.moment(i).unwrap());
            assert_eq!(read.moment(i).unwrap().text, read.lines[i].text);
        }
        assert!(read.moment(50).is_err());
    }

    #[test]
    fn bytes_that_are_no_block_are_errors() {
        let good = sample().encode().unwrap();
        for cut in [0, 1, 4, 5, 6, good.len() / 2, good.len() - 1] {
            assert!(TimelineBlock::decode(&good[..cut]).is_err(), "{cut}");
        }
        let mut other = good.clone();
        other[0] = VERSION + 1;
        assert!(TimelineBlock::decode(&other).is_err());
        let mut short = good;
        short[1..5].copy_from_slice(&1u32.to_le_bytes());
        assert!(TimelineBlock::decode(&short).is_err(), "a frame that holds more than it says");
    }
}
