//! Failures as chains: the action, its requests, their responses, the errors, what the page showed.

use std::fmt::Write;

use playhead_schemas::MomentId;
use playhead_schemas::text::{counted, excerpt, one_line};
use playhead_schemas::timeline::{DifferencePart, Failure, FailureKind, Moment, MomentKind, Timeline};

use crate::failures::{self, find};
use crate::render::{changes, line, phrases, short};

/// How much is said of a chain.
#[derive(Clone, Copy)]
struct Detail {
    /// Characters of a title.
    title: usize,
    /// Frames of a stack.
    frames: usize,
    /// Characters of a response.
    answer: usize,
    /// Changes of the page, and the characters of one.
    changes: (usize, usize),
    /// Requests of the action that did not fail.
    calls: usize,
}

/// Tried in this order.
const DETAILS: [Detail; 5] = [
    Detail { title: 200, frames: 3, answer: 200, changes: (4, 220), calls: 3 },
    Detail { title: 160, frames: 1, answer: 120, changes: (3, 120), calls: 1 },
    Detail { title: 140, frames: 1, answer: 80, changes: (1, 100), calls: 0 },
    Detail { title: 120, frames: 0, answer: 0, changes: (0, 0), calls: 0 },
    Detail { title: 70, frames: 0, answer: 0, changes: (0, 0), calls: 0 },
];
/// Ids of repeats that are listed.
const REPEATS_MAX: usize = 5;
/// Ids of failures that are listed when there is no room for more.
const IDS_MAX: usize = 12;

/// Failures that began with one action, the most severe first.
pub(super) struct Chain<'a> {
    /// The action; the moment of the only failure when no action led to it.
    pub(super) root: MomentId,
    failures: Vec<&'a Failure>,
}

/// The chains, the one with the most severe failure first.
pub(super) fn of(timeline: &Timeline) -> Vec<Chain<'_>> {
    let mut chains: Vec<Chain<'_>> = Vec::new();
    for failure in &timeline.failures {
        let root = failure.action.unwrap_or(failure.moment);
        match chains.iter_mut().find(|chain| chain.root == root) {
            Some(chain) => chain.failures.push(failure),
            None => chains.push(Chain { root, failures: vec![failure] }),
        }
    }
    chains
}

