//! Segments: the uploaded pieces of a replay.
//!
//! In: compressed payloads. Out: the same payloads, each a zstd frame, read from where it is stored now: staged in the
//! catalog, an object of its own (a piece), or a range of the compacted object. Never here: what is inside.

mod batch;
mod check;
mod compact;
mod put;
mod sweep;

pub(crate) use batch::UploadBatches;
use check::Check;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use bytes::Bytes;
use playhead_schemas::{EpochMs, ErrorCode, ProjectId, ReplayId, ReplayKey, SegmentNo, Stream};
use serde::Serialize;

use crate::engine::{Row, Session, in_snapshot, values};
use crate::{CompressedPayload, ReplayState, Result, Store, StoreError};

/// One stream of an uploaded segment.
#[derive(Clone, Debug)]
pub struct SegmentPart {
    /// Which stream.
    pub stream: Stream,
    /// The window (tab) that it was recorded in, by the SDK's name for it.
    pub window: Option<String>,
    /// The payload.
    pub payload: CompressedPayload,
}

/// An uploaded segment: one number, one to three streams.
#[derive(Clone, Debug)]
pub struct SegmentPut {
    /// The project of the ingest key.
    pub project: ProjectId,
    /// The replay; its row is made when the key is new.
    pub replay: ReplayKey,
    /// The segment's number.
    pub n: SegmentNo,
    /// Its streams. A stream that is named twice is `Invalid`.
    pub parts: Vec<SegmentPart>,
    /// True when the SDK says that this is the last one.
    pub is_final: bool,
    /// The most that the replay may hold before compression, in bytes.
    pub replay_bytes_max: u64,
}

/// The outcome of one stream of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// Stored durably.
    Accepted,
    /// The same bytes were already stored under the same number.
    Duplicate,
    /// Not stored: the code, and a message.
    Rejected(ErrorCode, String),
}

/// The result of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentReceipt {
    /// The replay's id.
    pub replay: ReplayId,
    /// One outcome for each part, in the order of the parts.
    pub outcomes: Vec<(Stream, PutOutcome)>,
    /// The replay's state afterwards.
    pub state: ReplayState,
}

/// A stored payload: one stream of one segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SegmentMeta {
    /// The replay.
    pub replay: ReplayId,
    /// The segment's number.
    pub n: SegmentNo,
    /// The stream.
    pub stream: Stream,
    /// The window that it was recorded in, by the SDK's name for it.
    pub window: Option<String>,
    /// Bytes before compression.
    pub raw_bytes: u64,
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// When it came.
    pub received_at: EpochMs,
    #[serde(skip)]
    pub(crate) place: Place,
    #[serde(skip)]
    check: Check,
}

/// Where a payload is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the catalog, until the replay is compacted.
    Staged,
    /// In an object, from `first_byte` on.
    Object {
        /// The object's key.
        object: String,
        /// Where the payload begins.
        first_byte: u64,
    },
}

impl Place {
    /// The object that holds the payload.
    fn object(&self) -> Option<&str> {
        match self {
            Self::Staged => None,
            Self::Object { object, .. } => Some(object),
        }
    }
}

impl SegmentMeta {
    /// The error of a payload that is not where its row says.
    fn lost(&self) -> StoreError {
        match self.place.object() {
            Some(object) => StoreError::Lost { object: object.to_owned() },
            None => StoreError::Lost { object: format!("of segment {} ({}) in the catalog", self.n.0, self.stream) },
        }
    }
}

/// Which payloads of a replay are read.
#[derive(Clone, Debug)]
enum Part {
    All,
    Stream(Stream, RangeInclusive<SegmentNo>),
}

impl Part {
    fn has(&self, segment: &SegmentMeta) -> bool {
        match self {
            Self::All => true,
            Self::Stream(stream, numbers) => segment.stream == *stream && numbers.contains(&segment.n),
        }
    }
}

