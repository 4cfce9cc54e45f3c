//! The summary as it was written when the replay was transcribed.

use playhead_store::{Replay, Transcript};

use super::Input;
use super::answer::{Frame, Output, absent};
use crate::call::Call;
use crate::error::ToolError;
use crate::fit::{self, Sheet, Shown};
use crate::tool::Answer;
use crate::untrusted;

pub(super) async fn answer(call: &Call, input: &Input, replay: &Replay) -> Result<Answer<Output>, ToolError> {
    let room = call.room(input.max_tokens);
    let Some(transcript) = call.store().transcript(replay.id).await? else { return Ok(absent(replay)) };
    let lines = transcript.summary.lines().map(untrusted::clean).collect();
    Ok(fit::fit(&Summary { transcript, lines }, room).answer)
}

struct Summary {
    transcript: Transcript,
    lines: Vec<String>,
}

impl Sheet for Summary {
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

    fn answer(&self, shown: Shown, lines: Vec<String>) -> Answer<Output> {
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
