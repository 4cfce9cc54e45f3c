//! Numbers for segments that come with an identity of another kind.
//!
//! A number is reserved by one transaction and used by the next. What is reserved and never stored is a hole, which a
//! transcript reports; the client that was not answered sends the segment again, and it gets the same number.

use playhead_schemas::limits::{SEGMENT_NO_MAX, SIDE_SEGMENT_NO_MIN};
use playhead_schemas::{EpochMs, ProjectId, ReplayKey, SegmentNo};

use crate::engine::{Tx, Value, values};
use crate::replays::full_key;
use crate::{PutOutcome, Result, SegmentPart, SegmentPut, SegmentReceipt, Store, StoreError};

/// Bytes of an identity.
const IDENTITY_BYTES_MAX: usize = 200;

const KNOWN: &str = "SELECT n FROM sdk_segments WHERE full_key = $1 AND identity = $2";
const IS_TAKEN: &str = "SELECT 1 FROM sdk_segments WHERE full_key = $1 AND n = $2";
const IS_STORED: &str = "SELECT 1 FROM segments s JOIN replays r ON s.replay = r.id WHERE r.full_key = $1 AND s.n = $2";
const LAST_RESERVED: &str = "SELECT max(n) FROM sdk_segments WHERE full_key = $1 AND n >= $2 AND n <= $3";
const LAST_STORED: &str = "SELECT max(s.n) FROM segments s JOIN replays r ON s.replay = r.id
    WHERE r.full_key = $1 AND s.n >= $2 AND s.n <= $3";
const RESERVE: &str = "INSERT INTO sdk_segments (full_key, identity, n, page_started_at, seen_at)
    VALUES ($1, $2, $3, $4, $5)";
const LATER_PAGE: &str = "SELECT 1 FROM sdk_segments WHERE full_key = $1 AND page_started_at > $2
    AND page_started_at < $3 LIMIT 1";
const REOPEN: &str = "UPDATE replays SET state = 'open' WHERE full_key = $1 AND state = 'closed'
    AND raw_bytes + $2 <= $3";

/// What a segment is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SegmentOrigin {
    /// The recording. The number that the SDK gave it is used if it is free.
    Recording(Option<SegmentNo>),
    /// Something that came beside the recording, such as an error event. Its number is from
    /// [`SIDE_SEGMENT_NO_MIN`] on, where no hole is missed.
    Beside,
}

/// The time in which one page recorded a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSpan {
    /// When the page began.
    pub page_started_at: EpochMs,
    /// When the segment ended.
    pub segment_ended_at: EpochMs,
}

/// A segment whose number the store chooses.
#[derive(Clone, Debug)]
pub struct UnnumberedSegment {
    /// The project of the ingest key.
    pub project: ProjectId,
    /// The replay; its row is made when the key is new.
    pub replay: ReplayKey,
    /// What tells the segment from the others of its replay: what has the same identity is the same again.
    pub identity: String,
    /// True when segments of one identity and other content are others.
    pub is_told_by_content: bool,
    /// What it is a part of.
    pub origin: SegmentOrigin,
    /// Where the SDK says so: a page that recorded after a later page had begun was kept by the browser and came back.
    /// Its nodes have the numbers of its own time, so its segments are those of a window of their own.
    pub page: Option<PageSpan>,
    /// Its one stream.
    pub part: SegmentPart,
    /// The most that the replay may hold before compression, in bytes.
    pub replay_bytes_max: u64,
}

impl Store {
    /// Stores a segment under a number of its own: the same number whenever the same segment comes. A replay that was
    /// closed because nothing came is opened again, and closes when nothing comes again.
    ///
    /// # Errors
    /// Those of [`Store::put_segment`]. After an error the segment may be sent again.
    pub async fn put_unnumbered_segment(&self, segment: UnnumberedSegment) -> Result<SegmentReceipt> {
        let reserved = self.reserve(&segment).await?;
        let UnnumberedSegment { project, replay, mut part, page, replay_bytes_max, .. } = segment;
        let Some(Reserved { n, has_come_back }) = reserved else {
            return Err(StoreError::Invalid("the replay has as many segments as a replay may have".to_owned()));
        };
        if let Some(page) = page.filter(|_| has_come_back) {
            part.window = Some(format!("back-{}", page.page_started_at.0));
        }
        let put = SegmentPut { project, replay, n, parts: vec![part], is_final: false, replay_bytes_max };
        self.put_segment(put).await
    }

