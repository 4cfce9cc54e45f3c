//! What led to what: each request, error and navigation is tied to the drafts that led to it.
//!
//! In: all drafts in order of time. Out: the same, each with its ties, the surest first, and the
//! outcomes of actions filled with what they began. Every tie has its evidence. Never here: ties
//! between things that nothing but the recording's length has in common.

use std::cmp::Reverse;
use std::collections::HashMap;

use playhead_schemas::timeline::{Change, Confidence, Edge, Evidence, Level, MomentKind};

use crate::Options;
use crate::observe::{Draft, DraftIndex, Effects, INERT_MS, Note, Tie, is_inert};

/// A request that starts this long after an action's end may be the action's own.
const REQUEST_AFTER_MS: f64 = 1500.0;
/// A request that starts this long after a response goes on from it.
const CHAIN_AFTER_MS: f64 = 300.0;
/// Requests of a page that is loading.
const LOADING_MS: f64 = 10_000.0;
/// How long a navigation may take to show after the action that asked for it.
const NAVIGATION_MS: f64 = 10_000.0;
/// A line or an error this soon after a failed response is about it.
const ANSWERED_MS: f64 = 500.0;
/// What a response changes on the page is there by then.
const RENDER_MS: f64 = 800.0;
/// What comes this soon after an action comes from its own handler.
const HANDLER_MS: f64 = 100.0;
/// What comes this soon after may still be taken for the next thing that happened.
const SOON_MS: f64 = 400.0;
/// Requests to one address that come this often at even distances are polling.
const POLLING_COUNT: usize = 4;
/// Requests that are remembered, to find the one that a line or a request goes on from.
const RECENT_MAX: usize = 64;
/// Responses whose words are looked for in what follows.
const READ_MAX: usize = 8;
/// A part of an address or a text that is shorter says nothing.
const TELLING_CHARS_MIN: usize = 4;

/// What is going on at the time that the linking has reached.
#[derive(Default)]
struct Now {
    action: Option<DraftIndex>,
    load: Option<DraftIndex>,
    recent: Vec<DraftIndex>,
    /// Requests were captured at all.
    requests_known: bool,
}

/// Ties every request, error and navigation to what led to it.
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
        drafts[index].ties.sort_by_key(|tie| Reverse(tie.confidence));
    }
}

fn effects(draft: &mut Draft) -> &mut Effects {
    draft.outcome.get_or_insert_with(Effects::default)
}

fn tie(from: DraftIndex, edge: Edge, evidence: &[Evidence], confidence: Confidence) -> Tie {
    Tie { from, edge, evidence: evidence.to_vec(), confidence }
}

fn link_navigation(drafts: &mut [Draft], now: &mut Now, index: DraftIndex) {
    let at = drafts[index].at;
    let asked = now.action.filter(|action| {
        // A context menu and a drag lead nowhere; what is chosen from the menu is not recorded.
        !matches!(drafts[*action].kind, MomentKind::ContextMenu | MomentKind::Drag)
            && at - drafts[*action].end <= NAVIGATION_MS
            && !(now.requests_known && is_past(&drafts[*action], at) && !asked_for_document(drafts, *action))
            && drafts[*action].outcome.as_ref().is_none_or(|effects| effects.navigation.is_none())
    });
    if let Some(action) = asked {
        let followed = drafts[action].href.as_deref().is_some_and(|href| is_same(href, drafts[index].url.as_deref()));
        let soon = at - drafts[action].end <= SOON_MS;
        let tied = match (followed, soon) {
            (true, _) => tie(action, Edge::ActionToNavigation, &[Evidence::SameUrl, Evidence::Time], Confidence::High),
            (_, true) => tie(action, Edge::ActionToNavigation, &[Evidence::Time], Confidence::Medium),
            _ => tie(action, Edge::ActionToNavigation, &[Evidence::Time], Confidence::Low),
        };
        drafts[index].cause = Some(action);
        drafts[index].ties.push(tied);
        effects(&mut drafts[action]).navigation = Some(index);
        // A form that was sent, and then the page that the answer asked for.
        let answer = now.recent.iter().rev().copied().find(|earlier| {
            let request = &drafts[*earlier];
            request.cause == Some(action)
                && request.end > request.at
                && !is_part(request)
                && (0.0..=CHAIN_AFTER_MS).contains(&(at - request.end))
        });
        if let Some(answer) = answer.filter(|_| !followed) {
            drafts[index].ties.push(tie(answer, Edge::ResponseToNavigation, &[Evidence::Time], Confidence::Medium));
        }
    }
    if drafts[index].kind == MomentKind::PageLoad {
        effects(&mut drafts[index]);
        now.load = Some(index);
    }
}

