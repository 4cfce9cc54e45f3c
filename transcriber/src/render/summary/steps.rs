//! The steps of the user: every action and page, folded where there are many.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use playhead_schemas::MomentId;
use playhead_schemas::fold::{self, Step};
use playhead_schemas::text::{counted, excerpt, one_line};
use playhead_schemas::timeline::{Moment, MomentKind, Shown, Timeline};

use super::chains::Chain;
use crate::render::{line, phrases, short};

/// Steps before a failure that are told before others are.
const LEAD_UP: usize = 5;
/// Equal steps in a row that are folded even when there is room.
const ALIKE_MIN: usize = 5;
/// Steps that set something on the page of a failure, before it, and stand alone.
const SETTING_MAX: usize = 6;
/// Share of the room that the first steps get when not all fit, in percent.
const HEAD_PERCENT: usize = 60;
/// Characters of a page that tells the user something.
const TOLD_CHARS_MIN: usize = 180;
/// Bytes that are kept back for the line that says what was left out.
const REST_BYTES: usize = 80;

/// How much is folded, the least first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Folding {
    /// Runs of equal steps at one place.
    Alike,
    /// Whatever is neither a page nor near a failure.
    Far,
    /// Whatever is neither a page nor a failure.
    Steps,
    /// Whatever is no failure.
    Pages,
}

const FOLDINGS: [(Folding, usize); 10] = [
    (Folding::Alike, 240),
    (Folding::Alike, 160),
    (Folding::Alike, 110),
    (Folding::Alike, 80),
    (Folding::Far, 140),
    (Folding::Far, 100),
    (Folding::Far, 75),
    (Folding::Steps, 100),
    (Folding::Steps, 70),
    (Folding::Pages, 90),
];

/// Writes the steps in at most `room` bytes; says which are left out.
pub(super) fn write(timeline: &Timeline, chains: &[Chain<'_>], out: &mut String, room: usize) {
    let all: Vec<&Moment> = timeline
        .moments
        .iter()
        .filter(|m| {
            let tells = [
                MomentKind::PageLoad,
                MomentKind::Navigate,
                MomentKind::Notice,
                MomentKind::Idle,
                MomentKind::ValueSet,
            ];
            m.kind.is_action() || tells.contains(&m.kind)
        })
        .collect();
    let numbers: BTreeMap<MomentId, usize> = chains.iter().map(|chain| chain.root).zip(1..).collect();
    let origin = timeline.replay.pages.first().and_then(|page| phrases::origin(&page.url));
    let steps = Steps { all: &all, numbers, origin: origin.map(|origin| format!("{origin}/")) };
    let end = out.len() + room;
    let _ = writeln!(out, "\nWhat the user did ({}):", counted(all.len() as u64, "step", "steps"));
    let room = end.saturating_sub(out.len());
    let lines = FOLDINGS
        .iter()
        .map(|(folding, chars)| steps.lines(*folding, *chars))
        .find(|lines| lines.iter().map(|line| line.text.len() + 1).sum::<usize>() <= room);
    let lines = lines.unwrap_or_else(|| steps.lines(Folding::Pages, 90));
    let bytes = |line: &Line| line.text.len() + 1;
    let fits = lines.iter().map(bytes).sum::<usize>() <= room;
    let room = room.saturating_sub(if fits { 0 } else { REST_BYTES });
    // What doesn't fit is left out in the middle: how it ended matters as much as how it began.
    let head = within(lines.iter().map(bytes), if fits { room } else { room * HEAD_PERCENT / 100 });
    let used: usize = lines[..head].iter().map(bytes).sum();
    let tail = within(lines[head..].iter().rev().map(bytes), room.saturating_sub(used));
    let rest = head..lines.len() - tail;
    lines[..head].iter().for_each(|line| {
        let _ = writeln!(out, "{}", line.text);
    });
    if let (Some(from), to) = (lines[rest.clone()].first(), lines.get(rest.end)) {
        let to = to.map_or(all.len(), |line| line.first);
        if let (Some(first), Some(last)) = (all.get(from.first), all.get(to.saturating_sub(1))) {
            let steps = counted((to - from.first) as u64, "more step", "more steps");
            let _ = writeln!(out, "{steps}, {}", fold::span(first.id, last.id));
        }
    }
    lines[rest.end..].iter().for_each(|line| {
        let _ = writeln!(out, "{}", line.text);
    });
}

/// How many of the sizes fit into `room` together, from the first on.
fn within(sizes: impl Iterator<Item = usize>, room: usize) -> usize {
    let mut left = room;
    sizes.take_while(|size| left.checked_sub(*size).map(|rest| left = rest).is_some()).count()
}

/// The steps, and what of them has a number in the list of failures.
struct Steps<'a> {
    all: &'a [&'a Moment],
    numbers: BTreeMap<MomentId, usize>,
    /// Where the recording begins; addresses there are told without it.
    origin: Option<String>,
}

