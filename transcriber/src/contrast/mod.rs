//! Failures beside what went well: the same request or action elsewhere in the session, and what differs.
//!
//! In: the moments of a timeline and a failure. Out: the comparison, computed from what was recorded alone; nothing where
//! nothing is comparable. Never here: what the difference means.

mod body;
mod tries;

use playhead_schemas::MomentId;
use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{
    Change, Contrast, ContrastKind, Difference, DifferencePart, Failure, FailureKind, Moment, MomentKind, Request,
    Signal, Target,
};

use crate::failures::{find, find_mut};
use crate::render::phrases::{self, origin};
pub(crate) use tries::tries;

/// Differences of one comparison that are told, and the characters of each side.
const DIFFERENCES_MAX: usize = 8;
const SIDE_CHARS_MAX: usize = 120;
/// Moments that are looked at for one that went well.
const CANDIDATES_MAX: usize = 5000;
/// Fields that were entered before an action and are compared.
const ENTERED_MAX: usize = 12;
/// Bytes of answers that went well and are kept for one replay.
const EVIDENCE_BYTES_MAX: usize = 64 * 1024;
/// A duration that is so many times longer differs.
const SLOWER: u64 = 4;

/// The comparison of a failure with what went well elsewhere.
pub(crate) fn contrast(moments: &[Moment], failure: &Failure) -> Option<Contrast> {
    let failed = find(moments, failure.moment)?;
    if let Some(again) = failed.retried_as.and_then(|id| find(moments, id)) {
        return Some(of_requests(failed, again));
    }
    match failure.kind {
        FailureKind::HttpError | FailureKind::AnswerError | FailureKind::RequestFailed | FailureKind::SlowRequest => {
            request_that_went_well(moments, failed).map(|well| of_requests(failed, well))
        }
        FailureKind::UncaughtError | FailureKind::ConsoleError => of_error(moments, failure, failed),
        FailureKind::FormRefused | FailureKind::RageClick => {
            let action = failure.action.and_then(|id| find(moments, id)).unwrap_or(failed);
            same_action(moments, action, &failure.related)
                .map(|well| of_actions(moments, action, well, ContrastKind::Action))
        }
        FailureKind::DeadClick => dead_click(moments, failed, &failure.related),
    }
}

/// Keeps the answers that failures are compared with, within a budget, and drops the others that went well.
pub(crate) fn keep_evidence(moments: &mut [Moment], failures: &[Failure]) {
    let mut left = EVIDENCE_BYTES_MAX;
    let mut keep = |moments: &mut [Moment], id: MomentId| {
        let request = find_mut(moments, id).and_then(|moment| moment.request.as_mut());
        let Some(request) = request.filter(|request| request.response_body.is_none()) else { return };
        if let Some(answer) = request.answer.take_if(|answer| answer.len() <= left) {
            left -= answer.len();
            request.response_body = Some(answer);
        }
    };
    for contrast in failures.iter().filter_map(|failure| failure.contrast.as_ref()) {
        for id in [contrast.failed, contrast.well] {
            let asked = find(moments, id).and_then(|moment| moment.outcome.as_ref());
            let asked: Vec<MomentId> = asked.map_or_else(Vec::new, |outcome| outcome.requests.clone());
            std::iter::once(id).chain(asked.into_iter().take(ENTERED_MAX)).for_each(|id| keep(moments, id));
        }
    }
    moments.iter_mut().filter_map(|moment| moment.request.as_mut()).for_each(|request| request.answer = None);
}

