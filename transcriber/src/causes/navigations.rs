//! Pages: whether the page asked for the next one, or the user by means of the browser, and the action that led there.
//!
//! A reload, the back button and a typed address are no outcome of the action before them. The type of a navigation, the
//! `Referer` of the request for the document and what recorders note of the history tell them apart.

use std::collections::HashMap;
use std::rc::Rc;

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::{Confidence, Edge, Evidence, MomentKind, NavigationKind};

use super::requests::{REQUEST_AFTER_MS, is_document, is_part};
use super::{CHAIN_AFTER_MS, Known, Now, SOON_MS, edge, is_past, is_same, outcome_of};
use crate::dialects::Way;
use crate::network::Asked;
use crate::observe::{Draft, DraftIndex, Note, is_click_on_noncontrol, origin};

/// How long a navigation may take to show after the action that asked for it.
const NAVIGATION_MS: f64 = 10_000.0;
/// A form is answered by another page within this time.
const SUBMITTED_MS: f64 = 5000.0;
/// Sources differ in their clocks by so much.
const CLOCKS_MS: f64 = 200.0;
/// A page that was left sooner, without an action, was only passed through.
const STAYED_MS: f64 = 500.0;
/// Pages that one window showed before that are remembered.
const EARLIER_MAX: usize = 100;

/// Who asked for a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// The page before it: a link, a form, a script.
    Page,
    /// The user, by means of the browser.
    Browser,
    /// The one or the other: a script went through the history, or the user was as fast.
    Either,
}

/// Who asked for which page, and for its document.
#[derive(Debug, Default)]
pub(super) struct Askers {
    found: HashMap<DraftIndex, Asker>,
    /// The requests for documents, by page.
    documents: HashMap<DraftIndex, DraftIndex>,
    /// When the browser loaded pages that the user asked it for: from the request to the page, by time.
    loading: Vec<(f64, f64)>,
}

impl Askers {
    /// Who asked for a page or a document, where that can be told.
    pub(super) fn of(&self, index: DraftIndex) -> Option<Asker> {
        self.found.get(&index).copied()
    }

    /// True for a time at which the browser loaded a page that the user asked it for.
    pub(super) fn is_loading(&self, at: f64) -> bool {
        let after = self.loading.partition_point(|(from, _)| *from <= at);
        after.checked_sub(1).and_then(|last| self.loading.get(last)).is_some_and(|(_, to)| at < *to)
    }
}

/// A page that came, and what was shown before.
struct Arrival<'a> {
    url: &'a str,
    left: &'a Shown,
    /// When it was asked for, as far as that is known.
    asked_at: f64,
}

/// What a window showed so far.
#[derive(Default)]
struct Shown {
    url: Rc<str>,
    since: f64,
    earlier: Vec<Rc<str>>,
    action: Option<DraftIndex>,
}

/// Finds who asked for each page and for its document, where that can be told, and marks pages to which the user came by
/// means of the browser.
pub(super) fn askers(drafts: &mut [Draft], known: &Known) -> Askers {
    let documents: Vec<DraftIndex> = (0..drafts.len()).filter(|index| is_document(&drafts[*index])).collect();
    let mut windows: HashMap<WindowNo, Shown> = HashMap::new();
    let mut askers = Askers::default();
    for index in 0..drafts.len() {
        let draft = &drafts[index];
        let shown = windows.entry(draft.window).or_default();
        if draft.kind.is_action() {
            shown.action = Some(index);
        }
        let Some(url) = draft.url.clone().filter(|_| is_page(draft)) else { continue };
        if !shown.url.is_empty() {
            let (asker, how, document) = asker(drafts, index, &documents, shown, known);
            drafts[index].navigation = how;
            for judged in [Some(index), document].into_iter().flatten() {
                asker.map(|asker| askers.found.insert(judged, asker));
            }
            document.map(|document| askers.documents.insert(index, document));
            if let Some(document) = document.filter(|_| asker == Some(Asker::Browser)) {
                askers.loading.push((drafts[document].at, drafts[index].at));
            }
        }
        let left = std::mem::replace(&mut shown.url, url);
        shown.since = drafts[index].at;
        if shown.earlier.len() < EARLIER_MAX && !left.is_empty() {
            shown.earlier.push(left);
        }
    }
    askers
}

