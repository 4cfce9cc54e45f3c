//! Causes: each request, error and navigation is linked to the drafts that led to it.
//!
//! In: all drafts in order of time. Out: the same, each with its edges, those of the highest confidence first, and
//! the outcomes of actions filled with what they began. Every edge has its evidence. Never here: an edge between
//! drafts that are only in the same recording.

use std::cmp::Reverse;
use std::collections::HashMap;

use playhead_schemas::timeline::{Change, Confidence, Edge, Evidence, Level, MomentKind};

use crate::Options;
use crate::observe::{CauseEdge, Draft, DraftIndex, DraftOutcome, NONCONTROL_MS, Note, is_click_on_noncontrol};

/// A request that starts this long after an action's end may be the action's own.
const REQUEST_AFTER_MS: f64 = 1500.0;
/// A request that starts this soon after a response may follow from it.
const CHAIN_AFTER_MS: f64 = 300.0;
/// Requests of a page that is loading.
const LOADING_MS: f64 = 10_000.0;
/// How long a navigation may take to show after the action that asked for it.
const NAVIGATION_MS: f64 = 10_000.0;
/// A line or an error this soon after a failed response is about it.
const ANSWERED_MS: f64 = 500.0;
/// What a response changes on the page is there by then.
const RENDER_MS: f64 = 800.0;
/// An event this soon after an action comes from its handler.
const HANDLER_MS: f64 = 100.0;
/// An event this soon after another one probably follows from it.
const SOON_MS: f64 = 400.0;
/// Requests to one address that come this often at even distances are polling.
const POLLING_COUNT: usize = 4;
/// Requests that are remembered, to find the one that a line or a request goes on from.
const RECENT_MAX: usize = 64;
/// Responses whose words are looked for in what follows.
const READ_MAX: usize = 8;
/// A part of an address or a text that is shorter is not distinctive.
const DISTINCTIVE_CHARS_MIN: usize = 4;

/// The state at the time that the linking has reached.
#[derive(Default)]
struct Now {
    action: Option<DraftIndex>,
    load: Option<DraftIndex>,
    recent: Vec<DraftIndex>,
    /// Requests were captured at all.
    requests_known: bool,
}

/// Links every request, error and navigation to what led to it.
pub(crate) fn link(drafts: &mut [Draft], options: &Options) {
    let polling = polling(drafts);
    let requests_known = drafts.iter().any(|draft| draft.kind == MomentKind::Request);
    let mut now = Now { requests_known, ..Now::default() };
    for index in 0..drafts.len() {
        match drafts[index].kind {
            kind if kind.is_action() => now.action = Some(index),
            MomentKind::PageLoad | MomentKind::Navigate => link_navigation(drafts, &mut now, index),
            MomentKind::Request => {
                if !polling.contains(&index) {
                    link_request(drafts, &now, index);
                }
                if now.recent.len() == RECENT_MAX {
                    now.recent.remove(0);
                }
                now.recent.push(index);
            }
            MomentKind::Console | MomentKind::Error => link_line(drafts, &now, index, options),
            _ => {}
        }
    }
    for index in 0..drafts.len() {
        link_changes(drafts, index);
        drafts[index].edges.sort_by_key(|edge| Reverse(edge.confidence));
    }
}

fn outcome_of(draft: &mut Draft) -> &mut DraftOutcome {
    draft.outcome.get_or_insert_with(DraftOutcome::default)
}

fn edge(from: DraftIndex, edge: Edge, evidence: &[Evidence], confidence: Confidence) -> CauseEdge {
    CauseEdge { from, edge, evidence: evidence.to_vec(), confidence }
}

fn link_navigation(drafts: &mut [Draft], now: &mut Now, index: DraftIndex) {
    let at = drafts[index].at;
    let asked = now.action.filter(|action| {
        // A context menu and a drag lead nowhere; what is chosen from the menu is not recorded.
        !matches!(drafts[*action].kind, MomentKind::ContextMenu | MomentKind::Drag)
            && at - drafts[*action].end <= NAVIGATION_MS
            && !(now.requests_known && is_past(&drafts[*action], at) && !asked_for_document(drafts, *action))
            && drafts[*action].outcome.as_ref().is_none_or(|outcome| outcome.navigation.is_none())
    });
    if let Some(action) = asked {
        let followed = drafts[action].href.as_deref().is_some_and(|href| is_same(href, drafts[index].url.as_deref()));
        let soon = at - drafts[action].end <= SOON_MS;
        let found = match (followed, soon) {
            (true, _) => edge(action, Edge::ActionToNavigation, &[Evidence::SameUrl, Evidence::Time], Confidence::High),
            (_, true) => edge(action, Edge::ActionToNavigation, &[Evidence::Time], Confidence::Medium),
            _ => edge(action, Edge::ActionToNavigation, &[Evidence::Time], Confidence::Low),
        };
        drafts[index].cause = Some(action);
        drafts[index].edges.push(found);
        outcome_of(&mut drafts[action]).navigation = Some(index);
        // A form that was sent, and then the page that the answer asked for.
        let answer = now.recent.iter().rev().copied().find(|earlier| {
            let request = &drafts[*earlier];
            request.cause == Some(action)
                && request.end > request.at
                && !is_part(request)
                && (0.0..=CHAIN_AFTER_MS).contains(&(at - request.end))
        });
        if let Some(answer) = answer.filter(|_| !followed) {
            drafts[index].edges.push(edge(answer, Edge::ResponseToNavigation, &[Evidence::Time], Confidence::Medium));
        }
    }
    if drafts[index].kind == MomentKind::PageLoad {
        outcome_of(&mut drafts[index]);
        now.load = Some(index);
    }
}