/// An error: the request whose answer it followed, else the action that led to it.
fn of_error(moments: &[Moment], failure: &Failure, failed: &Moment) -> Option<Contrast> {
    let action = failure.action.and_then(|id| find(moments, id));
    let answered = |moment: &&Moment| moment.request.is_some() && moment.end_ms <= failed.t_ms.saturating_add(50);
    let direct = failed.causes.iter().filter_map(|cause| find(moments, cause.from)).find(answered);
    let asked = action.iter().filter_map(|action| action.outcome.as_ref()).flat_map(|outcome| &outcome.requests);
    let last = asked.filter_map(|id| find(moments, *id)).rfind(|m| answered(m) && is_call(m));
    let request = direct.filter(|m| is_call(m)).or(last);
    let by_request = request.and_then(|request| {
        let well = request_that_went_well(moments, request)?;
        // Its action must have gone well, too.
        let asker = well.caused_by.and_then(|id| find(moments, id));
        asker.is_none_or(|asker| went_well(moments, asker)).then(|| of_requests(request, well))
    });
    by_request.or_else(|| {
        let action = action.filter(|action| action.kind.is_action())?;
        let well = same_action(moments, action, &failure.related);
        well.map(|well| of_actions(moments, action, well, ContrastKind::Action))
    })
}

/// A click that nothing answered: the same one when it was answered, else one on another element of its kind.
fn dead_click(moments: &[Moment], failed: &Moment, repeats: &[MomentId]) -> Option<Contrast> {
    if let Some(well) = same_action(moments, failed, repeats) {
        return Some(of_actions(moments, failed, well, ContrastKind::Action));
    }
    let target = failed.target.as_ref()?;
    let is_sibling = |moment: &&Moment| {
        let Some(other) = &moment.target else { return false };
        let same_name = target.name.is_some() && other.name == target.name && other.selector != target.selector;
        let same_place = moment.place().is_some() && moment.place() == failed.place() && other.name != target.name;
        moment.id != failed.id && other.role == target.role && other.tag == target.tag && (same_name || same_place)
    };
    let clicks = moments.iter().take(CANDIDATES_MAX).filter(|m| m.kind == failed.kind && went_well(moments, m));
    let well = nearest(clicks.filter(is_sibling), failed.id)?;
    Some(of_actions(moments, failed, well, ContrastKind::Sibling))
}

/// The nearest moment, the earlier one of two.
fn nearest<'m>(moments: impl Iterator<Item = &'m Moment>, to: MomentId) -> Option<&'m Moment> {
    moments.min_by_key(|moment| (moment.id.0.abs_diff(to.0), moment.id))
}

/// Requests that a program makes for data.
fn is_call(moment: &Moment) -> bool {
    moment.request.as_ref().is_some_and(|request| crate::render::line::is_call(request.resource.as_deref()))
}

fn request_that_went_well<'m>(moments: &'m [Moment], failed: &Moment) -> Option<&'m Moment> {
    let wanted = failed.request.as_ref()?;
    let is_slow = |moment: &Moment| moment.signals.contains(&Signal::SlowRequest);
    let is_well = |moment: &&Moment| {
        let Some(request) = moment.request.as_ref().filter(|_| moment.id != failed.id) else { return false };
        request.went_well() && !is_slow(moment) && is_same_call(wanted, request)
    };
    let exact =
        |moment: &&Moment| moment.request.as_ref().is_some_and(|request| path(&request.url) == path(&wanted.url));
    let well: Vec<&Moment> = moments.iter().take(CANDIDATES_MAX).filter(is_well).collect();
    nearest(well.iter().copied().filter(exact), failed.id).or_else(|| nearest(well.iter().copied(), failed.id))
}

/// True for two requests of one call: the address but for one part of its path, the method and the operation.
fn is_same_call(a: &Request, b: &Request) -> bool {
    // Nearly all requests differ in method, operation or origin, which is cheaper to see.
    if a.method != b.method || a.operation != b.operation || origin(&a.url) != origin(&b.url) {
        return false;
    }
    let (mut left, mut right) = (path(&a.url).split('/'), path(&b.url).split('/'));
    let mut differing = 0;
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b => {}
            (Some(a), Some(b)) if differing == 0 && is_id(a) && is_id(b) => differing += 1,
            _ => return false,
        }
    }
}

