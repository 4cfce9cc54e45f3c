//! The summary as it was written when the replay was transcribed.

use std::sync::Arc;

use playhead_store::Transcript;

use super::answer::{Frame, Output};
use crate::fit::{self, Sheet, Shown};
use crate::untrusted;

pub(crate) struct Summary {
    transcript: Arc<Transcript>,
    lines: Vec<String>,
}

impl Summary {
    pub(super) fn new(transcript: Arc<Transcript>) -> Self {
        let lines = transcript.summary.lines().map(untrusted::clean).collect();
        Self { transcript, lines }
    }
}

impl Sheet for Summary {
    type Lines = Vec<String>;
    type Output = Output;

    fn items(&self) -> usize {
        self.lines.len()
    }

    fn chars(&self, item: usize) -> usize {
        self.lines[item].chars().count()
    }

    fn lines(&self, shown: Shown) -> Vec<String> {
        let begun = (shown.begun > 0).then(|| fit::beginning(&self.lines[shown.whole], shown.begun));
        self.lines[..shown.whole].iter().cloned().chain(begun).collect()
    }

    fn output(&self, shown: Shown, lines: Vec<String>) -> Output {
        let note = match self.lines.len() - shown.whole {
            0 => "verbosity \"detailed\" gives every moment; get_replay_moments expands ids such as m1.".to_owned(),
            left => format!(
                "The summary is cut at max_tokens: {left} of {} lines are not whole or left out; a larger max_tokens \
                 shows all of it.",
                self.lines.len()
            ),
        };
        Frame { notes: vec![note], next_cursor: None }.around(&self.transcript, lines)
    }
}