/// True for a click on something that is not a control when what it led to must have begun before `at`.
fn is_past(action: &Draft, at: f64) -> bool {
    is_click_on_noncontrol(action) && at - action.end > NONCONTROL_MS
}

fn asked_for_document(drafts: &[Draft], action: DraftIndex) -> bool {
    drafts[action].outcome.iter().flat_map(|outcome| &outcome.requests).any(|request| is_document(&drafts[*request]))
}

fn link_request(drafts: &mut [Draft], now: &Now, index: DraftIndex) {
    let start = drafts[index].at;
    let chained = chained(drafts, now, index);
    let by_action = now.action.filter(|action| {
        let action = &drafts[*action];
        start <= action.end + REQUEST_AFTER_MS
            && !is_past(action, start)
            && now.load.is_none_or(|load| drafts[load].at < action.at)
    });
    let by_load = now.load.filter(|load| start - drafts[*load].at <= LOADING_MS && by_action.is_none());
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
        () if named => Confidence::High,
        () if chained => Confidence::Low,
        () if gap <= SOON_MS || is_load && gap <= HANDLER_MS * 30.0 => Confidence::Medium,
        () => Confidence::Low,
    };
    let from_load = matches!(from.kind, MomentKind::PageLoad | MomentKind::Navigate);
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

fn is_document(draft: &Draft) -> bool {
    draft.request.as_ref().is_some_and(|request| request.resource.as_deref() == Some("document"))
}

