//! Changes of the page: the error or response that led to each.

use playhead_schemas::timeline::{Change, Confidence, Edge, Evidence};

use super::{DISTINCTIVE_CHARS_MIN, READ_MAX, SOON_MS, edge, shares_words};
use crate::observe::{CauseEdge, Draft, DraftIndex, DraftOutcome};

/// What a response changes on the page is there by then.
const RENDER_MS: f64 = 800.0;

/// Links the changes of the page that followed from an action to the response or error before them.
pub(super) fn link_changes(drafts: &mut [Draft], index: DraftIndex) {
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
        Change::Moved { name, .. } => Some(name.as_str()),
        Change::Replaced { after, .. } => after.name.as_deref(),
        Change::ListLength { list, removed_item, .. } => removed_item.as_deref().or(list.as_deref()),
        Change::RowTexts { .. } | Change::Loading { .. } | Change::Scrolled { .. } | Change::Elements { .. } => None,
    };
    text.unwrap_or_default()
}