fn is_page(draft: &Draft) -> bool {
    draft.kind.is_page()
}

/// Who asked for the page at `index`, how the user did so, and the request for its document.
fn asker(
    drafts: &[Draft],
    index: DraftIndex,
    documents: &[DraftIndex],
    left: &Shown,
    known: &Known,
) -> (Option<Asker>, Option<NavigationKind>, Option<DraftIndex>) {
    let page = &drafts[index];
    let by_recorder = page.reached.map(|way| match way {
        Way::Browser(_) | Way::OtherWindow => Asker::Browser,
        Way::Page => Asker::Page,
    });
    let url = page.url.as_deref().unwrap_or_default();
    let is_load = page.kind == MomentKind::PageLoad;
    let until = documents.partition_point(|document| drafts[*document].at <= page.at + CLOCKS_MS);
    let of_this = |document: &DraftIndex| {
        drafts[*document].request.as_ref().is_some_and(|request| is_same(&request.url, Some(url)))
    };
    let mut since = documents[..until].iter().rev().copied().take_while(|d| drafts[*d].at > left.since);
    let document = since.find(|document| is_load && of_this(document));
    if by_recorder.is_some() {
        return (by_recorder, page.navigation, document);
    }
    let arrival = Arrival { url, left, asked_at: document.map_or(page.at, |document| drafts[document].at) };
    let action = left.action.map(|action| &drafts[action]);
    let is_followed = action.and_then(|action| action.href.as_deref()).is_some_and(|href| is_same(href, Some(url)));
    let told = match document {
        _ if page.navigation.is_some() => Some((Asker::Browser, page.navigation)),
        _ if is_followed => None,
        Some(document) => by_request(&drafts[document], &arrival, known),
        // The browser keeps the pages that it showed before.
        None if is_load && !documents.is_empty() && arrival.was_shown() => {
            Some((Asker::Browser, Some(NavigationKind::BackForward)))
        }
        None => None,
    };
    let at_history = || {
        let asked = document.and_then(|document| drafts[document].asked.as_deref());
        let how = arrival.by_history(page.kind, action, asked, known)?;
        Some((Asker::Browser, Some(how)))
    };
    let is_answered = action.is_some_and(|action| arrival.comes_after_answer(action));
    let told = told.or_else(|| if is_followed { None } else { at_history() });
    let at_once = action.is_some_and(|action| {
        let gap = arrival.asked_at - action.end;
        !is_click_on_noncontrol(action) && (-CLOCKS_MS..=SOON_MS).contains(&gap)
    });
    match told {
        Some((Asker::Browser, how))
            if at_once || how == Some(NavigationKind::Reload) && !is_answered && action.is_some_and(submits) =>
        {
            (Some(Asker::Either), how.filter(|_| page.navigation.is_some()), document)
        }
        Some((asker, how)) => (Some(asker), how, document),
        None => (None, None, document),
    }
}

/// What the request for a document tells of who asked for it.
fn by_request(document: &Draft, arrival: &Arrival<'_>, known: &Known) -> Option<(Asker, Option<NavigationKind>)> {
    let asked: &Asked = document.asked.as_deref()?;
    let by_browser = |how: NavigationKind| Some((Asker::Browser, Some(how)));
    let is_sent = document.request.as_ref().is_some_and(|request| !matches!(request.method.as_str(), "GET" | "?"));
    let is_script = document.initiator.as_deref().is_some_and(|initiator| initiator.starts_with("script"));
    if is_sent || is_script {
        return Some((Asker::Page, None));
    }
    match asked.navigation {
        Some(NavigationKind::Reload) if arrival.is_again() => return by_browser(NavigationKind::Reload),
        Some(NavigationKind::BackForward) => return by_browser(NavigationKind::BackForward),
        Some(NavigationKind::Address) => return by_browser(arrival.kind()),
        _ => {}
    }
    let left = &arrival.left.url;
    match asked.referer.as_deref() {
        Some(referer) if is_same(referer, Some(left)) => Some((Asker::Page, None)),
        // To other sites, and by the wish of a page, the origin alone is sent.
        Some(referer) if origin(referer).is_some_and(|origin| referer.len() <= origin.len() + 1) => None,
        // Browsers repeat what was sent the first time.
        Some(_) if arrival.is_again() || arrival.was_shown() => by_browser(arrival.kind()),
        Some(_) => None,
        None if asked.has_headers && origin(left) == origin(arrival.url) && known.refers(left) => {
            by_browser(arrival.kind())
        }
        None => None,
    }
}

