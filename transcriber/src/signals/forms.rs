//! Forms: filled and left, sent again.

use std::collections::HashMap;

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::{MomentKind, Request, Signal};

use crate::Options;
use crate::observe::{Draft, DraftIndex, Note};

/// Buttons that leave a form, in the words of common libraries.
const LEAVING: [&str; 8] = ["cancel", "close", "discard", "dismiss", "back", "abort", "×", "✕"];
/// Requests by which pages count what their users do: two of them mean nothing.
const COUNTING: [&str; 8] = ["collect", "events", "event", "track", "analytics", "telemetry", "beacon", "metrics"];

/// Marks forms that were left without being sent, and those that were sent again.
pub(super) fn mark(drafts: &mut [Draft], options: &Options) {
    abandoned(drafts, options);
    repeated(drafts, options);
}

/// A form that is being filled.
#[derive(Debug, Default)]
struct Filling {
    /// The fields that were filled, by rrweb id.
    fields: Vec<u32>,
    last: DraftIndex,
    /// The address changed since: it is left unless something more is done in it.
    left: bool,
}

fn abandoned(drafts: &mut [Draft], options: &Options) {
    let mut open: HashMap<(WindowNo, u32), Filling> = HashMap::new();
    let mut marked: Vec<DraftIndex> = Vec::new();
    let is_filled = |filling: &Filling| filling.fields.len() >= options.abandoned_fields_min as usize;
    for (index, draft) in drafts.iter().enumerate() {
        let key = (draft.window, draft.form);
        match draft.kind {
            MomentKind::PageLoad => {
                let gone = open.extract_if(|(window, _), _| *window == draft.window);
                marked.extend(gone.filter(|(_, filling)| is_filled(filling)).map(|(_, filling)| filling.last));
            }
            MomentKind::Navigate => {
                open.iter_mut().filter(|((window, _), _)| *window == draft.window).for_each(|(_, of)| of.left = true);
            }
            MomentKind::Request if is_saving(draft) => {
                // What was entered was sent, by whatever way.
                if let Some(doer) = draft.cause.map(|cause| &drafts[cause]) {
                    let own =
                        |window: WindowNo, form: u32| window == doer.window && (doer.form == 0 || doer.form == form);
                    open.retain(|(window, form), _| !own(*window, *form));
                }
            }
            MomentKind::Input | MomentKind::Select | MomentKind::Check if draft.form > 0 => {
                if draft.note == Some(Note::PressedEnter) {
                    open.remove(&key);
                } else if !is_search(draft) {
                    let filling = open.entry(key).or_default();
                    (filling.last, filling.left) = (index, false);
                    if !filling.fields.contains(&draft.node) && draft.value.as_deref().is_some_and(|v| !v.is_empty()) {
                        filling.fields.push(draft.node);
                    }
                }
            }
            MomentKind::Click | MomentKind::Touch if draft.form > 0 && is_button(draft) => {
                if let Some(filling) = open.remove(&key)
                    && leaves(draft)
                    && is_filled(&filling)
                {
                    marked.push(filling.last);
                }
            }
            _ => {}
        }
    }
    // What was still open when the recording ended may have been sent later; what was left was not.
    marked.extend(open.into_values().filter(|filling| filling.left && is_filled(filling)).map(|filling| filling.last));
    marked.into_iter().for_each(|index| drafts[index].signal(Signal::FormAbandoned));
}

fn is_search(draft: &Draft) -> bool {
    draft.target.as_ref().is_some_and(|target| target.role == "searchbox")
}

fn is_button(draft: &Draft) -> bool {
    draft.target.as_ref().is_some_and(|target| target.role == "button")
}

fn leaves(draft: &Draft) -> bool {
    let name = draft.target.as_ref().and_then(|target| target.name.as_deref()).unwrap_or_default();
    LEAVING.iter().any(|word| name.trim().eq_ignore_ascii_case(word))
}

/// A request that changes something on a server.
fn is_saving(draft: &Draft) -> bool {
    draft.request.as_ref().is_some_and(|request| {
        let counts = path(request).rsplit('/').next().is_some_and(|last| COUNTING.contains(&last));
        matches!(request.method.as_str(), "POST" | "PUT" | "PATCH" | "DELETE")
            && !counts
            && !matches!(request.resource.as_deref(), Some("beacon" | "ping"))
    })
}

fn path(request: &Request) -> &str {
    request.url.split(['?', '#']).next().unwrap_or_default()
}

/// A form or button whose request was sent once more before the first was answered, or after it failed.
fn repeated(drafts: &mut [Draft], options: &Options) {
    let mut marked: Vec<DraftIndex> = Vec::new();
    let mut known: HashMap<(WindowNo, u32, &str, &str), DraftIndex> = HashMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        let Some(request) = draft.request.as_ref().filter(|_| is_saving(draft)) else { continue };
        let Some(action) = draft.cause.filter(|cause| sends(&drafts[*cause])) else { continue };
        let doer = &drafts[action];
        let of = if doer.form > 0 { doer.form } else { doer.node };
        let earlier = known.insert((doer.window, of, &request.method, path(request)), index);
        let Some(first) = earlier.map(|earlier| &drafts[earlier]) else { continue };
        let again =
            draft.at - first.at <= options.repeated_submit_ms && (doer.count > 1 || first.cause != Some(action));
        if again && is_unanswered(first, draft) && !differs(first, draft) {
            marked.push(action);
        }
    }
    marked.into_iter().for_each(|index| drafts[index].signal(Signal::RepeatedSubmit));
}

/// Clicks on buttons, and Enter in fields.
fn sends(draft: &Draft) -> bool {
    match draft.kind {
        MomentKind::Click | MomentKind::Touch | MomentKind::DoubleClick => is_button(draft),
        MomentKind::Input => draft.note == Some(Note::PressedEnter),
        _ => false,
    }
}

/// True when the first request had no answer yet, or one that made it worth trying again.
fn is_unanswered(first: &Draft, again: &Draft) -> bool {
    let refused = first.request.as_ref().is_some_and(Request::is_trouble);
    refused || again.at < first.end
}

fn differs(first: &Draft, again: &Draft) -> bool {
    let body = |draft: &Draft| draft.request.as_ref().and_then(|request| request.request_body.clone());
    matches!((body(first), body(again)), (Some(first), Some(again)) if first != again)
}
