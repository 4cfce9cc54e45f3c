//! Every moment, by pages.

use std::sync::Arc;

use playhead_schemas::alias::{self, Line, Shortened};
use playhead_schemas::{MomentId, MomentKind, ReplayId, fold};
use playhead_store::{MomentLine, MomentQuery, Transcript};

use super::answer::{Frame, Output};
use super::{GetReplayTranscript, Input};
use crate::args::Point;
use crate::call::Call;
use crate::cursor::Pager;
use crate::error::ToolError;
use crate::fit::{self, Sheet, Shown};
use crate::meter::TokenBudget;
use crate::tool::Tool as _;
use crate::{cursor, lines};

/// Lines that are read from the store at once.
const CHUNK: u32 = 400;
/// What few lines cost less than, in tokens.
const LINE_TOKENS: usize = 30;
/// What a line says that is only begun.
pub(super) const BEGUN: &str = " [whole on the next page]";
/// What an answer says about lines that are cut.
pub(super) const CUT: &str = "Lines that end with … are cut; get_replay_moments has them whole.";

/// Where the next page begins: after a moment of one publication.
type Position = (String, MomentId);
/// What a cursor is bound to.
type Filters<'a> = (ReplayId, Option<Point>, Option<Point>, &'a [MomentKind]);

/// The lines from where a page begins: all, or more than it can show.
pub(crate) struct Page {
    pager: Pager,
    read: Read,
    /// True when nothing but the end of the replay ends the list.
    to_the_end: bool,
}

/// Reads a page; `None` when the replay has no transcript.
pub(super) async fn read(call: &Call, input: &Input, replay: ReplayId) -> Result<Option<Page>, ToolError> {
    let kinds = input.kinds.as_ref().map(|kinds| kinds.0.as_slice()).unwrap_or_default();
    let filters: Filters<'_> = (replay, input.from, input.to, kinds);
    let pager = call.pager(GetReplayTranscript::NAME, &filters).await?;
    let position: Option<Position> = pager.open(input.cursor.as_ref())?;
    let Some(mut read) = Read::first(call, replay, query(input, kinds, position.as_ref())).await? else {
        return Ok(None);
    };
    if position.is_some_and(|position| position.0 != read.transcript.generation.to_string()) {
        return Err(cursor::stale());
    }
    read.fill(call).await?;
    Ok(Some(Page { pager, read, to_the_end: kinds.is_empty() && input.to.is_none() }))
}

fn query(input: &Input, kinds: &[MomentKind], position: Option<&Position>) -> MomentQuery {
    let mut query = MomentQuery { kinds: kinds.to_vec(), limit: CHUNK, ..MomentQuery::default() };
    match input.from {
        Some(Point::Moment(id)) => query.after = id.0.checked_sub(1).map(MomentId),
        Some(Point::Ms(ms)) => query.from_ms = Some(ms),
        None => {}
    }
    match input.to {
        Some(Point::Moment(id)) => query.until = Some(id),
        Some(Point::Ms(ms)) => query.to_ms = Some(ms),
        None => {}
    }
    query.after = position.map(|position| position.1).or(query.after);
    query
}

/// What was read for a page.
struct Read {
    replay: ReplayId,
    transcript: Arc<Transcript>,
    moments: Vec<MomentLine>,
    /// What comes after them.
    query: MomentQuery,
    /// True when moments that match were not read.
    more: bool,
}

impl Read {
    /// The first lines; `None` when the replay has no transcript.
    async fn first(call: &Call, replay: ReplayId, mut query: MomentQuery) -> Result<Option<Self>, ToolError> {
        let Some((transcript, moments)) = call.store().transcript_page(replay, &query).await? else { return Ok(None) };
        let more = moments.len() == CHUNK as usize;
        query.after = moments.last().map(|last| last.id).or(query.after);
        Ok(Some(Self { replay, transcript, moments, query, more }))
    }

    /// Reads on until the lines are more than the answer can show, or all.
    async fn fill(&mut self, call: &Call) -> Result<(), ToolError> {
        let TokenBudget { tokens_max, .. } = call.budget();
        self.until(call, tokens_max / LINE_TOKENS).await?;
        // Lines that repeat each other cost next to nothing, so the number of lines alone does not tell.
        while self.more && lines::tokens(&self.moments) < tokens_max {
            self.until(call, self.moments.len() + 1).await?;
        }
        Ok(())
    }

    /// Reads on until there are that many lines, or all.
    async fn until(&mut self, call: &Call, lines: usize) -> Result<(), ToolError> {
        while self.more && self.moments.len() < lines {
            let read = call.store().transcript_page(self.replay, &self.query).await?;
            let same = read.filter(|(now, _)| now.generation == self.transcript.generation);
            let (_, chunk) = same.ok_or_else(cursor::stale)?;
            self.more = chunk.len() == CHUNK as usize;
            self.query.after = chunk.last().map(|last| last.id).or(self.query.after);
            self.moments.extend(chunk);
        }
        Ok(())
    }
}

impl Page {
    /// The last moment that is counted as shown.
    fn last(&self, shown: Shown) -> Option<MomentId> {
        let begun = usize::from(shown.whole == 0 && shown.begun > 0);
        let count = shown.whole + begun;
        let all = count == self.read.moments.len() && !self.read.more;
        let last = count.checked_sub(1).and_then(|at| self.read.moments.get(at));
        last.filter(|_| !all).map(|last| last.id)
    }

    /// Which moments come after this page.
    fn left_out(&self, last: MomentId) -> String {
        let next = MomentId(last.0 + 1);
        if self.to_the_end && next.0 <= self.read.transcript.moments {
            let end = MomentId(self.read.transcript.moments);
            return format!("Left out: {}.", fold::span(next, end));
        }
        format!("Left out: what matches from {next} on.")
    }
}

impl Sheet for Page {
    type Lines = Shortened;
    type Output = Output;

    fn items(&self) -> usize {
        self.read.moments.len()
    }

    fn chars(&self, item: usize) -> usize {
        lines::from_line(&self.read.moments[item]).to_string().chars().count()
    }

    fn lines(&self, shown: Shown) -> Shortened {
        let mut out: Vec<Line<'_>> = self.read.moments[..shown.whole].iter().map(lines::from_line).collect();
        if shown.begun > 0 {
            // A page that can't show its first line whole never can, so the next page begins after it.
            let sign = if shown.whole == 0 { "" } else { BEGUN };
            let line = lines::from_line(&self.read.moments[shown.whole]).to_string();
            out.push(Line::from(format!("{}{sign}", fit::beginning(&line, shown.begun))));
        }
        alias::shorten(&out)
    }

    fn output(&self, shown: Shown, lines: Shortened) -> Output {
        let mut frame = Frame::default();
        if let Some(last) = self.last(shown) {
            frame.notes.push(self.left_out(last));
            let position: Position = (self.read.transcript.generation.to_string(), last);
            frame.next_cursor = Some(self.pager.seal(&position));
        }
        frame.notes.extend(marks(&lines));
        frame.around(&self.read.transcript, lines.lines)
    }
}

/// What the marks in lines mean.
pub(super) fn marks(shown: &Shortened) -> Vec<String> {
    let mut notes = Vec::new();
    if shown.lines.iter().any(|line| lines::is_cut(line)) {
        notes.push(CUT.to_owned());
    }
    if shown.has_names {
        notes.push(alias::LEGEND.to_owned());
    }
    notes
}