impl Arrival<'_> {
    /// The page that was shown is shown again.
    fn is_again(&self) -> bool {
        is_same(self.url, Some(&self.left.url))
    }

    /// The window showed it before.
    fn was_shown(&self) -> bool {
        !self.is_again() && self.left.earlier.iter().any(|earlier| is_same(self.url, Some(earlier)))
    }

    /// The action was answered by the page that it was done on, which stood still since.
    fn comes_after_answer(&self, action: &Draft) -> bool {
        let answered = action.outcome.as_ref().and_then(|outcome| outcome.first_change);
        self.asked_at - action.end > SOON_MS && answered.is_some_and(|answered| self.asked_at - answered > SOON_MS)
    }

    /// How the user came there as the history tells it, where nothing that was done on the page before can have led
    /// there.
    fn by_history(
        &self,
        kind: MomentKind,
        action: Option<&Draft>,
        asked: Option<&Asked>,
        known: &Known,
    ) -> Option<NavigationKind> {
        let is_idle =
            action.is_none_or(|action| action.end < self.left.since) && self.asked_at - self.left.since >= STAYED_MS;
        let was_last = self.left.earlier.last().is_some_and(|last| **last == *self.url);
        if kind == MomentKind::Navigate {
            let is_past = is_idle || action.is_some_and(|action| self.asked_at - action.end > NAVIGATION_MS);
            return (is_past && was_last).then_some(NavigationKind::BackForward);
        }
        let is_unsent = asked.is_some_and(|asked| asked.has_headers && asked.referer.is_none());
        let is_answered = || action.is_some_and(|action| self.comes_after_answer(action) && action.href.is_none());
        match () {
            () if asked.is_some_and(|asked| asked.referer.is_some()) && !self.was_shown() => None,
            () if self.is_again() && is_answered() => Some(NavigationKind::Reload),
            () if was_last && (is_idle || is_answered()) => Some(NavigationKind::BackForward),
            () if is_unsent && is_idle && origin(&self.left.url) == origin(self.url) && known.tells_referer() => {
                Some(self.kind())
            }
            () => None,
        }
    }

    /// How the user came there by means of the browser.
    fn kind(&self) -> NavigationKind {
        match () {
            () if self.is_again() => NavigationKind::Reload,
            () if self.was_shown() => NavigationKind::BackForward,
            () => NavigationKind::Address,
        }
    }
}

/// True for what sends a form: Enter, or a click on one of its buttons.
fn submits(action: &Draft) -> bool {
    let is_button = || action.target.as_ref().is_some_and(|target| target.role == "button");
    let is_enter = || action.kind == MomentKind::Key && action.value.as_deref() == Some("Enter");
    matches!(action.note, Some(Note::PressedEnter)) || is_enter() || action.form != 0 && is_button()
}

