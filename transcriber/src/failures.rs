//! What went wrong in a timeline, each thing once, with the moments that show it.

use std::collections::HashMap;

use playhead_schemas::MomentId;
use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Change, Failure, FailureKind, Level, Moment, MomentKind, Signal};

use crate::render::{changes, phrases};

/// Failures of one replay that are listed.
const FAILURES_MAX: usize = 100;
/// Characters of a failure's title.
const TITLE_CHARS_MAX: usize = 200;
/// Repeats that are listed by id.
const RELATED_MAX: usize = 20;

/// Lists the failures, the most severe first, then by time.
pub(crate) fn failures(moments: &[Moment]) -> Vec<Failure> {
    let mut list = List { found: Vec::new(), known: HashMap::new() };
    for moment in moments {
        of_moment(&mut list, moments, moment);
    }
    let mut found = list.found;
    found.sort_by_key(|failure| (failure.kind, failure.moment));
    found.truncate(FAILURES_MAX);
    found
}

struct List {
    found: Vec<Failure>,
    known: HashMap<(FailureKind, String), usize>,
}

impl List {
    fn add(
        &mut self,
        kind: FailureKind,
        key: String,
        title: String,
        moment: &Moment,
        action: Option<MomentId>,
        related: &[MomentId],
    ) {
        // A burst of clicks is one rage click; the title has their number.
        let count = if kind == FailureKind::RageClick { 1 } else { moment.count };
        let key = without_numbers(&key);
        if let Some(at) = self.known.get(&(kind, key.clone())) {
            let failure = &mut self.found[*at];
            failure.count += count;
            if failure.related.len() < RELATED_MAX {
                failure.related.push(moment.id);
            }
            return;
        }
        self.known.insert((kind, key), self.found.len());
        self.found.push(Failure {
            kind,
            title: one_line(&title, TITLE_CHARS_MAX),
            moment: moment.id,
            action,
            related: related.iter().copied().take(RELATED_MAX).collect(),
            count,
        });
    }
}

fn of_moment(list: &mut List, moments: &[Moment], moment: &Moment) {
    let root_cause = root_cause(moments, moment);
    match moment.kind {
        MomentKind::Error => {
            let message = moment.message.clone().unwrap_or_default();
            list.add(FailureKind::UncaughtError, message.clone(), message, moment, root_cause, &[]);
        }
        MomentKind::Console if moment.level == Some(Level::Error) => {
            let message = moment.message.clone().unwrap_or_default();
            // The browser's own line about a failed request says nothing that the request doesn't.
            let of_request =
                moment.caused_by.and_then(|id| find(moments, id)).is_some_and(|m| m.kind == MomentKind::Request);
            if !(of_request && message.starts_with("Failed to load resource")) {
                list.add(FailureKind::ConsoleError, message.clone(), message, moment, root_cause, &[]);
            }
        }
        MomentKind::Request => of_request(list, moments, moment, root_cause),
        _ if moment.kind.is_action() => of_action(list, moment),
        _ => {}
    }
}

fn of_request(list: &mut List, moments: &[Moment], moment: &Moment, root_cause: Option<MomentId>) {
    let Some(request) = &moment.request else { return };
    let is_failure = request.failed
        || request.status.is_some_and(|status| status >= 400)
        || moment.signals.contains(&Signal::SlowRequest);
    if !is_failure || phrases::is_cancelled(request) {
        return;
    }
    let line = phrases::request(request, None);
    let key = format!("{} {}", request.method, request.url.split('?').next().unwrap_or_default());
    let told = |id: &&MomentId| find(moments, **id).is_some_and(|m| m.caused_by == Some(moment.id));
    let lines: Vec<MomentId> = moment.led_to.iter().filter(told).copied().take(RELATED_MAX).collect();
    match request.status {
        Some(status) if status >= 400 => {
            list.add(
                FailureKind::HttpError,
                format!("{} {key}", status_words(status)),
                line,
                moment,
                root_cause,
                &lines,
            );
        }
        _ if request.failed => list.add(FailureKind::RequestFailed, key, line, moment, root_cause, &lines),
        _ if moment.signals.contains(&Signal::SlowRequest) => {
            list.add(FailureKind::SlowRequest, key, line, moment, root_cause, &lines);
        }
        _ => {}
    }
}

fn of_action(list: &mut List, moment: &Moment) {
    let what = phrases::target(moment.target.as_ref());
    let changes = moment.outcome.iter().flat_map(|outcome| &outcome.changes);
    for refused in changes.filter(|change| matches!(change.change, Change::Invalid { .. })) {
        let title = changes::words(&refused.change);
        list.add(FailureKind::FormRefused, title.clone(), title, moment, Some(moment.id), &[]);
    }
    if moment.signals.contains(&Signal::RageClick) {
        let title = phrases::quick_clicks(moment.count, &what);
        list.add(FailureKind::RageClick, what.clone(), title, moment, Some(moment.id), &[]);
    }
    if moment.signals.contains(&Signal::DeadClick) {
        list.add(FailureKind::DeadClick, what.clone(), phrases::unanswered_click(&what), moment, Some(moment.id), &[]);
    }
}

/// A status that survives the folding of numbers: 404 and 500 are two failures.
fn status_words(status: u16) -> String {
    status.to_string().bytes().map(|digit| char::from(b'a' + (digit - b'0'))).collect()
}

/// Two messages that differ in counters and request ids alone tell one failure.
fn without_numbers(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    for c in key.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !out.ends_with('#') {
            out.push('#');
        }
    }
    out
}

/// The action or load at the start of a chain of causes.
fn root_cause(moments: &[Moment], moment: &Moment) -> Option<MomentId> {
    let mut at = moment.caused_by?;
    for _ in 0..8 {
        match find(moments, at)?.caused_by {
            Some(next) if find(moments, at)?.kind == MomentKind::Request => at = next,
            _ => return Some(at),
        }
    }
    Some(at)
}

/// The moment with that id. Ids count up from 1 in order.
pub(crate) fn find(moments: &[Moment], id: MomentId) -> Option<&Moment> {
    moments.get((id.0 as usize).checked_sub(1)?)
}
