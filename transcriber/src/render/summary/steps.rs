//! The steps of the user: every action and page, put together where there are many.
//!
//! Steps that are put together stand in one line in the order in which they were done, each with what was entered.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use playhead_schemas::MomentId;
use playhead_schemas::fold;
use playhead_schemas::text::counted;
use playhead_schemas::timeline::{Moment, MomentKind, Shown, Timeline};

use super::chains::{self, Chain};
use super::decisive;
use crate::render::{phrases, short};

/// Equal steps in a row that are put together even when there is room.
const ALIKE_MIN: usize = 5;
/// Steps in a row that are put together, at least.
const LIST_MIN: usize = 2;
/// Steps of one line of a list: its times tell when they were done.
const LIST_MAX: usize = 8;
/// Characters of a page that tells the user something, and of the last one.
const TOLD_CHARS_MIN: usize = 180;
/// Characters of what was entered and decides.
const DECISIVE_CHARS_MIN: usize = 160;
/// Bytes that are kept back for the lines that say what was left out.
const REST_BYTES: usize = 80;

/// Which steps stand in lines of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alone {
    /// All but runs of equal steps at one place.
    Most,
    /// All but runs of fields that were filled in.
    ButEntries,
    /// Pages that tell something, what is near a failure, and what it is compared with.
    Near,
    /// What failed, and the last page.
    Failed,
}

/// How much is told.
#[derive(Clone, Copy)]
struct Level {
    alone: Alone,
    /// Characters of a line.
    chars: usize,
    /// Changes of the page that a line tells.
    changes: usize,
    /// Characters of a name in a list.
    listed: usize,
}

/// The fullest first.
const LEVELS: [Level; 13] = [
    Level { alone: Alone::Most, chars: 260, changes: 6, listed: 80 },
    Level { alone: Alone::Most, chars: 180, changes: 5, listed: 80 },
    Level { alone: Alone::Most, chars: 130, changes: 4, listed: 70 },
    Level { alone: Alone::ButEntries, chars: 130, changes: 4, listed: 60 },
    Level { alone: Alone::ButEntries, chars: 90, changes: 4, listed: 44 },
    Level { alone: Alone::ButEntries, chars: 80, changes: 2, listed: 40 },
    Level { alone: Alone::Near, chars: 130, changes: 2, listed: 60 },
    Level { alone: Alone::Near, chars: 100, changes: 1, listed: 48 },
    Level { alone: Alone::Near, chars: 90, changes: 1, listed: 36 },
    Level { alone: Alone::Failed, chars: 90, changes: 1, listed: 36 },
    Level { alone: Alone::Failed, chars: 80, changes: 1, listed: 28 },
    Level { alone: Alone::Failed, chars: 70, changes: 0, listed: 20 },
    Level { alone: Alone::Failed, chars: 60, changes: 0, listed: 14 },
];
/// What the failures leave room for.
const WANTED: usize = 7;

/// A line, the steps that it tells, and whether it decides something.
struct Line {
    steps: std::ops::Range<usize>,
    text: String,
    decides: bool,
}

/// The steps, and what of them has a name in the list of failures.
pub(super) struct Steps<'a> {
    all: Vec<&'a Moment>,
    marks: BTreeMap<MomentId, String>,
    /// Steps that a failure can't be understood without.
    decisive: BTreeSet<usize>,
    /// The last page.
    last_page: Option<usize>,
    /// Where the recording begins; addresses there are told without it.
    origin: Option<&'a str>,
}

