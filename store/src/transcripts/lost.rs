//! Transcripts whose results are gone, because their file was lost or replaced: they are made again.

use std::collections::HashSet;

use playhead_schemas::{EpochMs, JobId, ReplayId};
use ulid::Ulid;

use crate::Result;
use crate::engine::{Session, in_transaction, values};
use crate::results::Opened;

const POINTERS: &str = "SELECT replay, generation FROM transcripts";
const FORGET: &str = "DELETE FROM transcripts WHERE replay = $1";
const QUEUED: &str = "UPDATE replays SET transcript = 'queued' WHERE id = $1";
const ENQUEUE: &str = "INSERT INTO jobs (id, kind, subject, project, state, attempts, due_at)
    SELECT $1::text, 'transcribe', id, project, 'queued', 0, $3::bigint FROM replays WHERE id = $2::text
      AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.subject = $2::text AND j.kind = 'transcribe' AND j.state = 'queued')";

/// The summary of a replay's transcript; empty where there is none. For the start.
pub(crate) fn summary_of(session: &dyn Session, results: &Opened, replay: ReplayId) -> Result<String> {
    let Some(row) = session.query_one(super::GENERATION, &values![replay])? else { return Ok(String::new()) };
    // One that is damaged must not keep the store from opening: its bug is found without the words of its summary.
    let block = results.block(row.get(0)?).unwrap_or_else(|error| {
        tracing::error!(%replay, %error, "a timeline can't be read, and its bug is found without its words");
        None
    });
    Ok(block.map_or_else(String::new, |block| block.transcript.summary.clone()))
}

/// Queues the transcription of every replay whose generation is lost. For the start, before anything else writes.
pub(crate) fn requeue_lost(session: &dyn Session, lost: &[Ulid]) -> Result<()> {
    if lost.is_empty() {
        return Ok(());
    }
    tracing::error!(count = lost.len(), "results of transcriptions are missing; their replays are transcribed again");
    let lost: HashSet<&Ulid> = lost.iter().collect();
    let now = EpochMs::now();
    in_transaction(session, || {
        for row in session.query(POINTERS, &[])? {
            let (replay, generation): (ReplayId, Ulid) = (row.get(0)?, row.get(1)?);
            if lost.contains(&generation) {
                session.execute(FORGET, &values![replay])?;
                session.execute(QUEUED, &values![replay])?;
                session.execute(ENQUEUE, &values![JobId::new(), replay, now])?;
            }
        }
        Ok(())
    })
}
