//! What the pattern of a moment means: dead and slow clicks, errors after actions, refused fields, forms that
//! were left or sent again, pages that were left at once, poor vitals, hydration errors.
//!
//! Rage clicks are found where clicks are put together ([`crate::observe`]).

mod forms;
mod hydration;
mod pages;

use playhead_schemas::timeline::{Change, Doubt, MomentKind, Rating, Signal};

use crate::Options;
use crate::observe::{Draft, DraftIndex, Effects, INERT_MS, is_inert};
use crate::scrub::clean_url;

/// What is known of the recording as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The time of the last event, epoch milliseconds.
    pub(crate) ended_at: f64,
    /// Requests were captured.
    pub(crate) network: bool,
}

/// Marks every draft with its signals, and with what makes them doubtful.
pub(crate) fn mark(drafts: &mut [Draft], known: Known, options: &Options) {
    forms::mark(drafts, options);
    pages::mark(drafts, options);
    hammered(drafts, options);
    for draft in drafts.iter_mut() {
        hydration::mark(draft);
        if draft.vital.as_ref().is_some_and(|vital| vital.rating == Rating::Poor) {
            draft.signal(Signal::PoorVital);
        }
        if draft.kind == MomentKind::Request {
            let slow =
                draft.request.as_ref().and_then(|r| r.duration_ms).is_some_and(|ms| ms >= options.slow_request_ms);
            let cancelled = draft.request.as_ref().is_some_and(crate::render::words::is_cancelled);
            if slow && !cancelled {
                draft.signal(Signal::SlowRequest);
            }
            continue;
        }
        let Some(effects) = draft.outcome.clone().filter(|_| draft.kind.is_action()) else { continue };
        if !effects.errors.is_empty() {
            draft.signal(Signal::ErrorAfterAction);
        }
        if effects.told.changes.iter().any(|told| matches!(told.change, Change::Invalid { .. })) {
            draft.signal(Signal::InvalidInput);
        }
        if matches!(draft.kind, MomentKind::Click | MomentKind::Touch) {
            answer(draft, &effects, options);
            doubt(draft, &effects, known, options);
        }
    }
}

/// Quick clicks on one link or button that loads the page anew each time.
fn hammered(drafts: &mut [Draft], options: &Options) {
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
fn answer(draft: &mut Draft, effects: &Effects, options: &Options) {
    if draft.quiet || draft.target.is_none() || leads_elsewhere(draft) {
        return;
    }
    let elsewhere = effects.answered_otherwise
        || effects.navigation.is_some()
        || !effects.requests.is_empty()
        || !effects.errors.is_empty();
    match effects.first_change {
        None if !elsewhere && effects.watched_until - draft.end >= watched_min(draft, options) => {
            draft.signal(Signal::DeadClick);
        }
        Some(first) if first - draft.end > options.slow_click_ms && !elsewhere => draft.signal(Signal::SlowClick),
        _ => {}
    }
}

/// How long a click must have gone unanswered to be dead. On what nobody would call a control, nothing that takes
/// time is to be expected.
fn watched_min(draft: &Draft, options: &Options) -> f64 {
    if is_inert(draft) { options.dead_click_ms_min.min(INERT_MS) } else { options.dead_click_ms_min }
}

/// A link to another document: the browser follows it without asking the page, unless a modifier key sends it to
/// a tab of its own, which no recording shows.
fn leads_elsewhere(draft: &Draft) -> bool {
    let bare = |url: &str| url.split('#').next().unwrap_or_default().to_owned();
    let is_link = draft.target.as_ref().is_some_and(|target| matches!(target.tag.as_str(), "a" | "area"));
    let href = draft.href.as_deref().filter(|href| is_link && href.starts_with("http")).unwrap_or_default();
    !href.is_empty() && draft.url.as_deref().is_some_and(|page| bare(&clean_url(href)) != bare(page))
}

/// Says when silence after a click proves little.
fn doubt(draft: &mut Draft, effects: &Effects, known: Known, options: &Options) {
    if draft.signals.contains(&Signal::DeadClick) && !known.network {
        draft.doubt(Doubt::NetworkUnknown);
    }
    let silent = effects.told.changes.is_empty()
        && effects.first_change.is_none()
        && effects.navigation.is_none()
        && effects.requests.is_empty()
        && effects.errors.is_empty()
        && !effects.answered_otherwise;
    if silent && !draft.quiet && known.ended_at - draft.end < watched_min(draft, options) {
        draft.doubt(Doubt::CutShort);
    }
}
