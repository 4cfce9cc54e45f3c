//! What went wrong in a timeline, each thing once, with the moments that show it.

use std::collections::HashMap;

use playhead_schemas::MomentId;
use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Change, Failure, FailureKind, Level, Moment, MomentKind, Request, Shown, Signal};

use crate::contrast;
use crate::network::ending::says_nothing;
use crate::render::{changes, phrases};
use crate::trackers;

/// Failures of one replay that are listed.
const FAILURES_MAX: usize = 100;
/// Characters of a failure's title.
const TITLE_CHARS_MAX: usize = 200;
/// Repeats that are listed by id.
const RELATED_MAX: usize = 20;

/// Lists the failures, the most severe first, then by time.
pub(crate) fn failures(moments: &[Moment]) -> Vec<Failure> {
    let mut list = List { found: Vec::new(), known: HashMap::new(), refusals: Vec::new() };
    for moment in moments {
        of_moment(&mut list, moments, moment);
    }
    let mut found = list.found;
    let is_retried = |id: MomentId| find(moments, id).is_some_and(|moment| moment.retried_as.is_some());
    found.sort_by_key(|failure| (is_retried(failure.moment), failure.kind, failure.moment));
    found.truncate(FAILURES_MAX);
    for failure in &mut found {
        failure.tries = contrast::tries(moments, failure);
        failure.contrast = contrast::contrast(moments, failure);
    }
    found
}

struct List {
    found: Vec<Failure>,
    known: HashMap<(FailureKind, String), usize>,
    /// What the page said when it refused a form, by its failure: a page that says it again refuses again.
    refusals: Vec<(String, usize)>,
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
    ) -> usize {
        // A burst of clicks is one rage click; the title has their number.
        let count = if kind == FailureKind::RageClick { 1 } else { moment.count };
        // Two elements differ in numbers alone as often as not; two messages don't.
        let is_click = matches!(kind, FailureKind::RageClick | FailureKind::DeadClick);
        let key = if is_click { key } else { without_numbers(&key) };
        if let Some(at) = self.known.get(&(kind, key.clone())) {
            let at = *at;
            self.repeat(at, moment.id, count);
            return at;
        }
        self.known.insert((kind, key), self.found.len());
        self.found.push(Failure {
            kind,
            title: one_line(&title, TITLE_CHARS_MAX),
            moment: moment.id,
            action,
            related: related.iter().copied().take(RELATED_MAX).collect(),
            count,
            contrast: None,
            tries: Vec::new(),
        });
        self.found.len() - 1
    }

    /// Adds a moment to a failure that is known.
    fn repeat(&mut self, at: usize, moment: MomentId, count: u32) {
        let Some(failure) = self.found.get_mut(at) else { return };
        failure.count += count;
        if failure.related.len() < RELATED_MAX {
            failure.related.push(moment);
        }
    }
}

/// True for an error or a line that only tells that a request got no answer: the browser's lines, and the errors that it
/// throws for it. The request says more.
pub(crate) fn tells_of(request: &Moment, moment: &Moment) -> bool {
    const LINES: [&str; 4] =
        ["Failed to load resource", "blocked by CORS policy", "Cross-Origin Request Blocked", "access control checks"];
    let message = moment.message.as_deref().unwrap_or_default();
    let is_unanswered = request.request.as_ref().is_some_and(|request| request.failed);
    let is_line = LINES.iter().any(|line| message.contains(line));
    let is_error = matches!(moment.kind, MomentKind::Error | MomentKind::Console)
        && moment.level == Some(Level::Error)
        && moment.caused_by == Some(request.id);
    is_error && (is_line || is_unanswered && says_nothing(message))
}

fn of_moment(list: &mut List, moments: &[Moment], moment: &Moment) {
    let root_cause = root_cause(moments, moment);
    let request = moment.caused_by.and_then(|id| find(moments, id)).filter(|cause| cause.kind == MomentKind::Request);
    let is_of_request = request.is_some_and(|request| tells_of(request, moment));
    let is_blocked = || moment.message.as_deref().is_some_and(|message| message.contains("ERR_BLOCKED_BY_CLIENT"));
    if is_of_request || moment.kind == MomentKind::Console && is_blocked() {
        return;
    }
    match moment.kind {
        MomentKind::Error => {
            let message = moment.message.clone().unwrap_or_default();
            list.add(FailureKind::UncaughtError, message.clone(), message, moment, root_cause, &[]);
        }
        MomentKind::Console if moment.level == Some(Level::Error) => {
            let message = moment.message.clone().unwrap_or_default();
            list.add(FailureKind::ConsoleError, message.clone(), message, moment, root_cause, &[]);
        }
        MomentKind::Request => of_request(list, moments, moment, root_cause),
        _ if moment.kind.is_action() => of_action(list, moment),
        MomentKind::PageLoad | MomentKind::Navigate => {
            list.refusals.clear();
            of_page(list, moments, moment, root_cause);
        }
        _ => {}
    }
}

