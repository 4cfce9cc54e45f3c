//! The answer of every view.

use playhead_schemas::clock::offset_label;
use playhead_schemas::text::counted;
use playhead_schemas::{EpochMs, ReplayId};
use playhead_store::{Replay, Transcript};
use schemars::JsonSchema;
use serde::Serialize;

use crate::absence::absence;
use crate::tool;
use crate::untrusted::{self, Source};

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    replay_id: ReplayId,
    /// `ready`, or why there is nothing to read yet.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    moments: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// What helps when there is nothing, or not everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    /// The transcript's lines.
    untrusted: Vec<String>,
    /// What the text says of the whole replay.
    #[serde(skip)]
    header: Option<String>,
}

/// What stands in an answer beside its lines.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// What was left out, and what brings it; what marks in the lines mean.
    pub(super) notes: Vec<String>,
    pub(super) next_cursor: Option<String>,
}

impl Frame {
    /// The answer with these lines in this frame.
    pub(super) fn around(self, transcript: &Transcript, lines: Vec<String>) -> Output {
        Output {
            replay_id: transcript.replay,
            state: "ready",
            moments: Some(transcript.moments),
            next_cursor: self.next_cursor,
            note: (!self.notes.is_empty()).then(|| self.notes.join(" ")),
            untrusted: lines,
            header: Some(header(transcript)),
        }
    }
}

impl Output {
    /// The answer while there is no transcript: a state, not a failure.
    pub(super) fn absent(replay: &Replay) -> Self {
        let (state, note) = absence(replay);
        Self {
            replay_id: replay.id,
            state,
            moments: None,
            next_cursor: None,
            note: Some(note.to_owned()),
            untrusted: Vec::new(),
            header: None,
        }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let Some(header) = &self.header else {
            let note = self.note.as_deref().unwrap_or_default();
            return format!("Replay {} has no transcript. {note}\n", self.replay_id);
        };
        let mut text = header.clone();
        if self.untrusted.is_empty() {
            text.push_str("No moment matches.\n");
        } else {
            text.push_str(&untrusted::block(Source::Replay, &self.untrusted.join("\n")));
        }
        text.extend(self.note.iter().map(|note| format!("{note}\n")));
        if let Some(cursor) = &self.next_cursor {
            text.push_str(&format!("There is more: the same arguments with cursor \"{cursor}\".\n"));
        }
        text
    }
}

fn header(transcript: &Transcript) -> String {
    format!(
        "Replay {}: began {}, {} long, {}, {}.\n",
        transcript.replay,
        EpochMs::to_rfc3339(transcript.info.started_at_ms),
        offset_label(transcript.info.duration_ms),
        counted(transcript.moments, "moment", "moments"),
        counted(transcript.failures.len() as u64, "failure", "failures"),
    )
}
