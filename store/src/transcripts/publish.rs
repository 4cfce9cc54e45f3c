//! Publishing a transcript: the results first, then one transaction that points at them.
//!
//! A crash in between leaves results that nothing names: they are swept at the next start.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use playhead_schemas::timeline::TRANSCRIBER_VERSION;
use playhead_schemas::{EpochMs, JobId, Moment, ProjectId, ReplayId, Timeline};
use ulid::Ulid;

use super::{GENERATION, Transcript};
use crate::bugs::ReplayFacts;
use crate::engine::{Tx, values};
use crate::jobs::JobKind;
use crate::results::Publication;
use crate::{Result, Store, StoreError, bugs, jobs};

const POINT: &str = "INSERT INTO transcripts (replay, generation, version, failure_title, signals, has_error)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (replay) DO UPDATE SET generation = excluded.generation, version = excluded.version,
        failure_title = excluded.failure_title, signals = excluded.signals, has_error = excluded.has_error";
const READY: &str = "UPDATE replays SET transcript = 'ready' WHERE id = $1";

impl Store {
    /// Publishes a transcript, replacing the earlier one, and completes the job, in one transaction.
    ///
    /// # Errors
    /// `Conflict` when `worker` no longer holds the job, or it is not a transcription of this replay: nothing was
    /// published.
    pub async fn publish_transcript(
        &self,
        replay: ReplayId,
        job: JobId,
        worker: &str,
        timeline: &Timeline,
        summary: &str,
        transcribe_ms: u64,
    ) -> Result<Transcript> {
        let (project, old) = self.held_replay(replay, job, worker.to_owned()).await?;
        let transcript = transcript(replay, new_generation(old), timeline, summary, transcribe_ms);
        let facts = ReplayFacts::of(timeline)?;
        let publication = self.packed(transcript.clone(), project, timeline.moments.clone()).await?;
        let block = publication.block().clone();
        self.results().add(publication).await?;
        let generation = transcript.generation;
        let (worker, done, published) = (worker.to_owned(), self.shared().jobs_completed.clone(), transcript.clone());
        match self.write(move |tx| point(tx, (&published, &facts), job, &worker, &done)).await {
            Ok(old) => {
                self.results().keep(generation, block);
                old.into_iter().for_each(|old| self.results().delete_later(old));
                Ok(transcript)
            }
            Err(error @ StoreError::Conflict(_)) => {
                self.results().delete_later(generation);
                Err(error)
            }
            // After a failed commit the catalog may name the generation all the same: the next start decides.
            Err(error) => Err(error),
        }
    }

    /// The rows of a transcript.
    async fn packed(&self, transcript: Transcript, project: ProjectId, moments: Vec<Moment>) -> Result<Publication> {
        let made = self.background().run(move || Publication::new(transcript, project, moments)).await;
        made.map_err(|e| StoreError::engine("pack a timeline", e))?
    }

    /// The project of a replay whose transcription `worker` holds, and the generation that readers see now.
    async fn held_replay(&self, replay: ReplayId, job: JobId, worker: String) -> Result<(ProjectId, Option<Ulid>)> {
        self.snapshot(move |s| {
            let held = jobs::held(s.query_one(jobs::HELD, &values![job, worker.as_str()])?)?;
            let project = check_held(held, replay)?;
            let old = s.query_one(GENERATION, &values![replay])?.map(|row| row.get(0)).transpose()?;
            Ok((project, old))
        })
        .await
    }
}

/// The project of a held job, which must be a transcription of this replay.
fn check_held(held: Option<jobs::Held>, replay: ReplayId) -> Result<ProjectId> {
    let lost = || StoreError::Conflict("another worker holds the job by now; nothing was published".into());
    let (kind, subject, project) = held.ok_or_else(lost)?;
    if kind != JobKind::Transcribe || subject != replay.0 {
        return Err(StoreError::Conflict("the job is not a transcription of this replay".into()));
    }
    Ok(project)
}

/// A newer generation is greater even when both were made in one millisecond.
fn new_generation(old: Option<Ulid>) -> Ulid {
    let new = Ulid::generate();
    old.map_or(new, |old| new.max(Ulid::from(u128::from(old).saturating_add(1))))
}

fn transcript(
    replay: ReplayId,
    generation: Ulid,
    timeline: &Timeline,
    summary: &str,
    transcribe_ms: u64,
) -> Transcript {
    Transcript {
        replay,
        generation,
        version: TRANSCRIBER_VERSION,
        summary: summary.to_owned(),
        info: timeline.replay.clone(),
        failures: timeline.failures.clone(),
        defects: timeline.defects.clone(),
        coverage: timeline.coverage.clone(),
        moments: u32::try_from(timeline.moments.len()).unwrap_or(u32::MAX),
        transcribe_ms,
        published_at: EpochMs::now(),
    }
}

/// Points readers at a generation whose results are durable, and returns the one before.
fn point(
    tx: &Tx<'_>,
    (transcript, facts): (&Transcript, &ReplayFacts),
    job: JobId,
    worker: &str,
    done: &Arc<AtomicU64>,
) -> Result<Option<Ulid>> {
    let (replay, generation) = (transcript.replay, transcript.generation);
    check_held(jobs::held(tx.query_one(jobs::HELD, &values![job, worker])?)?, replay)?;
    let old: Option<Ulid> = tx.query_one(GENERATION, &values![replay])?.map(|row| row.get(0)).transpose()?;
    if old.is_some_and(|old| old >= generation) {
        return Err(StoreError::Conflict("a newer transcript was published meanwhile".into()));
    }
    // The most severe failure, in one line.
    let failure_title = transcript.failures.first().map(|failure| failure.title.as_str());
    let (signals, has_error) = (facts.signals.as_str(), facts.has_error);
    tx.execute(POINT, &values![replay, generation, transcript.version, failure_title, signals, has_error])?;
    tx.execute(READY, &values![replay])?;
    bugs::transcript_published(tx, replay, failure_title, facts, &transcript.summary)?;
    jobs::complete(tx, job, worker, done)?;
    Ok(old)
}