/// Writes all chains in at most `room` bytes, the first ones at the greatest length.
pub(super) fn write(timeline: &Timeline, chains: &[Chain<'_>], out: &mut String, room: usize) {
    if chains.is_empty() {
        out.push_str("\nNo failure was found.\n");
        return;
    }
    let (failures, parts) = (timeline.failures.len(), chains.len());
    let _ = match failures == parts {
        true => writeln!(out, "\nWhat failed ({failures}):"),
        false => writeln!(out, "\nWhat failed ({failures}, told in {}):", counted(parts as u64, "part", "parts")),
    };
    let [fuller @ .., least] = DETAILS;
    let tell = |i: usize, detail: Detail| text(timeline, &chains[i], i + 1, detail);
    let shortest: Vec<String> = (0..chains.len()).map(|i| tell(i, least)).collect();
    // Bytes that the chains from each one on take when they are told in the shortest way.
    let mut reserved: Vec<usize> = vec![0; chains.len() + 1];
    for i in (0..chains.len()).rev() {
        reserved[i] = reserved[i + 1] + shortest[i].len();
    }
    let end = out.len() + room;
    for i in 0..chains.len() {
        let left = end.saturating_sub(out.len());
        let fits = |text: &String| text.len() + reserved[i + 1] <= left;
        let full = fuller.iter().map(|detail| tell(i, *detail)).find(fits);
        // When not even the short forms fit together, the first ones are told and the others named.
        let short = || Some(&shortest[i]).filter(|text| fits(text) || text.len() + 120 <= left).cloned();
        match full.or_else(short) {
            Some(text) => out.push_str(&text),
            None => {
                let rest: Vec<MomentId> =
                    chains[i..].iter().flat_map(|chain| &chain.failures).map(|failure| failure.moment).collect();
                let ids: Vec<String> = rest.iter().take(IDS_MAX).map(MomentId::to_string).collect();
                let more = if rest.len() > ids.len() { ", .." } else { "" };
                let failures = counted(rest.len() as u64, "more failure", "more failures");
                let _ = writeln!(out, "{failures}: {}{more}", ids.join(", "));
                return;
            }
        }
    }
}

fn text(timeline: &Timeline, chain: &Chain<'_>, number: usize, detail: Detail) -> String {
    let all = &timeline.moments;
    let mut out = String::new();
    let Some(root) = find(all, chain.root) else { return out };
    let page = root.url.as_deref();
    let mut told = Vec::new();
    let own = chain.failures.iter().find(|failure| failure.moment == root.id);
    let other: Vec<&Failure> = chain.failures.iter().copied().filter(|failure| failure.moment != root.id).collect();
    match own {
        Some(failure) => {
            let _ = writeln!(out, "{number}. {}", title(all, failure, detail));
            // The title of a click tells its target already.
            let is_click = matches!(failure.kind, FailureKind::RageClick | FailureKind::DeadClick);
            if root.kind.is_action() && (!is_click || detail.frames > 1) {
                // The title of a rage click has the number of clicks.
                let is_counted = failure.kind == FailureKind::RageClick;
                let action = if is_counted { line::located_action(root) } else { line::counted_located_action(root) };
                let _ = writeln!(out, "   {}{}", excerpt(&action, detail.title), on_page(page));
            }
            facts(root, detail, &mut out);
            compared(failure, all, detail, &mut told, &mut out);
            told_of(root, all, detail, &mut out);
        }
        None => {
            let action = if root.kind.is_action() { line::counted_located_action(root) } else { short::short(root) };
            let action = excerpt(&action, detail.title);
            let on = if root.kind.is_action() { on_page(page) } else { String::new() };
            let _ = writeln!(out, "{number}. {} {action}{on}", phrases::stamp(root));
        }
    }
    for failure in chain.failures.iter().filter(|failure| failure.moment == root.id).skip(1) {
        let _ = writeln!(out, "   also {}", title(all, failure, detail));
    }
    calls(root, all, detail, &mut out);
    // In order of time, not of severity.
    let mut other = other;
    other.sort_by_key(|failure| failure.moment);
    for failure in other {
        let moment = find(all, failure.moment);
        let perhaps = moment.map_or("", |moment| phrases::perhaps(all, moment, root.id));
        let _ = writeln!(out, "   -> {perhaps}{}", title(all, failure, detail));
        if let Some(moment) = moment {
            facts(moment, detail, &mut out);
            told_of(moment, all, detail, &mut out);
        }
        compared(failure, all, detail, &mut told, &mut out);
    }
    shown(root, detail, &mut out);
    out
}

fn on_page(page: Option<&str>) -> String {
    page.map_or_else(String::new, |url| format!(" on {}", one_line(&phrases::address(url, Some(url)), 80)))
}

/// `m100 00:34.5 request refused: POST /api/pay 500 (292 ms), 3 times: m100, m106, m120`
fn title(all: &[Moment], failure: &Failure, detail: Detail) -> String {
    let kind = match failure.kind {
        FailureKind::UncaughtError => "uncaught error",
        FailureKind::HttpError | FailureKind::AnswerError => "request refused",
        FailureKind::RequestFailed => "request failed",
        FailureKind::FormRefused => "input refused",
        FailureKind::DeadClick => "dead click",
        FailureKind::RageClick => "rage click",
        FailureKind::ConsoleError => "console error",
        FailureKind::SlowRequest => "slow request",
    };
    let moment = find(all, failure.moment);
    let what = match moment.and_then(|moment| Some((moment.request.as_ref()?, moment))) {
        Some((request, moment)) => phrases::request(request, moment.url.as_deref()),
        None => failure.title.clone(),
    };
    let mut out = moment.map_or_else(|| failure.moment.to_string(), phrases::stamp);
    let again = moment.map_or_else(String::new, |moment| phrases::retried(moment, all));
    let _ = write!(out, " {kind}: {}{again}", excerpt(&what, detail.title));
    if failure.count > 1 {
        let repeats: Vec<String> = failure
            .related
            .iter()
            .filter(|id| find(all, **id).map(|m| m.kind) == moment.map(|m| m.kind))
            .take(REPEATS_MAX)
            .map(MomentId::to_string)
            .collect();
        let ids = if repeats.is_empty() { String::new() } else { format!(", again {}", repeats.join(", ")) };
        let _ = write!(out, ", {} times{ids}", failure.count);
    }
    out
}

/// The evidence in a moment itself: its stack, what was answered.
fn facts(moment: &Moment, detail: Detail, out: &mut String) {
    for frame in line::frames(moment).take(detail.frames) {
        let _ = writeln!(out, "      at {}", one_line(&frame, 140));
    }
    for inner in line::inner_errors(moment).take(detail.frames) {
        let _ = writeln!(out, "      caused by {}", one_line(&inner, 200));
    }
    let body = moment.request.as_ref().and_then(|request| request.response_body.as_ref());
    if let Some(body) = body.filter(|body| detail.answer > 0 && !body.trim().is_empty()) {
        let _ = writeln!(out, "      answered {}", excerpt(body, detail.answer));
    }
}

/// What went well beside it, and where the two differ.
fn compared(failure: &Failure, all: &[Moment], detail: Detail, told: &mut Vec<(MomentId, MomentId)>, out: &mut String) {
    let Some(contrast) = failure.contrast.as_ref().filter(|_| detail.answer > 0) else { return };
    let pair = (contrast.failed, contrast.well);
    if told.contains(&pair) {
        return;
    }
    told.push(pair);
    let Some(well) = find(all, contrast.well) else { return };
    let side = |side: &Option<String>| side.as_deref().map_or_else(|| "absent".to_owned(), |side| excerpt(side, 40));
    let differs = contrast.differs.iter().take(detail.changes.0).map(|one| {
        let part = match one.part {
            DifferencePart::Address => "address",
            DifferencePart::Entered => "entered",
            DifferencePart::Sent => "sent",
            DifferencePart::Status => "status",
            DifferencePart::Answer => "answer",
            DifferencePart::DurationMs => "ms",
            DifferencePart::Element => "element",
        };
        let name = one.name.as_ref().map_or_else(String::new, |name| format!(" {}", one_line(name, 40)));
        format!("{part}{name} {}, there {}", side(&one.failed), side(&one.well))
    });
    let differs: Vec<String> = differs.collect();
    let differs = if differs.is_empty() { "nothing that was recorded differs".to_owned() } else { differs.join("; ") };
    let _ = writeln!(out, "      but {} went well: {differs}", phrases::stamp(well));
}

/// The errors and lines that only tell of a request that got no answer, except the browser's general one.
fn told_of(request: &Moment, all: &[Moment], detail: Detail, out: &mut String) {
    let is_unanswered = request.request.as_ref().is_some_and(|request| request.failed);
    let led_to = request.led_to.iter().filter(|_| is_unanswered).filter_map(|id| find(all, *id));
    let is_general = |message: &str| message.starts_with("Failed to load resource");
    let lines = led_to.filter(|moment| !moment.message.as_deref().is_some_and(is_general));
    for moment in lines.filter(|moment| failures::tells_of(request, moment)).take(detail.frames) {
        let _ = writeln!(out, "      -> {} {}", phrases::stamp(moment), one_line(&short::short(moment), detail.title));
    }
}

/// What else the action asked for and got.
fn calls(root: &Moment, all: &[Moment], detail: Detail, out: &mut String) {
    let requests = root.outcome.iter().flat_map(|outcome| &outcome.requests).filter_map(|id| find(all, *id));
    let good = requests.filter(|moment| {
        moment.request.as_ref().is_some_and(|r| !r.is_trouble() && line::is_call(r.resource.as_deref()))
    });
    for moment in good.take(detail.calls) {
        if let Some(request) = &moment.request {
            let _ =
                writeln!(out, "   -> {} {}", phrases::stamp(moment), phrases::request(request, root.url.as_deref()));
        }
    }
}

/// What the page showed then.
fn shown(root: &Moment, detail: Detail, out: &mut String) {
    let Some(outcome) = root.outcome.as_ref().filter(|_| root.kind != MomentKind::PageLoad) else { return };
    let (most, chars) = detail.changes;
    let told: Vec<String> =
        changes::reported(outcome).take(most).map(|told| excerpt(&changes::words(&told.change), chars)).collect();
    if !told.is_empty() {
        let _ = writeln!(out, "   -> page: {}", told.join("; "));
    }
}