/// Links a page to the action that led to it.
pub(super) fn link_navigation(drafts: &mut [Draft], now: &mut Now, index: DraftIndex) {
    let asker = now.askers.of(index);
    let document = now.askers.documents.get(&index).copied();
    let asked_at = document.map_or(drafts[index].at, |document| drafts[document].at);
    let known = now.recorded.find(drafts, index);
    if asker == Some(Asker::Browser) {
        disown(drafts, now, index);
    } else if let Some(action) = known {
        drafts[index].cause = Some(action);
        drafts[index].edges.push(edge(action, Edge::ActionToNavigation, &[Evidence::Recorded], Confidence::High));
        outcome_of(&mut drafts[action]).navigation.get_or_insert(index);
        link_answer(drafts, now, action, index);
    } else if let Some(action) = now.action.filter(|action| may_lead(drafts, now, *action, index, asked_at)) {
        let followed = drafts[action].href.as_deref().is_some_and(|href| is_same(href, drafts[index].url.as_deref()));
        let evidence: &[Evidence] = if followed { &[Evidence::SameUrl, Evidence::Time] } else { &[Evidence::Time] };
        let confidence = match () {
            () if asker == Some(Asker::Either) => Confidence::Low,
            () if followed => Confidence::High,
            // A recorder that can tell the action names none.
            () if drafts[index].reached.is_some() && drafts[index].kind == MomentKind::Navigate => Confidence::Low,
            () if is_likely(&drafts[action], asker, drafts[index].kind, asked_at) => Confidence::Medium,
            () => Confidence::Low,
        };
        drafts[index].cause = Some(action);
        drafts[index].edges.push(edge(action, Edge::ActionToNavigation, evidence, confidence));
        outcome_of(&mut drafts[action]).navigation = Some(index);
        if !followed {
            link_answer(drafts, now, action, index);
        }
    }
    // What a page asks for when the user went through the history is asked for by that page.
    let is_step = matches!(drafts[index].reached, Some(Way::Browser(_)));
    if drafts[index].kind == MomentKind::PageLoad || is_step {
        outcome_of(&mut drafts[index]);
        now.load = Some(index);
    }
}

/// True when an action can have led to a page.
fn may_lead(drafts: &[Draft], now: &Now, action: DraftIndex, index: DraftIndex, asked_at: f64) -> bool {
    let (draft, at) = (&drafts[action], drafts[index].at);
    // A context menu and a drag lead nowhere; what is chosen from the menu is not recorded.
    !matches!(draft.kind, MomentKind::ContextMenu | MomentKind::Drag)
        && at - draft.end <= NAVIGATION_MS
        && asked_at >= draft.at - CLOCKS_MS
        && !(now.requests_known && is_past(draft, at) && !asked_for_document(drafts, action))
        && draft.outcome.as_ref().is_none_or(|outcome| outcome.navigation.is_none())
}

/// True when an action probably led to a page that was asked for at this time.
fn is_likely(action: &Draft, asker: Option<Asker>, kind: MomentKind, asked_at: f64) -> bool {
    let gap = asked_at - action.end;
    match kind {
        _ if gap <= SOON_MS => true,
        MomentKind::PageLoad if submits(action) => gap <= SUBMITTED_MS,
        _ => asker == Some(Asker::Page) && gap <= REQUEST_AFTER_MS,
    }
}

/// A form that was sent, and then the page that the answer asked for.
fn link_answer(drafts: &mut [Draft], now: &Now, action: DraftIndex, index: DraftIndex) {
    let at = drafts[index].at;
    let answer = now.recent.iter().rev().copied().find(|earlier| {
        let request = &drafts[*earlier];
        request.cause == Some(action)
            && request.end > request.at
            && !is_part(request)
            && (0.0..=CHAIN_AFTER_MS).contains(&(at - request.end))
    });
    if let Some(answer) = answer {
        drafts[index].edges.push(edge(answer, Edge::ResponseToNavigation, &[Evidence::Time], Confidence::Medium));
    }
}

/// A page that the user asked the browser for answers nothing that was done before.
fn disown(drafts: &mut [Draft], now: &Now, index: DraftIndex) {
    let window = drafts[index].window;
    let Some(action) = now.action.filter(|action| drafts[*action].window == window) else { return };
    if let Some(outcome) = drafts[action].outcome.as_mut().filter(|outcome| outcome.answered_by_load) {
        outcome.answered_otherwise = false;
    }
}

fn asked_for_document(drafts: &[Draft], action: DraftIndex) -> bool {
    drafts[action].outcome.iter().flat_map(|outcome| &outcome.requests).any(|request| is_document(&drafts[*request]))
}