impl<'a> Steps<'a> {
    pub(super) fn of(timeline: &'a Timeline, chains: &[Chain<'_>]) -> Self {
        let tells =
            [MomentKind::PageLoad, MomentKind::Navigate, MomentKind::Notice, MomentKind::Idle, MomentKind::ValueSet];
        let is_step = |m: &&Moment| m.kind.is_action() || tells.contains(&m.kind);
        let all: Vec<&Moment> = timeline.moments.iter().filter(is_step).collect();
        let origin = timeline.replay.pages.first().and_then(|page| phrases::origin(&page.url));
        let decisive = decisive::steps(timeline, &all);
        let last_page = all.iter().rposition(|moment| moment.kind.is_page());
        Self { marks: chains::marks(timeline, chains), decisive, last_page, origin, all }
    }

    /// The bytes that a fair account of all steps takes.
    pub(super) fn bytes_wanted(&self) -> usize {
        LEVELS.get(WANTED).map_or(0, |level| bytes(&self.lines(*level)))
    }

    /// Writes the steps in at most `room` bytes; says which are left out.
    pub(super) fn write(&self, out: &mut String, room: usize) {
        let end = out.len() + room;
        let _ = writeln!(out, "\nWhat the user did ({}):", counted(self.all.len() as u64, "step", "steps"));
        let room = end.saturating_sub(out.len());
        let mut last = Vec::new();
        for level in LEVELS {
            last = self.lines(level);
            if bytes(&last) <= room {
                break;
            }
        }
        let left_out = left_out(&last, room);
        let mut omitted: Option<std::ops::Range<usize>> = None;
        for (at, line) in last.iter().enumerate() {
            if left_out.contains(&at) {
                let start = omitted.map_or(line.steps.start, |range| range.start);
                omitted = Some(start..line.steps.end);
                continue;
            }
            self.omit(omitted.take(), out);
            let _ = writeln!(out, "{}", line.text);
        }
        self.omit(omitted, out);
    }

    fn omit(&self, steps: Option<std::ops::Range<usize>>, out: &mut String) {
        let Some(steps) = steps else { return };
        if let (Some(first), Some(last)) = (self.all.get(steps.start), self.all.get(steps.end.saturating_sub(1))) {
            let count = counted(steps.len() as u64, "more step", "more steps");
            let _ = writeln!(out, "{count}, {}", fold::span(first.id, last.id));
        }
    }

    fn lines(&self, level: Level) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut at = 0;
        while at < self.all.len() {
            let run = self.run(at, level);
            let alike = level.alone == Alone::Most && run >= ALIKE_MIN;
            if level.alone == Alone::ButEntries && self.leads_to_next(at) {
                lines.push(self.pair(at, level));
                at += 2;
                continue;
            }
            if alike || level.alone != Alone::Most && run >= LIST_MIN {
                for start in (at..at + run).step_by(LIST_MAX) {
                    lines.push(self.list(start..(start + LIST_MAX).min(at + run), level));
                }
            } else {
                lines.extend((at..at + run).map(|at| self.single(at, level)));
            }
            at += run;
        }
        lines
    }

    /// How many steps from `at` on may stand in one line.
    fn run(&self, at: usize, level: Level) -> usize {
        let Some(first) = self.all.get(at).filter(|_| !self.is_alone(at, level.alone)) else { return 1 };
        let belongs = |other: &usize| {
            let Some(moment) = self.all.get(*other) else { return false };
            let alike = moment.kind == first.kind && moment.place() == first.place() && !first.sets_value();
            !self.is_alone(*other, level.alone)
                && moment.window == first.window
                && match level.alone {
                    Alone::Most => alike,
                    Alone::ButEntries => moment.sets_value(),
                    Alone::Near | Alone::Failed => true,
                }
        };
        (at..self.all.len()).take_while(belongs).count().max(1)
    }

    /// True for a step that stands in a line of its own.
    fn is_alone(&self, at: usize, alone: Alone) -> bool {
        let Some(moment) = self.all.get(at) else { return true };
        let is_marked = self.marks.contains_key(&moment.id);
        let tells = moment.kind.is_page() && moment.shows.iter().any(Shown::is_message);
        match alone {
            Alone::Most => is_marked,
            Alone::ButEntries => is_marked || !moment.sets_value(),
            Alone::Near => is_marked || tells || self.last_page == Some(at),
            Alone::Failed => is_marked || self.last_page == Some(at),
        }
    }

    /// True for an action that led to the page right after it.
    fn leads_to_next(&self, at: usize) -> bool {
        let (Some(moment), Some(page)) = (self.all.get(at), self.all.get(at + 1)) else { return false };
        let is_plain = !self.marks.contains_key(&page.id) && page.window == moment.window;
        moment.kind.is_action() && page.kind.is_page() && page.caused_by == Some(moment.id) && is_plain
    }

    /// An action and the page that it led to: `m13 00:02.5 click link "Orders" -> m17 page load /orders "Orders"`.
    fn pair(&self, at: usize, level: Level) -> Line {
        let (action, page) = (self.single(at, level), self.single(at + 1, level));
        let id = self.all.get(at + 1).map_or_else(String::new, |page| page.id.to_string());
        let words = self
            .all
            .get(at + 1)
            .map_or("", |moment| page.text.strip_prefix(phrases::stamp(moment).as_str()).unwrap_or(&page.text));
        Line {
            steps: at..at + 2,
            text: format!("{} -> {id}{words}", action.text),
            decides: action.decides || page.decides,
        }
    }

    fn single(&self, at: usize, level: Level) -> Line {
        let Some(moment) = self.all.get(at) else { return Line { steps: at..at, text: String::new(), decides: false } };
        let mark = self.marks.get(&moment.id).map_or("", String::as_str);
        let is_last = self.last_page == Some(at);
        let text = match moment.kind.is_page() {
            true => {
                let tells = is_last || moment.shows.iter().any(Shown::is_message);
                let chars = if tells { level.chars.max(TOLD_CHARS_MIN) } else { level.chars };
                short::short_page(moment, self.origin, chars)
            }
            // The list of failures tells what came of it; of what failed again it tells only that.
            false if mark.is_empty() || mark.ends_with("again)") => short::short(moment, level.chars, level.changes),
            false => short::counted(moment, level.chars),
        };
        let text = format!("{} {text}{mark}", phrases::stamp(moment));
        Line { steps: at..at + 1, text, decides: self.decisive.contains(&at) || !mark.is_empty() || is_last }
    }

    /// Steps in one line: `m31–m36 00:19.4–00:21.7 click button "Add"; type "7" into textbox "Id"; page load /pets`.
    fn list(&self, steps: std::ops::Range<usize>, level: Level) -> Line {
        let mut parts: Vec<(String, u32)> = Vec::new();
        let (mut before, mut decides) = ("", false);
        for at in steps.clone() {
            let Some(moment) = self.all.get(at) else { continue };
            decides |= self.decisive.contains(&at);
            let value = if self.decisive.contains(&at) { DECISIVE_CHARS_MIN } else { level.listed.max(24) };
            let (verb, words) = short::listed(moment, self.origin, level.listed, value);
            let words = if verb == before || verb.is_empty() { words } else { format!("{verb} {words}") };
            before = verb;
            match parts.last_mut() {
                Some((last, count))
                    if *last == words || last.strip_prefix(verb).is_some_and(|last| last.trim_start() == words) =>
                {
                    *count += 1
                }
                _ => parts.push((words, 1)),
            }
        }
        let times = |(words, count): &(String, u32)| {
            if *count > 1 { format!("{words} ({count} times)") } else { words.clone() }
        };
        let words: Vec<String> = parts.iter().map(times).collect();
        let (first, last) = (self.all.get(steps.start), self.all.get(steps.end.saturating_sub(1)));
        let stamp = first.zip(last).map_or_else(String::new, |(first, last)| {
            format!("{} {}", phrases::run_stamp(first, last), phrases::window(first))
        });
        Line { steps, text: format!("{stamp}{}", words.join("; ")), decides }
    }
}

fn bytes(lines: &[Line]) -> usize {
    lines.iter().map(|line| line.text.len() + 1).sum()
}

/// The lines that are left out so that the others fit: first those that decide nothing, from the middle on, as how it
/// ended matters as much as how it began.
fn left_out(lines: &[Line], room: usize) -> BTreeSet<usize> {
    let mut left_out = BTreeSet::new();
    let mut total = bytes(lines);
    if total <= room {
        return left_out;
    }
    let room = room.saturating_sub(REST_BYTES);
    let middle = lines.len() * 3 / 5;
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|at| (lines.get(*at).is_some_and(|line| line.decides), at.abs_diff(middle)));
    let mut gaps: usize = 0;
    for at in order {
        // Each run of lines that are left out costs a line that says so.
        if total + gaps * (REST_BYTES / 2) <= room {
            break;
        }
        total -= lines.get(at).map_or(0, |line| line.text.len() + 1);
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten();
        gaps = (gaps + 1).saturating_sub(beside.filter(|at| left_out.contains(at)).count());
        left_out.insert(at);
    }
    left_out
}
