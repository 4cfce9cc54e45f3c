//! Why a replay has no transcript.

use playhead_store::{Replay, ReplayState, TranscriptState};

/// Why a replay has no transcript: a state in one word, and what helps.
pub(crate) fn absence(replay: &Replay) -> (&'static str, &'static str) {
    match (replay.transcript, replay.state) {
        (TranscriptState::Failed, _) => (
            "failed",
            "Transcribing failed; the server's log says why, `playhead reprocess` tries again, and get_replay_raw \
             gives the recording.",
        ),
        (_, _) if replay.segments == 0 => ("empty", "No recording was uploaded under its key yet."),
        (TranscriptState::None, ReplayState::Open) => {
            ("recording", "The session is still being recorded; it is transcribed when it ends.")
        }
        _ => ("queued", "It is being transcribed: the same call works in a few seconds."),
    }
}