/// True for a part of a path that names a thing and not what is done: a number, a code, a name of several words.
fn is_id(part: &str) -> bool {
    let is_code = part.len() >= 2 && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_code || part.bytes().any(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.' | b'%'))
}

fn path(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// The same action elsewhere that went well: none of the `repeats` of the failure.
fn same_action<'m>(moments: &'m [Moment], failed: &Moment, repeats: &[MomentId]) -> Option<&'m Moment> {
    let wanted = failed.target.as_ref()?;
    let is_same = |target: &Target| {
        let named = wanted.name.is_some() && target.name == wanted.name && target.role == wanted.role;
        let placed = wanted.within.is_some() && target.within == wanted.within;
        // Two ids are two elements.
        let by_id = |selector: &str| selector.starts_with('#') || selector.starts_with("[data-");
        let are_two = by_id(&target.selector) && by_id(&wanted.selector) && target.selector != wanted.selector;
        target.selector == wanted.selector && target.name == wanted.name || named && placed && !are_two
    };
    let same = moments.iter().take(CANDIDATES_MAX).filter(|moment| {
        moment.id != failed.id && moment.kind == failed.kind && moment.target.as_ref().is_some_and(is_same)
    });
    nearest(same.filter(|moment| went_well(moments, moment) && !repeats.contains(&moment.id)), failed.id)
}

/// True for an action that was answered, and not by a complaint.
fn went_well(moments: &[Moment], action: &Moment) -> bool {
    let bad = [Signal::DeadClick, Signal::ErrorAfterAction, Signal::InvalidInput, Signal::RageClick];
    let Some(outcome) = &action.outcome else { return false };
    let is_bad = |id: &MomentId| {
        find(moments, *id).is_some_and(|moment| {
            moment.request.as_ref().map_or(moment.kind == MomentKind::Error, |request| request.is_trouble())
        })
    };
    let is_refusal = |change: &Change| matches!(change, Change::Invalid { .. });
    let page = outcome.navigation.and_then(|id| find(moments, id));
    let is_answered = !outcome.changes.is_empty() || !outcome.requests.is_empty() || page.is_some();
    is_answered
        && !action.signals.iter().any(|signal| bad.contains(signal))
        && !outcome.requests.iter().chain(&outcome.errors).any(is_bad)
        && !outcome.changes.iter().any(|change| is_refusal(&change.change))
        && !page.is_some_and(|page| page.shows.iter().any(tries::is_refusal))
}

fn of_requests(failed: &Moment, well: &Moment) -> Contrast {
    let mut differs = Vec::new();
    if let (Some(a), Some(b)) = (&failed.request, &well.request) {
        body::addresses(&a.url, &b.url, &mut differs);
        body::bodies(DifferencePart::Sent, a.request_body.as_deref(), b.request_body.as_deref(), &mut differs);
        if a.status != b.status {
            let status = |status: Option<u16>| status.map(|status| status.to_string());
            push(&mut differs, DifferencePart::Status, None, status(a.status), status(b.status));
        }
        let answer = |of: &'_ Request| of.response_body.clone().or_else(|| of.answer.clone());
        body::bodies(DifferencePart::Answer, answer(a).as_deref(), answer(b).as_deref(), &mut differs);
        if let (Some(long), Some(short)) = (a.duration_ms, b.duration_ms)
            && long >= 500
            && long >= short.saturating_mul(SLOWER)
        {
            push(&mut differs, DifferencePart::DurationMs, None, Some(long.to_string()), Some(short.to_string()));
        }
    }
    Contrast { kind: ContrastKind::Request, failed: failed.id, well: well.id, differs }
}

