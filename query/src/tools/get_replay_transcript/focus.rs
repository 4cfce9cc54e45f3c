//! The surroundings of one place, with the rest folded. The next pages go on outward, on both sides.

use std::sync::Arc;

use playhead_schemas::alias::{self, Line, Shortened};
use playhead_schemas::text::counted;
use playhead_schemas::{MomentId, ReplayId, fold};
use playhead_store::{MomentLine, MomentQuery, Transcript};

use super::answer::{Frame, Output};
use super::detailed::{BEGUN, marks};
use super::outline::{Outline, Side};
use super::{GetReplayTranscript, Input};
use crate::args::Point;
use crate::call::Call;
use crate::cursor::Pager;
use crate::error::ToolError;
use crate::fit::{self, Sheet, Shown};
use crate::tool::Tool as _;
use crate::{cursor, lines};

/// Moments that are folded by what they are; of those after them only the ids are said.
const STEPS_MAX: u32 = 20_000;
/// Lines that are read at once on each side of what was shown.
const SIDE: u32 = 300;
/// Tokens of an answer for each line of the outline, on each side, and how many lines there are.
const TOKENS_A_LINE: usize = 400;
const LINES_MIN: usize = 2;
const LINES_MAX: usize = 12;

/// What was shown on the pages before: all from one moment to another, of one publication.
type Position = (String, MomentId, MomentId);
/// What a cursor is bound to.
type Filters = (ReplayId, &'static str, Point);

/// Reads the surroundings of `point`; `None` when the replay has no transcript.
pub(super) async fn read(
    call: &Call,
    input: &Input,
    replay: ReplayId,
    point: Point,
) -> Result<Option<Focus>, ToolError> {
    let filters: Filters = (replay, "focus", point);
    let pager = call.pager(GetReplayTranscript::NAME, &filters).await?;
    let position: Option<Position> = pager.open(input.cursor.as_ref())?;
    let Some((transcript, steps)) = call.store().transcript_steps(replay, STEPS_MAX).await? else { return Ok(None) };
    if position.as_ref().is_some_and(|position| position.0 != transcript.generation.to_string()) {
        return Err(cursor::stale());
    }
    let outline = Outline::new(&transcript, steps);
    let centre = centre(call, &transcript, &outline, point).await?;
    let known = position.map(|(_, first, last)| (first.0, last.0));
    let (low, high) = known.unwrap_or((centre.0, centre.0.saturating_sub(1)));
    let tokens_max = call.budget().tokens_max;
    let outline_lines = (tokens_max / TOKENS_A_LINE).clamp(LINES_MIN, LINES_MAX);
    let (before, after) = (Vec::new(), Vec::new());
    let mut focus = Focus { pager, transcript, outline, outline_lines, known, low, high, before, after };
    focus.read_on(call).await?;
    // One side may be at its end, and lines that repeat each other cost next to nothing: then there is room for more.
    while !focus.is_all_read() && lines::tokens(focus.before.iter().chain(&focus.after)) < tokens_max {
        focus.read_on(call).await?;
    }
    Ok(Some(focus))
}

async fn centre(call: &Call, transcript: &Transcript, outline: &Outline, point: Point) -> Result<MomentId, ToolError> {
    match point {
        Point::Moment(id) if (1..=transcript.moments).contains(&id.0) => Ok(id),
        Point::Moment(id) => Err(ToolError::invalid(
            format!(
                "focus: the replay has no moment {id}; it has {}.",
                counted(transcript.moments, "moment", "moments")
            ),
            "Send an id that a transcript names, or a time.",
        )),
        Point::Ms(ms) => {
            let known = outline.at(ms);
            if known.0 < STEPS_MAX {
                return Ok(known);
            }
            let query = MomentQuery { from_ms: Some(ms), after: Some(known), limit: 1, ..MomentQuery::default() };
            let first = page(call, transcript, &query).await?;
            Ok(first.first().map_or(MomentId(transcript.moments), |moment| moment.id))
        }
    }
}

async fn page(call: &Call, transcript: &Transcript, query: &MomentQuery) -> Result<Vec<MomentLine>, ToolError> {
    let read = call.store().transcript_page(transcript.replay, query).await?;
    let same = read.filter(|(now, _)| now.generation == transcript.generation);
    same.map(|(_, moments)| moments).ok_or_else(cursor::stale)
}

/// What surrounds a place: all, or more than the answer can show.
pub(crate) struct Focus {
    pager: Pager,
    transcript: Arc<Transcript>,
    outline: Outline,
    /// Lines of the outline on each side.
    outline_lines: usize,
    /// What the pages before showed.
    known: Option<(u32, u32)>,
    /// The lines read lie before `low` and after `high`.
    low: u32,
    high: u32,
    before: Vec<MomentLine>,
    after: Vec<MomentLine>,
}

/// How much of each side is shown.
struct Sides {
    before: usize,
    after: usize,
}

impl Focus {
    /// Reads further lines on both sides.
    async fn read_on(&mut self, call: &Call) -> Result<(), ToolError> {
        let first = self.low - self.before.len() as u32;
        let query = MomentQuery {
            after: first.checked_sub(SIDE + 1).map(MomentId),
            until: Some(MomentId(first.saturating_sub(1))),
            limit: SIDE,
            ..MomentQuery::default()
        };
        let mut before = page(call, &self.transcript, &query).await?;
        before.append(&mut self.before);
        self.before = before;
        let last = self.high + self.after.len() as u32;
        let query = MomentQuery { after: Some(MomentId(last)), limit: SIDE, ..MomentQuery::default() };
        self.after.extend(page(call, &self.transcript, &query).await?);
        Ok(())
    }

    /// Items are taken in turn from both sides, from the inside out, the focus itself first.
    fn sides(&self, items: usize) -> Sides {
        let (before, after) = (self.before.len(), self.after.len());
        let even = before.min(after);
        if items <= even * 2 {
            return Sides { before: items / 2, after: items.div_ceil(2) };
        }
        let rest = items - even * 2;
        if before > after {
            Sides { before: even + rest, after: even }
        } else {
            Sides { before: even, after: even + rest }
        }
    }

    /// The item after the first `whole` ones, and whether it lies before the focus.
    fn next(&self, whole: usize) -> Option<(bool, &MomentLine)> {
        let (now, then) = (self.sides(whole), self.sides(whole + 1));
        if then.before > now.before {
            let at = self.before.len().checked_sub(then.before)?;
            return Some((true, self.before.get(at)?));
        }
        Some((false, self.after.get(now.after)?))
    }

    /// The first and the last moment that are known after this answer.
    fn bounds(&self, shown: Shown) -> (u32, u32) {
        let first_is_begun = usize::from(shown.whole == 0 && shown.begun > 0);
        let sides = self.sides(shown.whole + first_is_begun);
        (self.low - sides.before as u32, self.high + sides.after as u32)
    }

    /// True when no line is left to read.
    fn is_all_read(&self) -> bool {
        self.all_known(Shown { whole: self.items(), begun: 0 })
    }

    fn all_known(&self, shown: Shown) -> bool {
        let (first, last) = self.bounds(shown);
        first <= 1 && last >= self.transcript.moments
    }
}

impl Sheet for Focus {
    type Lines = Shortened;
    type Output = Output;

    fn items(&self) -> usize {
        self.before.len() + self.after.len()
    }

    fn chars(&self, item: usize) -> usize {
        self.next(item).map_or(0, |(_, line)| lines::from_line(line).to_string().chars().count())
    }

    fn lines(&self, shown: Shown) -> Shortened {
        let sides = self.sides(shown.whole);
        let (first, last) = self.bounds(shown);
        let sign = if shown.whole == 0 { "" } else { BEGUN };
        let begun = self.next(shown.whole).filter(|_| shown.begun > 0);
        let begun = begun.map(|(early, line)| {
            let beginning = fit::beginning(&lines::from_line(line).to_string(), shown.begun);
            (early, format!("{beginning}{sign}"))
        });
        let (early, late) = match begun {
            Some((true, line)) => (Some(line), None),
            Some((false, line)) => (None, Some(line)),
            None => (None, None),
        };
        let known = self
            .known
            .map(|(first, last)| format!("{} on the pages before", fold::span(MomentId(first), MomentId(last))));
        // What is begun here is whole on the next page, so it doesn't count as shown; folded it must not be.
        let begun = |line: &Option<String>| u32::from(line.is_some() && shown.whole > 0);
        let (first, last) = (first - begun(&early), last + begun(&late));
        let outline = |first, last, side| self.outline.lines(first, last, side, self.outline_lines);
        let mut all: Vec<Line<'_>> =
            outline(1, first - 1, Side::Before).into_iter().chain(early).map(Line::from).collect();
        all.extend(self.before[self.before.len() - sides.before..].iter().map(lines::from_line));
        all.extend(known.map(Line::from));
        all.extend(self.after[..sides.after].iter().map(lines::from_line));
        let after = outline(last + 1, self.transcript.moments, Side::After);
        all.extend(late.into_iter().chain(after).map(Line::from));
        alias::shorten(&all)
    }

    fn output(&self, shown: Shown, lines: Shortened) -> Output {
        let mut frame = Frame::default();
        if !self.all_known(shown) {
            let (first, last) = self.bounds(shown);
            let known = fold::span(MomentId(first), MomentId(last));
            frame.notes.push(format!(
                "{known} are shown line by line, runs such as m1–m9 are folded: pass the ends of a run as from and to."
            ));
            let position: Position = (self.transcript.generation.to_string(), MomentId(first), MomentId(last));
            frame.next_cursor = Some(self.pager.seal(&position));
        }
        frame.notes.extend(marks(&lines));
        frame.around(&self.transcript, lines.lines)
    }
}
