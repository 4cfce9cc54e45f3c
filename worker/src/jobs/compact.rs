//! Joins the segments of a transcribed replay into one object. A part of the transcription's job: no job of its own.

use playhead_schemas::ReplayId;

use crate::worker::Worker;

/// Compacts the replay. A failure is only logged: an uncompacted replay is as readable, and its next transcription
/// tries again.
pub(super) async fn run(worker: &Worker, replay: ReplayId) {
    match worker.store.compact_replay(replay).await {
        Ok(done) => tracing::debug!(%replay, done, "compacted"),
        Err(error) => tracing::warn!(%replay, %error, "a replay could not be compacted"),
    }
}
