//! Transcripts: published whole, read by the page.

use playhead_schemas::timeline::{Coverage, Defect, Failure, ReplayInfo};
use playhead_schemas::{EpochMs, JobId, Moment, MomentId, MomentKind, ReplayId, Timeline};
use serde::Serialize;
use ulid::Ulid;

use crate::store::pending;
use crate::{Result, Store};

/// A published transcript, without its moments.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Transcript {
    /// The replay.
    pub replay: ReplayId,
    /// Which publication: a newer one has a greater value. Cursors hold it to notice a switch.
    pub generation: Ulid,
    /// The version of the transcriber's rules.
    pub version: u32,
    /// The summary, as text.
    pub summary: String,
    /// The frame of the replay.
    pub info: ReplayInfo,
    /// What went wrong, most severe first.
    pub failures: Vec<Failure>,
    /// Flaws of the input.
    pub defects: Vec<Defect>,
    /// What the capture has and has not.
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
}

impl Store {
    /// Publishes a transcript, in place of the one before, and completes the job, in one transaction.
    ///
    /// # Errors
    /// `Conflict` when `worker` no longer holds the job: nothing was published.
    pub async fn publish_transcript(
        &self,
        replay: ReplayId,
        job: JobId,
        worker: &str,
        timeline: &Timeline,
        summary: &str,
        transcribe_ms: u64,
    ) -> Result<Transcript> {
        let _ = (replay, job, worker, timeline, summary, transcribe_ms);
        pending()
    }

    /// The transcript of a replay, if there is one.
    pub async fn transcript(&self, replay: ReplayId) -> Result<Option<Transcript>> {
        let _ = replay;
        pending()
    }

    /// The transcript of a replay with a page of its moments, by time; both of the same generation.
    pub async fn transcript_page(
        &self,
        replay: ReplayId,
        query: &MomentQuery,
    ) -> Result<Option<(Transcript, Vec<MomentLine>)>> {
        let _ = (replay, query);
        pending()
    }

    /// The moments of these ids, by time, whole. Ids that name none are passed over. At most 1,000 ids.
    pub async fn moments_by_id(&self, replay: ReplayId, ids: &[MomentId]) -> Result<Vec<Moment>> {
        let _ = (replay, ids);
        pending()
    }
}
