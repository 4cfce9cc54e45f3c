//! Requests: the action or load that began each, and the response that it follows from.

use std::collections::{HashMap, HashSet};

use playhead_schemas::timeline::{Confidence, Doubt, Edge, Evidence};

use super::{
    CHAIN_AFTER_MS, DISTINCTIVE_CHARS_MIN, HANDLER_MS, Now, READ_MAX, SOON_MS, edge, is_past, is_same, outcome_of,
};
use crate::observe::{CauseEdge, Draft, DraftIndex};

/// A request that starts this long after an action's end may be the action's own.
pub(super) const REQUEST_AFTER_MS: f64 = 1500.0;
/// Requests of a page that is loading.
const LOADING_MS: f64 = 10_000.0;
/// Requests to one address that come this often at even distances are polling.
const POLLING_COUNT: usize = 4;

pub(super) fn link_request(drafts: &mut [Draft], now: &Now, index: DraftIndex) {
    let start = drafts[index].at;
    let chained = chained(drafts, now, index);
    let told = drafts[index].belongs.and_then(|belongs| belongs.action);
    if let Some(action) = now.recorded.find(drafts, index) {
        let mut edges = vec![edge(action, Edge::ActionToRequest, &[Evidence::Recorded], Confidence::High)];
        edges.extend(chained.filter(|edge| is_informative(drafts, edge, index)));
        drafts[index].cause = Some(action);
        drafts[index].edges = edges;
        outcome_of(&mut drafts[action]).requests.push(index);
        return;
    }
    if let Some(page) = now.recorded.coming(drafts, index).filter(|_| told.is_none()) {
        drafts[index].cause = Some(page);
        drafts[index].edges = vec![edge(page, Edge::LoadToRequest, &[Evidence::Time], Confidence::Medium)];
        outcome_of(&mut drafts[page]).requests.push(index);
        return;
    }
    // What belongs to an action that left no moment is no other action's.
    let by_action = now.action.filter(|_| told.is_none()).filter(|action| {
        let action = &drafts[*action];
        start <= action.end + REQUEST_AFTER_MS
            && !is_past(action, start)
            && now.load.is_none_or(|load| drafts[load].at < action.at)
    });
    let by_load = now
        .load
        .filter(|_| told.is_none())
        .filter(|load| start - drafts[*load].at <= LOADING_MS && by_action.is_none());
    let through = chained.as_ref().and_then(|edge| drafts[edge.from].cause);
    let Some(cause) = by_action.or(through).or(by_load) else { return };
    let is_load = Some(cause) == by_load && by_action.or(through).is_none();
    let mut edges = vec![begun(drafts, cause, index, is_load, chained.is_some())];
    // The response is the nearer cause; the action is the one that a reader looks for.
    edges.extend(chained.filter(|edge| is_informative(drafts, edge, index)));
    drafts[index].cause = Some(cause);
    drafts[index].edges = edges;
    outcome_of(&mut drafts[cause]).requests.push(index);
}

/// The edge from the action or load that began a request.
fn begun(drafts: &[Draft], cause: DraftIndex, index: DraftIndex, is_load: bool, chained: bool) -> CauseEdge {
    let (from, request) = (&drafts[cause], &drafts[index]);
    let url = request.request.as_ref().map(|r| r.url.as_str());
    let mut evidence = Vec::new();
    if from.href.as_deref().is_some_and(|href| is_same(href, url)) {
        evidence.push(Evidence::SameUrl);
    }
    let named = !evidence.is_empty();
    if request.initiator.as_deref().is_some_and(|initiator| initiator.starts_with("script")) && !is_load {
        evidence.push(Evidence::Initiator);
    }
    evidence.push(Evidence::Time);
    let gap = request.at - from.end;
    let confidence = match () {
        () if request.doubts.contains(&Doubt::TimeUnknown) => Confidence::Low,
        () if named => Confidence::High,
        // A recorder that can tell the action names none.
        () if chained || !is_load && request.belongs.is_some() => Confidence::Low,
        () if gap <= SOON_MS || is_load && gap <= HANDLER_MS * 30.0 => Confidence::Medium,
        () => Confidence::Low,
    };
    let from_load = from.kind.is_page();
    let edge = if from_load { Edge::LoadToRequest } else { Edge::ActionToRequest };
    CauseEdge { from: cause, edge, evidence, confidence }
}

