//! The steps of a session, and the ones that a report speaks of.
//!
//! In: the lines of the steps, from the store. Out: numbered lines, each with its moment. Never here: which moments are
//! steps.

use std::collections::{BTreeSet, VecDeque};

use playhead_schemas::clock::offset_label;
use playhead_schemas::text::counted;
use playhead_store::{Bug, MomentLine};

use super::{Brief, Cited};
use crate::untrusted::{self, Source};

/// Characters of a step.
const STEP_CHARS_MAX: usize = 400;
/// Tokens of a step in the list of all, and among the likeliest; more in a larger answer.
const STEP_TOKENS: usize = 22;
/// Tokens of a step where there are many of them, and how many are many.
const STEP_TOKENS_OF_MANY: usize = 15;
const MANY: usize = 40;
const LIKELY_TOKENS: usize = 40;
/// Tokens for what stands around the steps.
const FRAME_TOKENS: usize = 90;
/// Moments that are named for the words of a report.
const LIKELIEST_MAX: usize = 6;
/// Words that a moment shares with the report at least: one word is shared by chance.
const SHARED_MIN: usize = 2;
/// Letters of the shortest word that is compared.
const WORD_CHARS_MIN: usize = 4;

const ASK: &str = "If that does not settle it, ask the reporter: what was expected to be seen, at which time or step of the \
    session it was missing, and whether it happens each time. [coverage]";

/// The last steps up to the failure, and how many came before them.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    pub(crate) lines: VecDeque<MomentLine>,
    pub(crate) earlier: usize,
    /// True when the session is longer than what was looked through.
    pub(crate) unread: bool,
}

impl Brief {
    pub(crate) fn steps(&mut self, steps: &Steps) {
        let of_one = if steps.lines.len() > MANY { STEP_TOKENS_OF_MANY } else { STEP_TOKENS };
        let tokens_max = of_one * self.meter.scale();
        let told = std::mem::take(&mut self.likeliest);
        let numbered = |number: usize, step: &MomentLine| match told.contains(&step.id) {
            true => Cited::computed(&format!("{number}. {} {}, told above", offset_label(step.t_ms), step.id)),
            false => numbered(number, step, tokens_max),
        };
        // The last steps matter most, so the room is given from the end.
        let room = self.meter.left().saturating_sub(FRAME_TOKENS);
        let mut used = 0;
        let fits = |step: &&MomentLine| {
            used += self.meter.price(&numbered(steps.lines.len(), step).line);
            used <= room
        };
        let shown = steps.lines.iter().rev().take_while(fits).count();
        let left_out = steps.lines.len() - shown;
        let lines = (1..).zip(steps.lines.iter().skip(left_out));
        let section = lines.map(|(number, step)| numbered(number, step)).collect();
        self.section("Steps that led there, in the recorded session", Source::Replay, section);
        let earlier = steps.earlier + left_out;
        self.cut |= left_out > 0;
        if earlier > 0 {
            let earlier = counted(earlier as u64, "earlier step", "earlier steps");
            self.said(&format!("Left out: {earlier}; get_replay_transcript gives all. [coverage]"));
        }
        if steps.unread {
            self.said("The session is very long; its last steps are not here. [coverage]");
        }
    }

    /// The moments that share the most words with the report, and what to ask the one who reported it.
    pub(crate) fn likeliest(&mut self, bug: &Bug, steps: &Steps) {
        let wanted = words(&format!("{} {}", bug.title, bug.description));
        let score = |line: &MomentLine| words(&line.text).intersection(&wanted).count();
        let mut ranked: Vec<(usize, &MomentLine)> =
            steps.lines.iter().map(|line| (score(line), line)).filter(|(score, _)| *score >= SHARED_MIN).collect();
        ranked.sort_by_key(|(score, line)| (std::cmp::Reverse(*score), std::cmp::Reverse(line.id)));
        ranked.truncate(LIKELIEST_MAX);
        ranked.sort_by_key(|(_, line)| line.id);
        let tokens_max = LIKELY_TOKENS * self.meter.scale();
        self.likeliest = ranked.iter().map(|(_, line)| line.id).collect();
        let section = (1..).zip(ranked).map(|(number, (_, line))| numbered(number, line, tokens_max)).collect();
        self.section("Moments that share the most words with the report", Source::Replay, section);
        self.said(ASK);
    }
}

/// A step with its number and time.
fn numbered(number: usize, step: &MomentLine, tokens_max: usize) -> Cited {
    let text = untrusted::short_line(&step.text, STEP_CHARS_MAX, tokens_max);
    Cited::moment(&format!("{number}. {} {text}", offset_label(step.t_ms)), step.id)
}

/// The words of a text that are compared, in lower case.
fn words(text: &str) -> BTreeSet<String> {
    let all = text.split(|c: char| !c.is_alphanumeric());
    all.filter(|word| word.chars().count() >= WORD_CHARS_MIN).map(str::to_lowercase).collect()
}