/// A line, and the first step that it tells.
struct Line {
    first: usize,
    text: String,
}

impl Steps<'_> {
    fn lines(&self, folding: Folding, chars: usize) -> Vec<Line> {
        let kept = self.kept(folding);
        let mut lines = Vec::new();
        let mut i = 0;
        while i < self.all.len() {
            let run = if kept.contains(&i) { 1 } else { self.run(i, folding, &kept) };
            // The first of equal steps is told, so that "more" in the fold refers to it.
            if folding == Folding::Alike && run >= ALIKE_MIN {
                lines.push(Line { first: i, text: self.step(i, chars) });
                lines.push(Line { first: i + 1, text: self.fold(i + 1, run - 1, true) });
            } else if folding != Folding::Alike && run >= 3 {
                lines.push(Line { first: i, text: self.fold(i, run, false) });
            } else {
                lines.extend((i..i + run).map(|at| Line { first: at, text: self.step(at, chars) }));
            }
            i += run;
        }
        lines
    }

    /// The steps that stand alone.
    fn kept(&self, folding: Folding) -> BTreeSet<usize> {
        let is_page = |i: &usize| self.all[*i].kind.is_page();
        let failed = |i: &usize| self.numbers.contains_key(&self.all[*i].id);
        let near = match folding {
            Folding::Alike | Folding::Far => LEAD_UP,
            Folding::Steps | Folding::Pages => 0,
        };
        let all = 0..self.all.len();
        let mut kept: BTreeSet<usize> = all.clone().filter(failed).flat_map(|i| i.saturating_sub(near)..=i).collect();
        if folding != Folding::Pages {
            kept.extend(all.clone().filter(is_page));
            kept.extend(all.clone().filter(failed).flat_map(|i| self.setting(i)));
        }
        if kept.iter().all(is_page) {
            // Nothing failed: the last steps matter most.
            kept.extend(all.rev().take(near));
        }
        kept
    }

    /// The steps that set something on the page of the failure at `i`, the nearest ones: what was entered and chosen.
    fn setting(&self, i: usize) -> impl Iterator<Item = usize> {
        let on_page = (0..i).rev().take_while(|at| self.all[*at].kind != MomentKind::PageLoad);
        on_page.filter(|at| self.all[*at].kind.sets_value()).take(SETTING_MAX)
    }

    /// How many steps from `i` on can be one fold.
    fn run(&self, i: usize, folding: Folding, kept: &BTreeSet<usize>) -> usize {
        let first = self.all[i];
        let alike = |m: &Moment| folding != Folding::Alike || (m.kind == first.kind && m.place() == first.place());
        (i..self.all.len()).take_while(|at| !kept.contains(at) && alike(self.all[*at])).count().max(1)
    }

    fn step(&self, i: usize, chars: usize) -> String {
        let moment = self.all[i];
        let failed = self.numbers.get(&moment.id).map_or_else(String::new, |number| format!(" (failure {number})"));
        let text = match () {
            () if moment.kind.is_page() => {
                let url = moment.url.as_deref().unwrap_or_default();
                let path = self.origin.as_ref().and_then(|origin| url.strip_prefix(origin.as_str()));
                short::short_page(moment, path.map(|path| format!("/{path}")).as_deref(), chars)
            }
            () if failed.is_empty() => short::short(moment),
            () => line::counted_action(moment),
        };
        // What a page shows stands in the order of its weight; how an action ended stands at its end.
        let tells = moment.shows.iter().any(Shown::is_message);
        let text = match (moment.kind.is_page(), tells) {
            // What a page tells the user is what the page came for.
            (true, true) => one_line(&text, chars.max(TOLD_CHARS_MIN)),
            (true, false) => one_line(&text, chars),
            (false, _) => excerpt(&text, chars),
        };
        format!("{} {text}{failed}", phrases::stamp(moment))
    }

    fn fold(&self, from: usize, count: usize, more: bool) -> String {
        let run = self.all[from..from + count].iter();
        let steps: Vec<Step<'_>> = run
            .map(|m| Step { id: m.id, t_ms: m.t_ms, kind: m.kind, place: m.place(), told: short::brief(m) })
            .collect();
        fold::line(&steps, more)
    }
}
