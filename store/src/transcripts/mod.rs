//! Transcripts: published whole, read in pages.
//!
//! Moments are keyed by generation: a publication adds rows of a new one, points the transcript's row at it and
//! deletes the old rows, in one transaction. Readers find the generation and its moments in one snapshot.

mod publish;

use playhead_schemas::timeline::{Coverage, Defect, Failure, ReplayInfo, Span};
use playhead_schemas::{EpochMs, Moment, MomentId, MomentKind, ReplayId};
use serde::Serialize;
use ulid::Ulid;

use crate::engine::{Row, Session, values};
use crate::page::page_limit;
use crate::{Result, Store, StoreError};

/// A published transcript, without its moments.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transcript {
    /// The replay.
    pub replay: ReplayId,
    /// Which publication: a newer one has a greater value. Cursors contain it, to notice a new publication.
    pub generation: Ulid,
    /// The version of the transcriber's rules.
    pub version: u32,
    /// The summary, as text.
    pub summary: String,
    /// Facts about the whole replay, such as its duration and pages.
    pub info: ReplayInfo,
    /// What went wrong, most severe first.
    pub failures: Vec<Failure>,
    /// Defects of the input.
    pub defects: Vec<Defect>,
    /// What the capture contains and what it lacks.
    pub coverage: Coverage,
    /// How many moments there are.
    pub moments: u32,
    /// How long transcribing took, milliseconds.
    pub transcribe_ms: u64,
    /// When it was published.
    pub published_at: EpochMs,
}

/// Which moments to read. Conditions are joined by and.
#[derive(Clone, Debug, Default)]
pub struct MomentQuery {
    /// Those that end at this offset or later, milliseconds.
    pub from_ms: Option<u64>,
    /// Those that begin before this offset, milliseconds.
    pub to_ms: Option<u64>,
    /// Of these kinds; empty means all.
    pub kinds: Vec<MomentKind>,
    /// After this one.
    pub after: Option<MomentId>,
    /// Up to and including this one.
    pub until: Option<MomentId>,
    /// How many at most.
    pub limit: u32,
}

/// A moment as one line of a transcript.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MomentLine {
    /// Its id.
    pub id: MomentId,
    /// When, milliseconds from the start.
    pub t_ms: u64,
    /// What it was.
    pub kind: MomentKind,
    /// The line, without id and time.
    pub text: String,
    /// The parts of `text` that may be named ([`Moment::units`]).
    pub units: Vec<Span>,
}

/// The fields of a moment that folding needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MomentStep {
    /// Its id.
    pub id: MomentId,
    /// When, milliseconds from the start.
    pub t_ms: u64,
    /// What it was.
    pub kind: MomentKind,
    /// Where in the page it was done, when that is known.
    pub place: Option<String>,
}

/// The most ids that one call of [`Store::moments_by_id`] takes.
const IDS_MAX: usize = 1000;

const TRANSCRIPT: &str = "SELECT replay, generation, version, summary, info, failures, defects, coverage, moments,
    transcribe_ms, published_at FROM transcripts WHERE replay = $1";
const GENERATION: &str = "SELECT generation FROM transcripts WHERE replay = $1";
const PAGE: &str = "SELECT id, t_ms, kind, line, units FROM moments
    WHERE generation = $1 AND id > $2 AND end_ms >= $3 AND t_ms < $4 AND id <= $6 ORDER BY id LIMIT $5";
const PAGE_OF_KINDS: &str = "SELECT id, t_ms, kind, line, units FROM moments
    WHERE generation = $1 AND id > $2 AND end_ms >= $3 AND t_ms < $4 AND id <= $6 AND kind = ANY($7::text[])
    ORDER BY id LIMIT $5";
const STEPS: &str = "SELECT id, t_ms, kind, place FROM moments WHERE generation = $1 ORDER BY id LIMIT $2";
const BY_IDS: &str = "SELECT data FROM moments WHERE generation = $1 AND id = ANY($2::bigint[]) ORDER BY id";

