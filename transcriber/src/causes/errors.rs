//! Errors and console errors: the response, action or load that led to each.

use playhead_schemas::timeline::{Confidence, Edge, Evidence, Level, MomentKind};

use super::{DISTINCTIVE_CHARS_MIN, HANDLER_MS, Now, edge, outcome_of, shares_words};
use crate::Options;
use crate::observe::{CauseEdge, Draft, DraftIndex, Note};

/// A line or an error this soon after a failed response is about it.
const ANSWERED_MS: f64 = 500.0;

pub(super) fn link_line(drafts: &mut [Draft], now: &Now, index: DraftIndex, options: &Options) {
    let line = &drafts[index];
    if line.kind == MomentKind::Console && line.level != Some(Level::Error) {
        return;
    }
    let at = line.at;
    let by_action = now.action.filter(|action| at - drafts[*action].end <= options.error_after_ms);
    let by_load = now.load.filter(|load| at - drafts[*load].at <= options.error_after_ms);
    let known = now.recorded.find(drafts, index);
    let is_agreed = |from: DraftIndex| known.is_none() || drafts[from].cause == known;
    let by_response = by_response(drafts, now, index)
        .filter(|found| is_agreed(found.from) && (known.is_none() || found.confidence == Confidence::High));
    let by_recorder = known.map(|from| edge(from, Edge::ActionToError, &[Evidence::Recorded], Confidence::High));
    let found = by_response.or(by_recorder).or_else(|| {
        let confidence =
            |from: DraftIndex| if at - drafts[from].end <= HANDLER_MS { Confidence::Medium } else { Confidence::Low };
        by_action
            .map(|from| edge(from, Edge::ActionToError, &[Evidence::Time], confidence(from)))
            .or_else(|| by_load.map(|from| edge(from, Edge::LoadToError, &[Evidence::Time], confidence(from))))
    });
    let Some(found) = found else { return };
    // An error that a response led to also belongs to the action that made the request.
    let initiator = if found.edge == Edge::ResponseToError { drafts[found.from].cause } else { Some(found.from) };
    drafts[index].cause = Some(found.from);
    drafts[index].edges.push(found);
    if let Some(initiator) = initiator {
        outcome_of(&mut drafts[initiator]).errors.push(index);
    }
}

/// The request that an error is about: the one that it names, else one that failed just before.
fn by_response(drafts: &[Draft], now: &Now, index: DraftIndex) -> Option<CauseEdge> {
    let line = &drafts[index];
    let at = line.at;
    let address = if let Some(Note::Place(place)) = &line.note { place.as_str() } else { "" };
    let message = line.message.as_deref().unwrap_or_default();
    let told = now.recent.iter().rev().copied().find(|request| {
        let draft = &drafts[*request];
        let is_told = |url: &str| !url.is_empty() && (address.starts_with(url) || names_address(message, url));
        draft.request.as_ref().is_some_and(|r| is_told(&r.url)) && (draft.end - at).abs() < 1500.0
    });
    if let Some(from) = told {
        return Some(edge(from, Edge::ResponseToError, &[Evidence::SameUrl, Evidence::Time], Confidence::High));
    }
    let from = now.recent.iter().rev().copied().find(|request| {
        let draft = &drafts[*request];
        draft.cause.is_some()
            && (0.0..=ANSWERED_MS).contains(&(at - draft.end))
            && draft.end > draft.at
            && draft.request.as_ref().is_some_and(|r| r.failed || r.is_trouble())
    })?;
    let mut evidence = Vec::new();
    if is_told_in(&drafts[from], line.message.as_deref().unwrap_or_default()) {
        evidence.push(Evidence::SameText);
    }
    if shares_script(&drafts[from], line) {
        evidence.push(Evidence::Stack);
    }
    if evidence.is_empty() && is_handlers(drafts, now, from, at) {
        return None;
    }
    let confidence = if evidence.is_empty() { Confidence::Medium } else { Confidence::High };
    evidence.push(Evidence::Time);
    Some(CauseEdge { from, edge: Edge::ResponseToError, evidence, confidence })
}

/// True when an action came after that response and an error at this time comes from its handler.
fn is_handlers(drafts: &[Draft], now: &Now, response: DraftIndex, at: f64) -> bool {
    now.action.is_some_and(|action| {
        let done = drafts[action].end;
        done > drafts[response].end && (0.0..=HANDLER_MS).contains(&(at - done))
    })
}

/// True when a message holds a whole address, and no longer one that begins with it.
fn names_address(message: &str, url: &str) -> bool {
    let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_alphanumeric() || "/?&=%-_".contains(c));
    url.contains("://") && message.match_indices(url).any(|(at, _)| !goes_on(&message[at + url.len()..]))
}

/// True when a message names the status or the path of a request, or says what its response said.
fn is_told_in(request: &Draft, message: &str) -> bool {
    let Some(request) = &request.request else { return false };
    let path = request.url.split("://").last().and_then(|rest| rest.find('/').map(|at| &rest[at..]));
    let path = path.and_then(|path| path.split(['?', '#']).next()).unwrap_or_default();
    let status = request.status.is_some_and(|status| {
        message.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.parse() == Ok(status))
    });
    status
        || path.len() >= DISTINCTIVE_CHARS_MIN && message.contains(path)
        || shares_words(request.response_body.as_deref(), message)
}

/// True when the stack of an error names the script that began a request.
fn shares_script(request: &Draft, error: &Draft) -> bool {
    let script = request.initiator.as_deref().and_then(|initiator| initiator.strip_prefix("script "));
    let Some(script) = script.map(|place| place.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':')) else {
        return false;
    };
    script.len() >= DISTINCTIVE_CHARS_MIN && error.stack.as_deref().is_some_and(|stack| stack.contains(script))
}