fn of_actions(moments: &[Moment], failed: &Moment, well: &Moment, kind: ContrastKind) -> Contrast {
    let mut differs = Vec::new();
    let (theirs, ours) = (entered(moments, well), entered(moments, failed));
    for Entered { name, value, .. } in &ours {
        let other = theirs.iter().find(|known| known.name == *name).map(|known| known.value.clone());
        if other.as_ref() != Some(value) {
            push(&mut differs, DifferencePart::Entered, Some(name), Some(value.clone()), other);
        }
    }
    // Hidden values of one length may be two values all the same.
    let hidden = ours.iter().find(|one| one.is_hidden && theirs.contains(one));
    if let Some(Entered { name, value, .. }) = hidden.filter(|_| differs.is_empty()) {
        let side = Some(format!("{value}: it can't be compared"));
        push(&mut differs, DifferencePart::Entered, Some(name), Some(value.clone()), side);
    }
    // What both asked for, where it is the same call.
    let calls = |of: &Moment| {
        let ids = of.outcome.iter().flat_map(|outcome| &outcome.requests);
        let calls: Vec<&Moment> = ids.filter_map(|id| find(moments, *id)).filter(|moment| is_call(moment)).collect();
        calls
    };
    let (ours, theirs) = (calls(failed), calls(well));
    let pair = ours.iter().find_map(|a| {
        let same = |b: &&&Moment| a.request.as_ref().zip(b.request.as_ref()).is_some_and(|(a, b)| is_same_call(a, b));
        Some((a, theirs.iter().find(same)?))
    });
    if let Some((a, b)) = pair {
        differs.extend(of_requests(a, b).differs);
        differs.truncate(DIFFERENCES_MAX);
    }
    let name = |moment: &Moment| moment.target.as_ref().map(element).filter(|_| kind == ContrastKind::Sibling);
    if name(failed) != name(well) {
        push(&mut differs, DifferencePart::Element, None, name(failed), name(well));
    }
    Contrast { kind, failed: failed.id, well: well.id, differs }
}

/// What a field held, as it is told.
#[derive(PartialEq, Eq)]
struct Entered {
    name: String,
    value: String,
    /// Only the length of the value is known.
    is_hidden: bool,
}

/// What the fields of the page held before an action, by their names: the last value of each since the page came.
fn entered(moments: &[Moment], action: &Moment) -> Vec<Entered> {
    let before = moments.get(..(action.id.0 as usize).saturating_sub(1)).unwrap_or_default();
    let on_page = before.iter().rev().take_while(|moment| moment.kind != MomentKind::PageLoad);
    let mut found: Vec<Entered> = Vec::new();
    for moment in on_page.filter(|moment| moment.window == action.window && moment.sets_value()) {
        let (Some(target), Some(value)) = (&moment.target, &moment.value) else { continue };
        let name = target.name.clone().unwrap_or_else(|| target.selector.clone());
        if found.len() < ENTERED_MAX && !found.iter().any(|known| known.name == name) {
            let value = if moment.masked { phrases::masked(value) } else { value.clone() };
            found.push(Entered { name, value, is_hidden: moment.masked });
        }
    }
    found
}

/// An element in words, with what holds it and how its tag reads.
fn element(target: &Target) -> String {
    let name = target.name.as_deref().or(target.text.as_deref()).unwrap_or_default();
    let within = target.within.as_ref().map_or_else(String::new, |within| format!(" in {within}"));
    let markup = target.markup.as_ref().map_or_else(String::new, |markup| format!(" {markup}"));
    format!("{} \"{}\"{within}{markup}", target.role, name.replace('"', "'"))
}

fn push(
    differs: &mut Vec<Difference>,
    part: DifferencePart,
    name: Option<&str>,
    failed: Option<String>,
    well: Option<String>,
) {
    if differs.len() < DIFFERENCES_MAX {
        let side = |side: Option<String>| side.map(|side| one_line(&side, SIDE_CHARS_MAX));
        let name = name.map(|name| one_line(name, SIDE_CHARS_MAX));
        differs.push(Difference { part, name, failed: side(failed), well: side(well) });
    }
}