impl Store {
    /// The transcript of a replay, if there is one.
    pub async fn transcript(&self, replay: ReplayId) -> Result<Option<Transcript>> {
        self.find(TRANSCRIPT, values![replay], transcript).await
    }

    /// The transcript of a replay with a page of its moments, by time; both of the same generation.
    pub async fn transcript_page(
        &self,
        replay: ReplayId,
        query: &MomentQuery,
    ) -> Result<Option<(Transcript, Vec<MomentLine>)>> {
        let query = query.clone();
        self.snapshot(move |s| {
            let Some(row) = s.query_one(TRANSCRIPT, &values![replay])? else { return Ok(None) };
            let transcript = transcript(&row)?;
            let lines = lines(s, transcript.generation, &query)?;
            Ok(Some((transcript, lines)))
        })
        .await
    }

    /// The transcript of a replay with the first `limit` of its moments as steps, by time; both of the same generation.
    pub async fn transcript_steps(
        &self,
        replay: ReplayId,
        limit: u32,
    ) -> Result<Option<(Transcript, Vec<MomentStep>)>> {
        self.snapshot(move |s| {
            let Some(row) = s.query_one(TRANSCRIPT, &values![replay])? else { return Ok(None) };
            let transcript = transcript(&row)?;
            let rows = s.query(STEPS, &values![transcript.generation, limit])?;
            let step = |row: &Row| {
                Ok(MomentStep { id: row.get(0)?, t_ms: row.get(1)?, kind: row.parsed(2)?, place: row.get(3)? })
            };
            Ok(Some((transcript, rows.iter().map(step).collect::<Result<_>>()?)))
        })
        .await
    }

    /// The moments of these ids, by time, whole but for [`Moment::units`], which come with lines. Ids that don't exist
    /// are skipped.
    ///
    /// # Errors
    /// `Invalid` for more than 1,000 ids.
    pub async fn moments_by_id(&self, replay: ReplayId, ids: &[MomentId]) -> Result<Vec<Moment>> {
        if ids.len() > IDS_MAX {
            return Err(StoreError::Invalid(format!("ask for at most {IDS_MAX} moments at a time")));
        }
        let ids: Vec<i64> = ids.iter().map(|id| id.0.into()).collect();
        self.snapshot(move |s| {
            let Some(row) = s.query_one(GENERATION, &values![replay])? else { return Ok(Vec::new()) };
            let generation: Ulid = row.get(0)?;
            s.query(BY_IDS, &values![generation, ids])?.iter().map(|row| row.json(0)).collect()
        })
        .await
    }
}

fn lines(session: &dyn Session, generation: Ulid, query: &MomentQuery) -> Result<Vec<MomentLine>> {
    let after = query.after.map_or(-1, |id| i64::from(id.0));
    let (from, to) = (query.from_ms.unwrap_or(0), query.to_ms.unwrap_or(u64::MAX));
    let until = query.until.map_or(i64::MAX, |id| i64::from(id.0));
    let mut params = values![generation, after, from, to, page_limit(query.limit), until].to_vec();
    let rows = if query.kinds.is_empty() {
        session.query(PAGE, &params)?
    } else {
        let kinds: Vec<String> = query.kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
        params.push(kinds.into());
        session.query(PAGE_OF_KINDS, &params)?
    };
    rows.iter().map(line).collect()
}

fn line(row: &Row) -> Result<MomentLine> {
    // Rows of older transcribers have none.
    let units = if row.get::<Option<String>>(4)?.is_some() { row.json(4)? } else { Vec::new() };
    Ok(MomentLine { id: row.get(0)?, t_ms: row.get(1)?, kind: row.parsed(2)?, text: row.get(3)?, units })
}

fn transcript(row: &Row) -> Result<Transcript> {
    Ok(Transcript {
        replay: row.get(0)?,
        generation: row.get(1)?,
        version: row.get(2)?,
        summary: row.get(3)?,
        info: row.json(4)?,
        failures: row.json(5)?,
        defects: row.json(6)?,
        coverage: row.json(7)?,
        moments: row.get(8)?,
        transcribe_ms: row.get(9)?,
        published_at: row.get(10)?,
    })
}