/// What reading a replay's payloads gave.
enum Joined {
    All(Vec<(SegmentMeta, Bytes)>),
    /// This object is gone, because the replay was compacted meanwhile or the object is lost.
    Without(String),
}

/// Staged payloads of one replay.
type Payloads = BTreeMap<(SegmentNo, Stream), Bytes>;

/// How often a reader looks again for payloads that were compacted while it read.
const READS_MAX: u32 = 5;

const LIST: &str = "SELECT replay, n, stream, window_name, raw_bytes, stored_bytes, received_at, object, first_byte,
    sha256, stored_check FROM segments WHERE replay = $1";
const ALL_STAGED: &str = "SELECT n, stream, zstd FROM staged_segments WHERE replay = $1";
const STREAM_STAGED: &str = "SELECT n, stream, zstd FROM staged_segments
    WHERE replay = $1 AND n >= $2 AND n <= $3 AND stream = $4";
const STAGED: &str = "SELECT zstd FROM staged_segments WHERE replay = $1 AND n = $2 AND stream = $3";

impl Store {
    /// The payloads of a replay, ordered by number, then stream.
    pub async fn segments(&self, replay: ReplayId) -> Result<Vec<SegmentMeta>> {
        self.read_long(move |s| metas(s, replay)).await
    }

    /// The bytes of a payload: one complete zstd frame.
    pub async fn read_segment(&self, segment: &SegmentMeta) -> Result<Bytes> {
        if let Some(bytes) = self.read_place(segment).await? {
            return self.checked(segment.clone(), bytes).await;
        }
        // The replay was compacted since `segment` was read: find where the payload is stored now.
        let key = (segment.n, segment.stream);
        let now = self.segments(segment.replay).await?.into_iter().find(|s| (s.n, s.stream) == key);
        let now = now.ok_or(StoreError::NotFound("segment"))?;
        let bytes = self.read_place(&now).await?.ok_or_else(|| now.lost())?;
        self.checked(now, bytes).await
    }

    /// Every payload of a replay, by segment number and stream, read with one request for each object.
    ///
    /// # Errors
    /// `Lost` when an object is missing, too short, or not what was stored.
    pub async fn read_replay(&self, replay: ReplayId) -> Result<Vec<(SegmentMeta, Bytes)>> {
        self.read_payloads(replay, &Part::All).await
    }

    /// The payloads of one stream from one segment number to another, both included, as [`Store::read_replay`] reads all.
    ///
    /// # Errors
    /// Those of [`Store::read_replay`].
    pub async fn read_stream(
        &self,
        replay: ReplayId,
        stream: Stream,
        numbers: RangeInclusive<SegmentNo>,
    ) -> Result<Vec<(SegmentMeta, Bytes)>> {
        self.read_payloads(replay, &Part::Stream(stream, numbers)).await
    }

    async fn read_payloads(&self, replay: ReplayId, part: &Part) -> Result<Vec<(SegmentMeta, Bytes)>> {
        let mut missing = None;
        for _ in 0..READS_MAX {
            let (metas, staged) = self.metas_and_staged(replay, part.clone()).await?;
            match self.join_payloads(metas, staged).await? {
                Joined::All(read) => return Ok(read),
                Joined::Without(object) if missing.as_ref() == Some(&object) => {
                    return Err(StoreError::Lost { object });
                }
                Joined::Without(object) => missing = Some(object),
            }
        }
        Err(StoreError::Conflict("the replay changed again and again while it was read".into()))
    }

    /// The rows of a replay's segments, and what of them is staged.
    async fn metas_and_staged(&self, replay: ReplayId, part: Part) -> Result<(Vec<SegmentMeta>, Payloads)> {
        self.read_long(move |s| in_snapshot(s, |s| metas_and_staged(s, replay, &part))).await
    }

