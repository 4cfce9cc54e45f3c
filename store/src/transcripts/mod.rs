//! Transcripts: published whole, read in pages.
//!
//! Each publication is a generation of its own. Its results are made durable first; then one transaction of the catalog
//! points the replay at it. Readers take the generation from the catalog and then its block, which never changes.

mod lost;
mod publish;

pub(crate) use lost::{requeue_lost, summary_of};

use std::collections::BTreeSet;
use std::sync::Arc;

use playhead_schemas::timeline::{Coverage, Defect, Failure, ReplayInfo, Span};
use playhead_schemas::{EpochMs, Moment, MomentId, MomentKind, ReplayId};
use serde::Serialize;
use ulid::Ulid;

use crate::engine::values;
use crate::page::page_limit;
use crate::results::{BlockLine, TimelineBlock};
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

/// How often a reader looks again for a generation that was replaced while it read.
const READS_MAX: u32 = 5;

pub(crate) const GENERATION: &str = "SELECT generation FROM transcripts WHERE replay = $1";

impl Store {
    /// The transcript of a replay, if there is one.
    pub async fn transcript(&self, replay: ReplayId) -> Result<Option<Arc<Transcript>>> {
        Ok(self.timeline_block(replay).await?.map(|block| block.transcript.clone()))
    }

    /// The transcript of a replay with a page of its moments, by time; both of the same generation.
    pub async fn transcript_page(
        &self,
        replay: ReplayId,
        query: &MomentQuery,
    ) -> Result<Option<(Arc<Transcript>, Vec<MomentLine>)>> {
        let Some(block) = self.timeline_block(replay).await? else { return Ok(None) };
        Ok(Some((block.transcript.clone(), lines(&block, query))))
    }

    /// The transcript of a replay with the first `limit` of its moments as steps, by time; both of the same generation.
    pub async fn transcript_steps(
        &self,
        replay: ReplayId,
        limit: u32,
    ) -> Result<Option<(Arc<Transcript>, Vec<MomentStep>)>> {
        let Some(block) = self.timeline_block(replay).await? else { return Ok(None) };
        let step = |line: &BlockLine| MomentStep {
            id: MomentId(line.id),
            t_ms: line.t_ms,
            kind: line.kind,
            place: line.place.clone(),
        };
        let steps = block.lines.iter().take(limit as usize).map(step).collect();
        Ok(Some((block.transcript.clone(), steps)))
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
        let Some(block) = self.timeline_block(replay).await? else { return Ok(Vec::new()) };
        let wanted: BTreeSet<u32> = ids.iter().map(|id| id.0).collect();
        let found = wanted.iter().filter_map(|id| block.lines.binary_search_by_key(id, |line| line.id).ok());
        found.map(|i| block.moment(i)).collect()
    }

    /// The newest generation of a replay, with its summary.
    pub(crate) async fn newest_summary(&self, replay: ReplayId) -> Result<Option<(Ulid, String)>> {
        let block = self.timeline_block(replay).await?;
        Ok(block.map(|block| (block.transcript.generation, block.transcript.summary.clone())))
    }

    /// The block of the generation that the catalog names.
    pub(crate) async fn timeline_block(&self, replay: ReplayId) -> Result<Option<Arc<TimelineBlock>>> {
        for _ in 0..READS_MAX {
            let generation: Option<Ulid> = self.find(GENERATION, values![replay], |row| row.get(0)).await?;
            let Some(generation) = generation else { return Ok(None) };
            // It may have been replaced, and its results deleted, since the catalog was read.
            if let Some(block) = self.results().block(generation).await? {
                return Ok(Some(block));
            }
        }
        Err(StoreError::engine("read a timeline block", format!("the results of replay {replay} are missing")))
    }
}

fn lines(block: &TimelineBlock, query: &MomentQuery) -> Vec<MomentLine> {
    let (from, to) = (query.from_ms.unwrap_or(0), query.to_ms.unwrap_or(u64::MAX));
    let (after, until) = (query.after.map_or(0, |id| id.0), query.until.map_or(u32::MAX, |id| id.0));
    let limit = page_limit(query.limit) as usize;
    let mut found = Vec::with_capacity(limit.min(block.lines.len()));
    for line in block.lines.iter().skip(block.lines.partition_point(|line| query.after.is_some() && line.id <= after)) {
        if line.id > until || found.len() == limit {
            break;
        }
        let kind = line.kind;
        if line.end_ms >= from && line.t_ms < to && (query.kinds.is_empty() || query.kinds.contains(&kind)) {
            let (text, units) = (line.text.clone(), line.units.clone());
            found.push(MomentLine { id: MomentId(line.id), t_ms: line.t_ms, kind, text, units });
        }
    }
    found
}