    async fn reserve(&self, segment: &UnnumberedSegment) -> Result<Option<Reserved>> {
        let payload = &segment.part.payload;
        let mut identity = segment.identity.clone();
        if segment.is_told_by_content {
            identity = format!("{identity}/{}", payload.fingerprint.short());
        }
        if identity.is_empty() || identity.len() > IDENTITY_BYTES_MAX {
            return Err(StoreError::Invalid(format!("an identity has 1 to {IDENTITY_BYTES_MAX} bytes")));
        }
        let (origin, page) = (segment.origin, segment.page);
        let (raw_bytes, bytes_max) = (payload.raw_bytes(), segment.replay_bytes_max);
        let key = full_key(segment.project, &segment.replay);
        let now = EpochMs::now();
        self.write(move |tx| {
            let key = key.as_str();
            let has_come_back = match page {
                Some(page) => later_page_began(tx, key, page)?,
                None => false,
            };
            if let Some(row) = tx.query_one(KNOWN, &values![key, identity.as_str()])? {
                return Ok(Some(Reserved { n: SegmentNo(row.get(0)?), has_come_back }));
            }
            let Some(n) = free_number(tx, key, origin)? else { return Ok(None) };
            let page = page.map(|page| page.page_started_at);
            tx.execute(RESERVE, &values![key, identity.as_str(), n, page, now])?;
            tx.execute(REOPEN, &values![key, raw_bytes, bytes_max])?;
            Ok(Some(Reserved { n, has_come_back }))
        })
        .await
    }
}

struct Reserved {
    n: SegmentNo,
    /// The page that recorded it is one that the browser had kept.
    has_come_back: bool,
}

fn later_page_began(tx: &Tx<'_>, key: &str, page: PageSpan) -> Result<bool> {
    let found = tx.query_one(LATER_PAGE, &values![key, page.page_started_at, page.segment_ended_at])?;
    Ok(found.is_some())
}

/// The wanted number if it is free, else the one after the last of its range; `None` when the range is full.
fn free_number(tx: &Tx<'_>, key: &str, origin: SegmentOrigin) -> Result<Option<SegmentNo>> {
    let (first, last) = match origin {
        SegmentOrigin::Recording(_) => (0, SIDE_SEGMENT_NO_MIN - 1),
        SegmentOrigin::Beside => (SIDE_SEGMENT_NO_MIN, SEGMENT_NO_MAX),
    };
    let wanted = match origin {
        SegmentOrigin::Recording(wanted) => wanted.filter(|n| n.0 <= last),
        SegmentOrigin::Beside => None,
    };
    if let Some(n) = wanted {
        let params = values![key, n];
        if tx.query_one(IS_TAKEN, &params)?.is_none() && tx.query_one(IS_STORED, &params)?.is_none() {
            return Ok(Some(n));
        }
        // What comes under a number that is taken stands beside the numbers of the SDK, and shifts none of them.
        return next(tx, key, SIDE_SEGMENT_NO_MIN, SEGMENT_NO_MAX);
    }
    next(tx, key, first, last)
}

fn next(tx: &Tx<'_>, key: &str, first: u32, last: u32) -> Result<Option<SegmentNo>> {
    let range: [Value; 3] = values![key, first, last];
    let mut next = first;
    for sql in [LAST_RESERVED, LAST_STORED] {
        let newest = match tx.query_one(sql, &range)? {
            Some(row) => row.get::<Option<u32>>(0)?,
            None => None,
        };
        next = next.max(newest.map_or(first, |n| n.saturating_add(1)));
    }
    Ok((next <= last).then_some(SegmentNo(next)))
}

impl SegmentReceipt {
    /// The outcome of the only stream.
    pub fn only_outcome(&self) -> Option<&PutOutcome> {
        self.outcomes.first().map(|(_, outcome)| outcome)
    }
}