/// True when an action was done to what nobody would call a control, and what it led to must have begun before `at`.
fn is_past(action: &Draft, at: f64) -> bool {
    is_inert(action) && at - action.end > INERT_MS
}

fn asked_for_document(drafts: &[Draft], action: DraftIndex) -> bool {
    drafts[action].outcome.iter().flat_map(|effects| &effects.requests).any(|request| is_document(&drafts[*request]))
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
    let through = chained.as_ref().and_then(|tie| drafts[tie.from].cause);
    let Some(cause) = by_action.or(through).or(by_load) else { return };
    let is_load = Some(cause) == by_load && by_action.or(through).is_none();
    let mut ties = vec![begun(drafts, cause, index, is_load, chained.is_some())];
    // The response that it goes on from is the nearer cause, the action the one that a reader asks for.
    ties.extend(chained.filter(|tie| is_telling(drafts, tie, index)));
    drafts[index].cause = Some(cause);
    drafts[index].ties = ties;
    effects(&mut drafts[cause]).requests.push(index);
}

/// The tie of a request to the action or load that began it.
fn begun(drafts: &[Draft], cause: DraftIndex, index: DraftIndex, is_load: bool, chained: bool) -> Tie {
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
    Tie { from: cause, edge, evidence, confidence }
}

/// The response that a request goes on from: one that named what is asked for, else the last that came.
fn chained(drafts: &[Draft], now: &Now, index: DraftIndex) -> Option<Tie> {
    let start = drafts[index].at;
    let mut came = now.recent.iter().rev().copied().filter(|earlier| {
        let earlier = &drafts[*earlier];
        earlier.end > earlier.at && earlier.cause.is_some() && (0.0..=CHAIN_AFTER_MS).contains(&(start - earlier.end))
    });
    let last = came.next()?;
    let url = drafts[index].request.as_ref().map_or("", |request| request.url.as_str());
    let named = std::iter::once(last).chain(came).take(READ_MAX).find(|earlier| names(&drafts[*earlier], url));
    Some(match named {
        Some(earlier) => tie(earlier, Edge::ResponseToRequest, &[Evidence::SameText, Evidence::Time], Confidence::High),
        None if is_document(&drafts[last]) => tie(last, Edge::ResponseToRequest, &[Evidence::Time], Confidence::Medium),
        None => tie(last, Edge::ResponseToRequest, &[Evidence::Time], Confidence::Low),
    })
}

fn is_document(draft: &Draft) -> bool {
    draft.request.as_ref().is_some_and(|request| request.resource.as_deref() == Some("document"))
}

/// True for what a page is made of: it leads nowhere.
fn is_part(draft: &Draft) -> bool {
    let resource = draft.request.as_ref().and_then(|request| request.resource.as_deref());
    matches!(resource, Some("script" | "stylesheet" | "image" | "font" | "media" | "manifest" | "ping"))
}

/// True when a tie says more than that pictures and scripts are loaded one after the other.
fn is_telling(drafts: &[Draft], tie: &Tie, index: DraftIndex) -> bool {
    let is_call = |index: DraftIndex| {
        let resource = drafts[index].request.as_ref().and_then(|request| request.resource.as_deref());
        matches!(resource, None | Some("fetch" | "xhr" | "xmlhttprequest" | "websocket" | "eventsource"))
    };
    tie.confidence != Confidence::Low || is_call(tie.from) && is_call(index)
}

