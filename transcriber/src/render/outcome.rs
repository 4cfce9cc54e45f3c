//! What an action led to, in words.

use std::fmt::Write;

use playhead_schemas::text::{counted, excerpt};
use playhead_schemas::timeline::{Confidence, Moment, MomentKind, Outcome, PageChange};

use super::text::Text;
use super::{changes, line, phrases};
use crate::failures::find;

/// Requests and errors that are named in full.
const NAMED_MAX: usize = 3;
/// Characters of an error's message.
const MESSAGE_CHARS_MAX: usize = 120;
/// That nothing changed is only said after watching for this long.
const SILENCE_MS_MIN: u64 = 500;
/// What the page showed later than this after the action is said to be late.
const LATE_MS: u64 = 1000;

/// Writes the outcome, the most important first: errors, navigation, requests, changes of the page.
pub(super) fn write(out: &mut Text, moment: &Moment, all: &[Moment]) {
    // The head of a notice says what it is of.
    let Some(outcome) = moment.outcome.as_ref().filter(|_| moment.kind != MomentKind::Notice) else { return };
    let page = moment.url.as_deref();
    let mut parts = Parts { out, count: 0 };
    for id in outcome.errors.iter().take(NAMED_MAX) {
        let error = find(all, *id);
        let message = error.and_then(|error| error.message.as_deref()).unwrap_or_default();
        let perhaps = error.map_or("", |error| phrases::perhaps(all, error, moment.id));
        let out = parts.part();
        let _ = write!(out, "{perhaps}{id} error ");
        out.quote(&excerpt(message, MESSAGE_CHARS_MAX));
    }
    if outcome.errors.len() > NAMED_MAX {
        let more = (outcome.errors.len() - NAMED_MAX) as u64;
        parts.part().push(&counted(more, "more error", "more errors"));
    }
    if let Some(id) = outcome.navigation {
        let to = find(all, id);
        let url = to.and_then(|to| to.url.as_deref()).unwrap_or_default();
        let edge = to.and_then(|to| to.causes.iter().find(|cause| cause.from == moment.id));
        let out = parts.part();
        if edge.is_some_and(|edge| edge.confidence == Confidence::Low) {
            out.push("perhaps ");
        }
        let _ = write!(out, "{id} ");
        out.unit(&phrases::address(url, page));
    }
    write_requests(&mut parts, outcome, moment, all);
    for change in changes::reported(outcome) {
        write_change(parts.part(), change, moment);
    }
    if outcome.changes_omitted > 0 {
        let _ = write!(parts.part(), "and {}", counted(outcome.changes_omitted, "more change", "more changes"));
    }
    // Typing into a field or setting a box usually changes nothing else, so that is only said of other clicks.
    let is_click = matches!(moment.kind, MomentKind::Click | MomentKind::Touch | MomentKind::DoubleClick);
    let expects = is_click && moment.value.is_none();
    let silent = outcome.unchanged_ms.filter(|ms| expects && *ms >= SILENCE_MS_MIN);
    if let Some(ms) = silent.filter(|_| parts.count == 0) {
        let _ = write!(parts.part(), "nothing changed (watched for {})", phrases::duration(ms));
    }
}

/// The parts of an outcome, with what stands between them.
struct Parts<'a> {
    out: &'a mut Text,
    count: usize,
}

impl Parts<'_> {
    /// Where the next part is to be written.
    fn part(&mut self) -> &mut Text {
        self.out.push(if self.count == 0 { " -> " } else { "; " });
        self.count += 1;
        self.out
    }
}

/// A change of the page, and how long after the action it came when that was long.
pub(super) fn write_change(out: &mut Text, change: &PageChange, moment: &Moment) {
    changes::write(out, &change.change);
    let late = change.t_ms.map_or(0, |t_ms| t_ms.saturating_sub(moment.end_ms));
    if late >= LATE_MS {
        let _ = write!(out, " after {}", phrases::duration(late));
    }
}

fn write_requests(parts: &mut Parts<'_>, outcome: &Outcome, moment: &Moment, all: &[Moment]) {
    let page = moment.url.as_deref();
    // Images, scripts and styles that a page loads are only named when they fail.
    let known = outcome.requests.iter().filter_map(|id| find(all, *id));
    let known = known.filter_map(|moment| Some((moment.id, moment.request.as_ref()?)));
    let told = known.filter(|(_, request)| request.is_trouble() || line::is_call(request.resource.as_deref()));
    let (bad, good): (Vec<_>, Vec<_>) = told.partition(|(_, request)| request.is_trouble());
    let mut named = 0;
    for (id, request) in bad.iter().chain(&good).take(NAMED_MAX) {
        let out = parts.part();
        let doubted = find(all, *id).filter(|_| request.is_trouble());
        let perhaps = doubted.map_or("", |request| phrases::perhaps(all, request, moment.id));
        let _ = write!(out, "{perhaps}{id} ");
        phrases::write_request(out, request, page);
        named += 1;
    }
    let rest = outcome.requests.len() - named;
    if rest > 0 {
        let (one, many) = if named == 0 { ("request", "requests") } else { ("more request", "more requests") };
        parts.part().push(&counted(rest as u64, one, many));
    }
}
