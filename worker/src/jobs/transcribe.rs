//! The job that transcribes a replay.

use std::time::Instant;

use bytes::Bytes;
use playhead_schemas::{ErrorCode, ReplayId};
use playhead_store::{Job, SegmentMeta};
use playhead_transcriber::{Options, SegmentInput, Transcription};

use super::compact;
use crate::error::JobError;
use crate::worker::{Transcribe, Worker};

/// Reads the segments, transcribes them, publishes the transcript, compacts the segments.
pub(super) async fn run(worker: &Worker, job: &Job) -> Result<(), JobError> {
    let replay = ReplayId(job.subject);
    let segments = worker.store.read_replay(replay).await?;
    let began = Instant::now();
    let (transcribe, options) = (worker.transcribe, worker.options.clone());
    let stored_bytes = segments.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    let threads = worker.threads_for(job.id.made_at(), stored_bytes);
    let made = threads.run(move || compute(transcribe, &segments, &options)).await?;
    let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);

    let Transcription { timeline, summary } = &made;
    let published = worker.store.publish_transcript(replay, job.id, &worker.name, timeline, summary, ms).await;
    match published {
        Ok(transcript) => tracing::info!(
            replay = %replay, moments = transcript.moments, defects = timeline.defects.len(), ms,
            "transcribed"
        ),
        Err(error) if error.code() == ErrorCode::Conflict => return Err(JobError::Lost),
        Err(error) => return Err(error.into()),
    }
    compact::run(worker, replay).await;
    Ok(())
}

fn compute(transcribe: Transcribe, segments: &[(SegmentMeta, Bytes)], options: &Options) -> Transcription {
    let inputs: Vec<SegmentInput<'_>> = segments
        .iter()
        .map(|(meta, bytes)| SegmentInput { n: meta.n, stream: meta.stream, window: meta.window.as_deref(), bytes })
        .collect();
    transcribe(&inputs, options)
}