    /// Each segment with its payload.
    async fn join_payloads(&self, metas: Vec<SegmentMeta>, mut staged: Payloads) -> Result<Joined> {
        let mut spans: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for s in &metas {
            if let Place::Object { object, first_byte } = &s.place {
                let end = first_byte.saturating_add(s.stored_bytes);
                let span = spans.entry(object.clone()).or_insert((*first_byte, end));
                *span = (span.0.min(*first_byte), span.1.max(end));
            }
        }
        let mut objects = BTreeMap::new();
        for (object, (from, to)) in spans {
            let Some(bytes) = self.objects().get_range(&object, from, to - from).await? else {
                return Ok(Joined::Without(object));
            };
            objects.insert(object, (from, bytes));
        }
        let mut read = Vec::with_capacity(metas.len());
        for s in metas {
            let payload = match &s.place {
                Place::Staged => staged.remove(&(s.n, s.stream)),
                Place::Object { object, first_byte } => objects.get(object).and_then(|(from, bytes)| {
                    let from = usize::try_from(first_byte - from).ok()?;
                    let to = from.checked_add(usize::try_from(s.stored_bytes).ok()?)?;
                    (to <= bytes.len()).then(|| bytes.slice(from..to))
                }),
            };
            let payload = payload.ok_or_else(|| s.lost())?;
            read.push((s, payload));
        }
        let checked = self.background().run(move || check::all(read)).await;
        checked.map_err(|e| StoreError::engine("check the payloads of a replay", e))?.map(Joined::All)
    }

    async fn checked(&self, segment: SegmentMeta, bytes: Bytes) -> Result<Bytes> {
        let checked = self.background().run(move || check::one(&segment, &bytes).map(|()| bytes)).await;
        checked.map_err(|e| StoreError::engine("check a payload", e))?
    }

    async fn read_place(&self, segment: &SegmentMeta) -> Result<Option<Bytes>> {
        match &segment.place {
            Place::Staged => {
                let key = values![segment.replay, segment.n, segment.stream.as_str()];
                let zstd: Option<Vec<u8>> = self.find(STAGED, key, |row| row.get(0)).await?;
                Ok(zstd.map(Bytes::from))
            }
            Place::Object { object, first_byte } => {
                self.objects().get_range(object, *first_byte, segment.stored_bytes).await
            }
        }
    }
}

/// The rows of a replay's segments, ordered by number, then stream.
fn metas(session: &dyn Session, replay: ReplayId) -> Result<Vec<SegmentMeta>> {
    let mut all = session.query(LIST, &values![replay])?.iter().map(meta).collect::<Result<Vec<_>>>()?;
    all.sort_unstable_by_key(|s| (s.n, s.stream));
    Ok(all)
}

fn metas_and_staged(session: &dyn Session, replay: ReplayId, part: &Part) -> Result<(Vec<SegmentMeta>, Payloads)> {
    let mut metas = metas(session, replay)?;
    metas.retain(|s| part.has(s));
    let mut staged = Payloads::new();
    if metas.iter().any(|s| s.place == Place::Staged) {
        let rows = match part {
            Part::All => session.query(ALL_STAGED, &values![replay])?,
            Part::Stream(stream, numbers) => {
                session.query(STREAM_STAGED, &values![replay, *numbers.start(), *numbers.end(), stream.as_str()])?
            }
        };
        for row in rows {
            staged.insert((row.get(0)?, row.parsed(1)?), Bytes::from(row.get::<Vec<u8>>(2)?));
        }
    }
    Ok((metas, staged))
}

fn meta(row: &Row) -> Result<SegmentMeta> {
    Ok(SegmentMeta {
        replay: row.get(0)?,
        n: row.get(1)?,
        stream: row.parsed(2)?,
        window: row.get(3)?,
        raw_bytes: row.get(4)?,
        stored_bytes: row.get(5)?,
        received_at: row.get(6)?,
        place: match row.get::<Option<String>>(7)? {
            None => Place::Staged,
            Some(object) => Place::Object { object, first_byte: row.get(8)? },
        },
        check: Check::from_columns(row.get(9)?, row.get(10)?)?,
    })
}