/// True for a part of a page, such as an image: nothing follows from its response.
fn is_part(draft: &Draft) -> bool {
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

/// True when two addresses are one but for the fragment.
fn is_same(href: &str, url: Option<&str>) -> bool {
    let bare = |url: &str| url.split('#').next().unwrap_or_default().trim_end_matches('/').to_owned();
    url.is_some_and(|url| !href.is_empty() && bare(&crate::scrub::clean_url(href)) == bare(url))
}

fn link_line(drafts: &mut [Draft], now: &Now, index: DraftIndex, options: &Options) {
    let line = &drafts[index];
    if line.kind == MomentKind::Console && line.level != Some(Level::Error) {
        return;
    }
    let at = line.at;
    let by_action = now.action.filter(|action| at - drafts[*action].end <= options.error_after_ms);
    let by_load = now.load.filter(|load| at - drafts[*load].at <= options.error_after_ms);
    let found = by_response(drafts, now, index).or_else(|| {
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
    let told = now.recent.iter().rev().copied().find(|request| {
        let draft = &drafts[*request];
        draft.request.as_ref().is_some_and(|r| !r.url.is_empty() && address.starts_with(r.url.as_str()))
            && (draft.end - at).abs() < 1500.0
    });
    if let Some(from) = told {
        return Some(edge(from, Edge::ResponseToError, &[Evidence::SameUrl, Evidence::Time], Confidence::High));
    }
    let from = now.recent.iter().rev().copied().find(|request| {
        let draft = &drafts[*request];
        draft.cause.is_some()
            && (0.0..=ANSWERED_MS).contains(&(at - draft.end))
            && draft.end > draft.at
            && draft.request.as_ref().is_some_and(|r| r.failed || r.status.is_some_and(|s| s >= 400))
    })?;
    let mut evidence = Vec::new();
    if is_told_in(&drafts[from], line.message.as_deref().unwrap_or_default()) {
        evidence.push(Evidence::SameText);
    }
    if shares_script(&drafts[from], line) {
        evidence.push(Evidence::Stack);
    }
    let confidence = if evidence.is_empty() { Confidence::Medium } else { Confidence::High };
    evidence.push(Evidence::Time);
    Some(CauseEdge { from, edge: Edge::ResponseToError, evidence, confidence })
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

/// True when a string of a response's JSON, long enough to be no chance, stands in a text.
fn shares_words(body: Option<&str>, text: &str) -> bool {
    const WORDS_BYTES_MIN: usize = 10;
    let Some(body) = body else { return false };
    body.split('"').skip(1).step_by(2).take(64).any(|said| said.len() >= WORDS_BYTES_MIN && text.contains(said))
}

/// True when the stack of an error names the script that began a request.
fn shares_script(request: &Draft, error: &Draft) -> bool {
    let script = request.initiator.as_deref().and_then(|initiator| initiator.strip_prefix("script "));
    let Some(script) = script.map(|place| place.trim_end_matches(|c: char| c.is_ascii_digit() || c == ':')) else {
        return false;
    };
    script.len() >= DISTINCTIVE_CHARS_MIN && error.stack.as_deref().is_some_and(|stack| stack.contains(script))
}

/// Links the changes of the page that followed from an action to the response or error before them.
fn link_changes(drafts: &mut [Draft], index: DraftIndex) {
    let Some(outcome) = &drafts[index].outcome else { return };
    if outcome.requests.is_empty() && outcome.errors.is_empty() {
        return;
    }
    let changes = outcome.changes.reported.iter();
    let edges: Vec<Option<CauseEdge>> =
        changes.map(|reported| change_edge(drafts, outcome, shown_text(&reported.change), reported.at)).collect();
    if let Some(outcome) = &mut drafts[index].outcome {
        outcome.changes.reported.iter_mut().zip(edges).for_each(|(reported, edge)| reported.edge = edge);
    }
}

/// What led to one change: an error or a response whose words it shows, else the last response before it.
fn change_edge(drafts: &[Draft], outcome: &DraftOutcome, shown: &str, at: f64) -> Option<CauseEdge> {
    let before = |index: &&DraftIndex| (0.0..=RENDER_MS).contains(&(at - drafts[**index].end));
    let error = outcome.errors.iter().rev().filter(before).find(|index| {
        let message = drafts[**index].message.as_deref().unwrap_or_default();
        shown.len() >= DISTINCTIVE_CHARS_MIN
            && (message.contains(shown) || !message.is_empty() && shown.contains(message))
    });
    if let Some(error) = error {
        return Some(edge(*error, Edge::ErrorToDom, &[Evidence::SameText, Evidence::Time], Confidence::High));
    }
    let answered = |index: &&DraftIndex| drafts[**index].end > drafts[**index].at;
    let body = |index: DraftIndex| drafts[index].request.as_ref().and_then(|request| request.response_body.as_deref());
    let mut responses: Vec<DraftIndex> = outcome.requests.iter().filter(before).filter(answered).copied().collect();
    responses.sort_by(|a, b| drafts[*b].end.total_cmp(&drafts[*a].end));
    let told = responses.iter().take(READ_MAX).find(|index| {
        shown.len() >= DISTINCTIVE_CHARS_MIN && body(**index).is_some_and(|body| body.contains(shown))
            || shares_words(body(**index), shown)
    });
    if let Some(response) = told {
        return Some(edge(*response, Edge::ResponseToDom, &[Evidence::SameText, Evidence::Time], Confidence::High));
    }
    let last = responses.first()?;
    let soon = at - drafts[*last].end <= SOON_MS;
    let confidence = if soon && responses.len() == 1 { Confidence::Medium } else { Confidence::Low };
    Some(edge(*last, Edge::ResponseToDom, &[Evidence::Time], confidence))
}

/// The text that the page shows since a change; empty when it is not known.
fn shown_text(change: &Change) -> &str {
    let text = match change {
        Change::Appeared { what } | Change::Disappeared { what } | Change::AppearedAndDisappeared { what } => {
            what.text()
        }
        Change::Text { after, .. } => Some(after.as_str()),
        Change::Value { masked: true, .. } => None,
        Change::Value { value, .. } => Some(value.as_str()),
        Change::Invalid { element, message } => message.as_deref().or(element.name.as_deref()),
        Change::Enabled { element, .. }
        | Change::Expanded { element, .. }
        | Change::Toggled { element, .. }
        | Change::Selected { element }
        | Change::Busy { element }
        | Change::FocusMoved { element } => element.name.as_deref(),
        Change::ListLength { list, removed_item, .. } => removed_item.as_deref().or(list.as_deref()),
        Change::RowTexts { .. } | Change::Loading { .. } | Change::Scrolled { .. } | Change::Elements { .. } => None,
    };
    text.unwrap_or_default()
}

/// Requests that a page repeats on its own: the same address at even distances.
fn polling(drafts: &[Draft]) -> std::collections::HashSet<DraftIndex> {
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
