//! Publishing a transcript.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use playhead_schemas::timeline::TRANSCRIBER_VERSION;
use playhead_schemas::{EpochMs, JobId, Moment, MomentKind, ProjectId, ReplayId, Timeline};
use ulid::Ulid;

use super::Transcript;
use crate::engine::{Tx, Value, values};
use crate::jobs::JobKind;
use crate::json::to_json;
use crate::{Result, Store, StoreError, jobs};

const OLD: &str = "SELECT generation FROM transcripts WHERE replay = $1";
const ADD: &str = "INSERT INTO transcripts (replay, project, generation, version, summary, info, failures, defects,
    coverage, failure_title, moments, transcribe_ms, published_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
const REPLACE: &str = "UPDATE transcripts SET project = $2, generation = $3, version = $4, summary = $5, info = $6,
    failures = $7, defects = $8, coverage = $9, failure_title = $10, moments = $11, transcribe_ms = $12,
    published_at = $13 WHERE replay = $1";
const UPDATE_BUGS: &str = "UPDATE bugs SET failure_title = $2 WHERE replay = $1";
const READY: &str = "UPDATE replays SET transcript = 'ready' WHERE id = $1";
const DROP_MOMENTS: &str = "DELETE FROM moments WHERE generation = $1";
const DROP_CONSOLE: &str = "DELETE FROM console_entries WHERE generation = $1";
const DROP_NETWORK: &str = "DELETE FROM network_entries WHERE generation = $1";

/// A transcript as rows, except what the transaction decides: project and generation.
struct TranscriptRows {
    transcript: Transcript,
    texts: Texts,
    moments: Vec<MomentRow>,
}

/// The transcript's JSON columns.
struct Texts {
    info: String,
    failures: String,
    defects: String,
    coverage: String,
}

struct MomentRow {
    moment: Moment,
    /// The moment as JSON, without its units.
    data: String,
    units: Option<String>,
}

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
        let rows = Arc::new(rows_of(replay, timeline, summary, transcribe_ms)?);
        let (worker, done) = (worker.to_owned(), self.shared().jobs_completed.clone());
        self.write(move |tx| publish(tx, &rows, job, &worker, &done)).await
    }
}

fn rows_of(replay: ReplayId, timeline: &Timeline, summary: &str, transcribe_ms: u64) -> Result<TranscriptRows> {
    let texts = Texts {
        info: to_json(&timeline.replay)?,
        failures: to_json(&timeline.failures)?,
        defects: to_json(&timeline.defects)?,
        coverage: to_json(&timeline.coverage)?,
    };
    let transcript = Transcript {
        replay,
        generation: Ulid::generate(),
        version: TRANSCRIBER_VERSION,
        summary: summary.to_owned(),
        info: timeline.replay.clone(),
        failures: timeline.failures.clone(),
        defects: timeline.defects.clone(),
        coverage: timeline.coverage.clone(),
        moments: u32::try_from(timeline.moments.len()).unwrap_or(u32::MAX),
        transcribe_ms,
        published_at: EpochMs::now(),
    };
    let moments = timeline.moments.iter().cloned().map(moment_row).collect::<Result<_>>()?;
    Ok(TranscriptRows { transcript, texts, moments })
}

fn moment_row(mut moment: Moment) -> Result<MomentRow> {
    let units = std::mem::take(&mut moment.units);
    let units = if units.is_empty() { None } else { Some(to_json(&units)?) };
    Ok(MomentRow { data: to_json(&moment)?, moment, units })
}

fn publish(tx: &Tx<'_>, rows: &TranscriptRows, job: JobId, worker: &str, done: &Arc<AtomicU64>) -> Result<Transcript> {
    let replay = rows.transcript.replay;
    let lost = || StoreError::Conflict("another worker holds the job by now; nothing was published".into());
    let (kind, subject, project) = jobs::held(tx, job, worker)?.ok_or_else(lost)?;
    if kind != JobKind::Transcribe || subject != replay.0 {
        return Err(StoreError::Conflict("the job is not a transcription of this replay".into()));
    }
    let old: Option<Ulid> = tx.query_one(OLD, &values![replay])?.map(|row| row.get(0)).transpose()?;
    let mut transcript = rows.transcript.clone();
    // A newer generation is greater even when both were made in one millisecond.
    transcript.generation = transcript.generation.max(old.map_or(transcript.generation, next_generation));
    let put = if old.is_some() { REPLACE } else { ADD };
    tx.execute(put, &transcript_row(&transcript, &rows.texts, project))?;
    append_moments(tx, rows, project, transcript.generation)?;
    if let Some(old) = old {
        for sql in [DROP_MOMENTS, DROP_CONSOLE, DROP_NETWORK] {
            tx.execute(sql, &values![old])?;
        }
    }
    tx.execute(READY, &values![replay])?;
    tx.execute(UPDATE_BUGS, &values![replay, failure_title(&transcript)])?;
    jobs::complete(tx, job, worker, done)?;
    Ok(transcript)
}

/// The most severe failure, in one line.
fn failure_title(transcript: &Transcript) -> Option<&str> {
    transcript.failures.first().map(|failure| failure.title.as_str())
}

fn next_generation(old: Ulid) -> Ulid {
    Ulid::from(u128::from(old).saturating_add(1))
}

fn transcript_row(t: &Transcript, texts: &Texts, project: ProjectId) -> Vec<Value> {
    values![
        t.replay,
        project,
        t.generation,
        t.version,
        t.summary.as_str(),
        texts.info.as_str(),
        texts.failures.as_str(),
        texts.defects.as_str(),
        texts.coverage.as_str(),
        failure_title(t),
        t.moments,
        t.transcribe_ms,
        t.published_at
    ]
    .to_vec()
}

fn append_moments(tx: &Tx<'_>, rows: &TranscriptRows, project: ProjectId, generation: Ulid) -> Result<()> {
    let replay = rows.transcript.replay;
    let (mut moments, mut console, mut network) = (Vec::with_capacity(rows.moments.len()), Vec::new(), Vec::new());
    for MomentRow { moment: m, data, units } in &rows.moments {
        let (kind, text) = (m.kind.as_str(), m.text.as_str());
        let ids = || values![project, replay, generation, m.id, m.t_ms].to_vec();
        moments
            .push([ids(), values![m.end_ms, kind, text, data.as_str(), m.place(), units.as_deref()].to_vec()].concat());
        if matches!(m.kind, MomentKind::Console | MomentKind::Error) {
            let uncaught = m.kind == MomentKind::Error;
            let level = m.level.map(playhead_schemas::timeline::Level::as_str);
            console.push([ids(), values![uncaught, level, m.message.as_deref(), m.count].to_vec()].concat());
        }
        if let Some(r) = &m.request {
            let (method, url) = (r.method.as_str(), r.url.as_str());
            let rest = values![method, url, r.status, r.failed, r.duration_ms, r.size_bytes];
            network.push([ids(), rest.to_vec()].concat());
        }
    }
    tx.append("moments", &moments)?;
    tx.append("console_entries", &console)?;
    tx.append("network_entries", &network)
}