/// The response that a request goes on from: one that named what is asked for, else the last that came.
fn chained(drafts: &[Draft], now: &Now, index: DraftIndex) -> Option<CauseEdge> {
    let start = drafts[index].at;
    let mut came = now.recent.iter().rev().copied().filter(|earlier| {
        let earlier = &drafts[*earlier];
        earlier.end > earlier.at && earlier.cause.is_some() && (0.0..=CHAIN_AFTER_MS).contains(&(start - earlier.end))
    });
    let last = came.next()?;
    let url = drafts[index].request.as_ref().map_or("", |request| request.url.as_str());
    let named = std::iter::once(last).chain(came).take(READ_MAX).find(|earlier| names(&drafts[*earlier], url));
    Some(match named {
        Some(earlier) => {
            edge(earlier, Edge::ResponseToRequest, &[Evidence::SameText, Evidence::Time], Confidence::High)
        }
        None if is_document(&drafts[last]) => {
            edge(last, Edge::ResponseToRequest, &[Evidence::Time], Confidence::Medium)
        }
        None => edge(last, Edge::ResponseToRequest, &[Evidence::Time], Confidence::Low),
    })
}

pub(super) fn is_document(draft: &Draft) -> bool {
    draft.request.as_ref().is_some_and(|request| request.resource.as_deref() == Some("document"))
}

/// True for a part of a page, such as an image: nothing follows from its response.
pub(super) fn is_part(draft: &Draft) -> bool {
    let resource = draft.request.as_ref().and_then(|request| request.resource.as_deref());
    matches!(resource, Some("script" | "stylesheet" | "image" | "font" | "media" | "manifest" | "ping"))
}

/// True when an edge says more than that images and scripts are loaded one after the other.
fn is_informative(drafts: &[Draft], edge: &CauseEdge, index: DraftIndex) -> bool {
    let is_call = |index: DraftIndex| {
        let resource = drafts[index].request.as_ref().and_then(|request| request.resource.as_deref());
        matches!(resource, None | Some("fetch" | "xhr" | "xmlhttprequest" | "websocket" | "eventsource"))
    };
    edge.confidence != Confidence::Low || is_call(edge.from) && is_call(index)
}

/// True when a response holds what an address ends with: an id or a path that it gave out.
fn names(response: &Draft, url: &str) -> bool {
    let Some(body) = response.request.as_ref().and_then(|request| request.response_body.as_deref()) else {
        return false;
    };
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_id = last.len() >= DISTINCTIVE_CHARS_MIN && last.bytes().any(|b| b.is_ascii_digit());
    let asked = response.request.as_ref().is_some_and(|request| request.url.contains(last));
    is_id && !asked && body.contains(last)
}

/// Requests that a page repeats on its own: the same address at even distances.
pub(super) fn polling(drafts: &[Draft]) -> HashSet<DraftIndex> {
    let mut by_address: HashMap<(&str, &str), Vec<DraftIndex>> = HashMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        if let Some(request) = &draft.request {
            let path = request.url.split('?').next().unwrap_or_default();
            by_address.entry((&request.method, path)).or_default().push(index);
        }
    }
    by_address.into_values().filter(|group| group.len() >= POLLING_COUNT && is_even(drafts, group)).flatten().collect()
}

fn is_even(drafts: &[Draft], group: &[DraftIndex]) -> bool {
    let mut gaps: Vec<f64> = group.windows(2).map(|pair| drafts[pair[1]].at - drafts[pair[0]].at).collect();
    gaps.sort_by(f64::total_cmp);
    let median = gaps[gaps.len() / 2];
    let near = gaps.iter().filter(|gap| (**gap - median).abs() <= median * 0.2).count();
    median > 200.0 && near * 10 >= gaps.len() * 7
}
