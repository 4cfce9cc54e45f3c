//! What the pattern of a moment means: dead and slow clicks, errors after actions, refused fields, forms that
//! were left or sent again, pages that were left at once, poor vitals, hydration errors.
//!
//! Rage clicks are found where clicks are put together ([`crate::observe`]).

mod forms;
mod hydration;
mod pages;

use playhead_schemas::timeline::{Change, Doubt, MomentKind, Rating, Request, Signal};

use crate::Options;
use crate::observe::{Draft, DraftIndex, DraftOutcome, NONCONTROL_MS, Note, is_click_on_noncontrol};
use crate::scrub::clean_url;

/// What is known of the recording as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordingFacts {
    /// The time of the last event, epoch milliseconds.
    pub(crate) ended_at: f64,
    /// Requests were captured.
    pub(crate) network: bool,
}

/// Marks every draft with its signals, and with what makes them doubtful.
pub(crate) fn mark(drafts: &mut [Draft], known: RecordingFacts, options: &Options) {
    forms::mark(drafts, options);
    pages::mark(drafts, options);
    mark_reloading_clicks(drafts, options);
    for draft in drafts.iter_mut() {
        hydration::mark(draft);
        if draft.vital.as_ref().is_some_and(|vital| vital.rating == Rating::Poor) {
            draft.signal(Signal::PoorVital);
        }
        if draft.kind == MomentKind::Request {
            let slow =
                draft.request.as_ref().and_then(|r| r.duration_ms).is_some_and(|ms| ms >= options.slow_request_ms);
            let cancelled = draft.request.as_ref().is_some_and(Request::is_cancelled);
            if slow && !cancelled {
                draft.signal(Signal::SlowRequest);
            }
            continue;
        }
        let Some(outcome) = draft.outcome.clone().filter(|_| draft.kind.is_action()) else { continue };
        if !outcome.errors.is_empty() {
            draft.signal(Signal::ErrorAfterAction);
        }
        if outcome.changes.reported.iter().any(|reported| matches!(reported.change, Change::Invalid { .. })) {
            draft.signal(Signal::InvalidInput);
        }
        if matches!(draft.kind, MomentKind::Click | MomentKind::Touch) {
            answer(draft, &outcome, options);
            doubt(draft, &outcome, known, options);
        }
    }
}

/// Marks quick clicks on one link or button that reloads the page each time.
fn mark_reloading_clicks(drafts: &mut [Draft], options: &Options) {
    let mut run: Option<(DraftIndex, DraftIndex, u32)> = None;
    let mut loaded = false;
    let mut found = Vec::new();
    for index in 0..drafts.len() {
        let draft = &drafts[index];
        loaded |= draft.kind == MomentKind::PageLoad;
        if !draft.kind.is_action() {
            continue;
        }
        let again = std::mem::take(&mut loaded);
        run = match run {
            Some((first, last, count)) if again && goes_on(&drafts[last], draft, options) => {
                let count = count + draft.count;
                if count >= options.rage_clicks {
                    found.push(first);
                }
                Some((first, index, count))
            }
            _ => matches!(draft.kind, MomentKind::Click | MomentKind::Touch).then_some((index, index, draft.count)),
        };
    }
    found.into_iter().for_each(|index| drafts[index].signal(Signal::RageClick));
}

/// True when a click follows another one on the same thing of the page that was loaded meanwhile.
fn goes_on(last: &Draft, draft: &Draft, options: &Options) -> bool {
    let name = |draft: &Draft| {
        let target = draft.target.as_ref()?;
        Some((target.selector.clone(), target.name.clone().or_else(|| target.text.clone())?))
    };
    last.kind == draft.kind
        && last.window == draft.window
        && draft.at - last.end < options.rage_gap_ms
        && name(last).is_some()
        && name(last) == name(draft)
}

/// Dead and slow clicks.
fn answer(draft: &mut Draft, outcome: &DraftOutcome, options: &Options) {
    // A key that is typed while a button has the focus presses it too, which nobody meant to do more than once.
    let is_typing = draft.note == Some(Note::ByKeyboard) && draft.count > 1;
    if is_typing || draft.expects_no_change || draft.target.is_none() || leads_elsewhere(draft) {
        return;
    }
    let elsewhere = outcome.answered_otherwise
        || outcome.navigation.is_some()
        || !outcome.requests.is_empty()
        || !outcome.errors.is_empty();
    match outcome.first_change {
        None if !elsewhere && outcome.watched_until - draft.end >= watched_min(draft, options) => {
            draft.signal(Signal::DeadClick);
        }
        Some(first) if first - draft.end > options.slow_click_ms && !elsewhere => draft.signal(Signal::SlowClick),
        _ => {}
    }
}

/// How long a click must have gone unanswered to be dead. A click on something that is not a control is answered at
/// once or not at all.
fn watched_min(draft: &Draft, options: &Options) -> f64 {
    if is_click_on_noncontrol(draft) { options.dead_click_ms_min.min(NONCONTROL_MS) } else { options.dead_click_ms_min }
}

/// A link with an address: the browser follows it without asking the page, unless a modifier key sends it to a tab of
/// its own, which no recording shows, or it leads to where the page is. Only `#` and places that are not there lead
/// nowhere.
fn leads_elsewhere(draft: &Draft) -> bool {
    let is_link = draft.target.as_ref().is_some_and(|target| matches!(target.tag.as_str(), "a" | "area"));
    let href = draft.href.as_deref().filter(|href| is_link && href.starts_with("http")).unwrap_or_default();
    let bare = |url: &str| url.split('#').next().unwrap_or_default().to_owned();
    let has_place = href.contains('#');
    !href.is_empty() && draft.url.as_deref().is_some_and(|page| !has_place || bare(&clean_url(href)) != bare(page))
}

/// Says when silence after a click proves little.
fn doubt(draft: &mut Draft, outcome: &DraftOutcome, known: RecordingFacts, options: &Options) {
    if draft.signals.contains(&Signal::DeadClick) && !known.network {
        draft.doubt(Doubt::NetworkUnknown);
    }
    let silent = outcome.changes.reported.is_empty()
        && outcome.first_change.is_none()
        && outcome.navigation.is_none()
        && outcome.requests.is_empty()
        && outcome.errors.is_empty()
        && !outcome.answered_otherwise;
    if silent && !draft.expects_no_change && known.ended_at - draft.end < watched_min(draft, options) {
        draft.doubt(Doubt::CutShort);
    }
}