/// True when a response holds what an address ends with: an id or a path that it gave out.
fn names(response: &Draft, url: &str) -> bool {
    let Some(body) = response.request.as_ref().and_then(|request| request.response_body.as_deref()) else {
        return false;
    };
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let is_id = last.len() >= TELLING_CHARS_MIN && last.bytes().any(|b| b.is_ascii_digit());
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
    let tied = by_response(drafts, now, index).or_else(|| {
        let confidence =
            |from: DraftIndex| if at - drafts[from].end <= HANDLER_MS { Confidence::Medium } else { Confidence::Low };
        by_action
            .map(|from| tie(from, Edge::ActionToError, &[Evidence::Time], confidence(from)))
            .or_else(|| by_load.map(|from| tie(from, Edge::LoadToError, &[Evidence::Time], confidence(from))))
    });
    let Some(tied) = tied else { return };
    // An error that a response led to is also the doing of whoever asked.
    let doer = if tied.edge == Edge::ResponseToError { drafts[tied.from].cause } else { Some(tied.from) };
    drafts[index].cause = Some(tied.from);
    drafts[index].ties.push(tied);
    if let Some(doer) = doer {
        effects(&mut drafts[doer]).errors.push(index);
    }
}

/// The request that an error is about: the one that it names, else one that failed just before.
fn by_response(drafts: &[Draft], now: &Now, index: DraftIndex) -> Option<Tie> {
    let line = &drafts[index];
    let at = line.at;
    let address = if let Some(Note::Place(place)) = &line.note { place.as_str() } else { "" };
    let told = now.recent.iter().rev().copied().find(|request| {
        let draft = &drafts[*request];
        draft.request.as_ref().is_some_and(|r| !r.url.is_empty() && address.starts_with(r.url.as_str()))
            && (draft.end - at).abs() < 1500.0
    });
    if let Some(from) = told {
        return Some(tie(from, Edge::ResponseToError, &[Evidence::SameUrl, Evidence::Time], Confidence::High));
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
    Some(Tie { from, edge: Edge::ResponseToError, evidence, confidence })
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
        || path.len() >= TELLING_CHARS_MIN && message.contains(path)
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
    script.len() >= TELLING_CHARS_MIN && error.stack.as_deref().is_some_and(|stack| stack.contains(script))
}

/// Ties the changes of the page that followed from an action to the response or error before them.
fn link_changes(drafts: &mut [Draft], index: DraftIndex) {
    let Some(effects) = &drafts[index].outcome else { return };
    if effects.requests.is_empty() && effects.errors.is_empty() {
        return;
    }
    let changes = effects.told.changes.iter();
    let ties: Vec<Option<Tie>> =
        changes.map(|told| change_tie(drafts, effects, shown_text(&told.change), told.at)).collect();
    if let Some(effects) = &mut drafts[index].outcome {
        effects.told.changes.iter_mut().zip(ties).for_each(|(told, tie)| told.tie = tie);
    }
}

/// What led to one change: an error or a response whose words it shows, else the last response before it.
fn change_tie(drafts: &[Draft], effects: &Effects, shown: &str, at: f64) -> Option<Tie> {
    let before = |index: &&DraftIndex| (0.0..=RENDER_MS).contains(&(at - drafts[**index].end));
    let error = effects.errors.iter().rev().filter(before).find(|index| {
        let message = drafts[**index].message.as_deref().unwrap_or_default();
        shown.len() >= TELLING_CHARS_MIN && (message.contains(shown) || !message.is_empty() && shown.contains(message))
    });
    if let Some(error) = error {
        return Some(tie(*error, Edge::ErrorToDom, &[Evidence::SameText, Evidence::Time], Confidence::High));
    }
    let answered = |index: &&DraftIndex| drafts[**index].end > drafts[**index].at;
    let body = |index: DraftIndex| drafts[index].request.as_ref().and_then(|request| request.response_body.as_deref());
    let mut responses: Vec<DraftIndex> = effects.requests.iter().filter(before).filter(answered).copied().collect();
    responses.sort_by(|a, b| drafts[*b].end.total_cmp(&drafts[*a].end));
    let told = responses.iter().take(READ_MAX).find(|index| {
        shown.len() >= TELLING_CHARS_MIN && body(**index).is_some_and(|body| body.contains(shown))
            || shares_words(body(**index), shown)
    });
    if let Some(response) = told {
        return Some(tie(*response, Edge::ResponseToDom, &[Evidence::SameText, Evidence::Time], Confidence::High));
    }
    let last = responses.first()?;
    let soon = at - drafts[*last].end <= SOON_MS;
    let confidence = if soon && responses.len() == 1 { Confidence::Medium } else { Confidence::Low };
    Some(tie(*last, Edge::ResponseToDom, &[Evidence::Time], confidence))
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
