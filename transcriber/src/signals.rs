//! What the pattern of a moment means: dead and slow clicks, errors after actions, refused fields, forms that
//! were left or sent again, pages that were left at once, poor vitals, hydration errors.
//!
//! Rage clicks are found where clicks are put together ([`crate::observe`]).

mod forms;
mod hydration;
mod pages;

use playhead_schemas::timeline::{MomentKind, Rating, Signal};

use crate::Options;
use crate::observe::{Draft, Effects};

/// Marks every draft with its signals.
pub(crate) fn mark(drafts: &mut [Draft], options: &Options) {
    forms::mark(drafts, options);
    pages::mark(drafts, options);
    for draft in drafts.iter_mut() {
        hydration::mark(draft);
        if draft.vital.as_ref().is_some_and(|vital| vital.rating == Rating::Poor) {
            draft.signal(Signal::PoorVital);
        }
        if draft.kind == MomentKind::Request {
            let slow =
                draft.request.as_ref().and_then(|r| r.duration_ms).is_some_and(|ms| ms >= options.slow_request_ms);
            if slow {
                draft.signal(Signal::SlowRequest);
            }
            continue;
        }
        let Some(effects) = draft.outcome.clone().filter(|_| draft.kind.is_action()) else { continue };
        if !effects.errors.is_empty() {
            draft.signal(Signal::ErrorAfterAction);
        }
        if effects.dom.iter().any(|phrase| phrase.contains(" marked invalid")) {
            draft.signal(Signal::InvalidInput);
        }
        if matches!(draft.kind, MomentKind::Click | MomentKind::Touch) {
            answer(draft, &effects, options);
        }
    }
}

/// Dead and slow clicks.
fn answer(draft: &mut Draft, effects: &Effects, options: &Options) {
    if draft.quiet || draft.target.is_none() {
        return;
    }
    let elsewhere = effects.answered_otherwise
        || effects.navigation.is_some()
        || !effects.requests.is_empty()
        || !effects.errors.is_empty();
    match effects.first_change {
        None if !elsewhere && effects.watched_until - draft.end >= options.dead_watch_ms_min => {
            draft.signal(Signal::DeadClick);
        }
        Some(first) if first - draft.end > options.slow_click_ms && !elsewhere => draft.signal(Signal::SlowClick),
        _ => {}
    }
}
