//! Errors that say that the page which a server drew and the one which the framework drew differ.

use playhead_schemas::timeline::{MomentKind, Signal};

use crate::observe::{Draft, Note};

/// What React, Next, Vue, Nuxt, Svelte, Solid and Angular say, in lower case.
const SAID: [&str; 18] = [
    "hydration failed",
    "error while hydrating",
    "text content does not match server-rendered html",
    "text content did not match",
    "expected server html to contain",
    "did not expect server html to contain",
    "hydrated but some attributes of the server rendered html",
    "hydration completed but contains mismatches",
    "hydration node mismatch",
    "hydration text mismatch",
    "hydration text content mismatch",
    "hydration children mismatch",
    "hydration attribute mismatch",
    "hydration class mismatch",
    "not matching server-rendered content",
    "hydration_mismatch",
    "hydration_attribute_changed",
    "hydration mismatch",
];
/// Numbers of React's hydration errors, which stand for their texts in production builds.
const REACT: [&str; 6] = ["418", "419", "421", "422", "423", "425"];
/// Where these numbers stand.
const REACT_PREFIXES: [&str; 3] = ["minified react error #", "error-decoder.html?invariant=", "react.dev/errors/"];
/// Numbers of Angular's hydration errors.
const ANGULAR: [&str; 7] = ["ng0500", "ng0501", "ng0502", "ng0503", "ng0504", "ng0505", "ng0507"];
/// Characters of a message that are looked through.
const READ_MAX: usize = 600;

/// Marks the errors, warnings and notes of recorders that tell it.
pub(super) fn mark(draft: &mut Draft) {
    let told = match draft.kind {
        MomentKind::Console | MomentKind::Error => draft.message.as_deref().is_some_and(is_hydration),
        MomentKind::Custom => matches!(&draft.note, Some(Note::Event(name)) if name == "replay.hydrate-error"),
        _ => false,
    };
    if told {
        draft.signal(Signal::HydrationError);
    }
}

fn is_hydration(message: &str) -> bool {
    // Most messages hold none of the words at all.
    if !["ydrat", "erver", "eact", "NG05"].iter().any(|part| message.contains(part)) {
        return false;
    }
    let text = playhead_schemas::text::prefix(message, READ_MAX).to_ascii_lowercase();
    let is_number = |prefix: &&str| {
        text.split(*prefix).skip(1).any(|rest| {
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            REACT.contains(&digits)
        })
    };
    SAID.iter().any(|said| text.contains(said))
        || REACT_PREFIXES.iter().any(is_number)
        || ANGULAR.iter().any(|number| text.contains(number))
}