fn of_request(list: &mut List, moments: &[Moment], moment: &Moment, root_cause: Option<MomentId>) {
    let Some(request) = &moment.request else { return };
    let is_failure = request.is_trouble() || moment.signals.contains(&Signal::SlowRequest);
    let is_trackers = request.status.is_none() && trackers::is_tracker(&request.url, moment.url.as_deref());
    if !is_failure || request.is_cancelled() || is_trackers {
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
        _ if request.answer_error.is_some() => {
            // One address takes all operations.
            let key = format!("{key} {}", request.operation.as_deref().unwrap_or_default());
            list.add(FailureKind::AnswerError, key, line, moment, root_cause, &lines);
        }
        _ if request.failed => {
            list.add(FailureKind::RequestFailed, key, line, moment, root_cause, &lines);
        }
        _ if moment.signals.contains(&Signal::SlowRequest) => {
            list.add(FailureKind::SlowRequest, key, line, moment, root_cause, &lines);
        }
        _ => {}
    }
}

fn of_action(list: &mut List, moment: &Moment) {
    let what = phrases::target(moment.target.as_ref());
    let element = element(moment, &what);
    let changes = moment.outcome.iter().flat_map(|outcome| &outcome.changes);
    for refused in changes.filter(|change| matches!(change.change, Change::Invalid { .. })) {
        let title = changes::words(&refused.change);
        let at = list.add(FailureKind::FormRefused, title.clone(), title, moment, Some(moment.id), &[]);
        if let Change::Invalid { message: Some(message), .. } = &refused.change {
            list.refusals.push((message.clone(), at));
        }
    }
    if let Some(at) = refused_again(list, moment) {
        list.repeat(at, moment.id, moment.count);
    }
    if moment.signals.contains(&Signal::RageClick) {
        let title = phrases::quick_clicks(moment.count, &what);
        list.add(FailureKind::RageClick, element.clone(), title, moment, Some(moment.id), &[]);
    }
    if moment.signals.contains(&Signal::DeadClick) {
        list.add(FailureKind::DeadClick, element, phrases::unanswered_click(&what), moment, Some(moment.id), &[]);
    }
}

/// One element of the page: equal buttons in two rows are two.
fn element(moment: &Moment, what: &str) -> String {
    let target = moment.target.as_ref();
    let selector = target.map_or("", |target| target.selector.as_str());
    let within = target.and_then(|target| target.within.as_deref()).unwrap_or_default();
    format!("{what} {selector} {within}")
}

/// The failure whose message the page shows again after an action: fields that are marked already are not marked anew.
fn refused_again(list: &List, moment: &Moment) -> Option<usize> {
    let changes = moment.outcome.iter().flat_map(|outcome| &outcome.changes);
    let said = changes.filter_map(|reported| changes::alert(&reported.change));
    let known = |text: &String| list.refusals.iter().find(|(message, _)| message == text).map(|(_, at)| *at);
    let is_told = |at: &usize| {
        let failure = list.found.get(*at);
        failure.is_none_or(|failure| failure.moment == moment.id || failure.related.contains(&moment.id))
    };
    said.filter_map(known).find(|at| !is_told(at))
}

/// A page that came back with refused fields answers the form that was sent.
fn of_page(list: &mut List, moments: &[Moment], moment: &Moment, root_cause: Option<MomentId>) {
    let sender = root_cause.and_then(|id| find(moments, id)).filter(|sender| sender.kind.is_action());
    let refused: Vec<&Shown> = moment.shows.iter().filter(|shown| matches!(shown, Shown::Invalid { .. })).collect();
    if sender.is_none() || refused.is_empty() {
        return;
    }
    let title = phrases::shown(&refused);
    list.add(FailureKind::FormRefused, title.clone(), title, moment, root_cause, &[]);
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

/// The action or load at the start of a chain of causes. A request that went well begins none.
pub(crate) fn root_cause(moments: &[Moment], moment: &Moment) -> Option<MomentId> {
    let begins = |id: &MomentId| {
        let request = find(moments, *id).and_then(|moment| moment.request.as_ref());
        request.is_none_or(Request::is_trouble)
    };
    first_cause(moments, moment).filter(begins)
}

fn first_cause(moments: &[Moment], moment: &Moment) -> Option<MomentId> {
    let mut at = moment.caused_by?;
    for _ in 0..8 {
        match find(moments, at)?.caused_by {
            Some(next) if find(moments, at)?.kind == MomentKind::Request => at = next,
            _ => return Some(at),
        }
    }
    Some(at)
}

/// [`find`], to change it.
pub(crate) fn find_mut(moments: &mut [Moment], id: MomentId) -> Option<&mut Moment> {
    moments.get_mut((id.0 as usize).checked_sub(1)?)
}

/// The moment with that id. Ids count up from 1 in order.
pub(crate) fn find(moments: &[Moment], id: MomentId) -> Option<&Moment> {
    moments.get((id.0 as usize).checked_sub(1)?)
}
