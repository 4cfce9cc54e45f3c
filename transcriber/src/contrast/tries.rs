//! Tries that were refused, each with what was entered for it and what the page or the answer said.

use playhead_schemas::MomentId;
use playhead_schemas::text::excerpt;
use playhead_schemas::timeline::{Change, Failure, FailureKind, Moment, OverlayKind, Shown, Try};

use serde_json::Value;

use crate::failures::find;
use crate::render::changes;

/// Tries of one failure that are listed, and what was entered for each.
const TRIES_MAX: usize = 10;
const ENTERED_MAX: usize = 16;
/// Characters of a message.
const MESSAGE_CHARS_MAX: usize = 200;

/// The tries of a failure that a user can try again: forms and requests that were refused.
pub(crate) fn tries(moments: &[Moment], failure: &Failure) -> Vec<Try> {
    if !matches!(failure.kind, FailureKind::FormRefused | FailureKind::HttpError | FailureKind::AnswerError) {
        return Vec::new();
    }
    let kind = find(moments, failure.moment).map(|moment| moment.kind);
    let again = failure.related.iter().filter(|id| find(moments, **id).map(|moment| moment.kind) == kind);
    let mut since = 0;
    let mut tries = Vec::new();
    for id in std::iter::once(&failure.moment).chain(again).take(TRIES_MAX) {
        let Some(refused) = find(moments, *id) else { continue };
        let by = actor(moments, refused);
        let entered = entered(moments, by, since);
        since = by.id.0;
        if by.kind.is_action() || !entered.is_empty() {
            tries.push(Try { moment: *id, entered, message: message(refused, by) });
        }
    }
    tries
}

/// True for what refuses something.
pub(super) fn is_refusal(shown: &Shown) -> bool {
    matches!(shown, Shown::Invalid { .. } | Shown::Message { overlay: OverlayKind::Alert, .. })
}

/// The action that a refusal answers.
fn actor<'m>(moments: &'m [Moment], refused: &'m Moment) -> &'m Moment {
    let mut at = refused;
    for _ in 0..4 {
        if at.kind.is_action() {
            return at;
        }
        match at.caused_by.and_then(|id| find(moments, id)) {
            Some(earlier) if earlier.id < at.id => at = earlier,
            _ => break,
        }
    }
    at
}

/// What was entered on the page of an action since another moment, the last of each field, and the action itself when it
/// entered something.
fn entered(moments: &[Moment], action: &Moment, since: u32) -> Vec<MomentId> {
    let until = (action.id.0 as usize).min(moments.len());
    let before = moments.get(since as usize..until).unwrap_or_default();
    let on_page = before.iter().rev().take_while(|moment| !moment.kind.is_page() || moment.id == action.id);
    let mut fields: Vec<&str> = Vec::new();
    let mut found: Vec<MomentId> = Vec::new();
    for moment in on_page.filter(|moment| moment.sets_value() && moment.window == action.window) {
        let field = moment.target.as_ref().map_or("", |target| target.selector.as_str());
        if found.len() < ENTERED_MAX && !fields.contains(&field) {
            fields.push(field);
            found.push(moment.id);
        }
    }
    found.reverse();
    found
}

/// The message in a body, or the body itself.
fn told_in(body: &str) -> String {
    let value: Option<Value> = serde_json::from_str(body.trim()).ok();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let told = value.as_ref().and_then(|value| {
        let inner = value.get("error").unwrap_or(value);
        ["message", "detail", "title", "error_description"]
            .iter()
            .find_map(|key| text(inner.get(key)?))
            .or_else(|| ["message", "detail", "error"].iter().find_map(|key| text(value.get(key)?)))
    });
    told.unwrap_or_else(|| body.to_owned())
}

/// What the page or the answer said to a try.
fn message(refused: &Moment, by: &Moment) -> Option<String> {
    let said = |change: &Change| match change {
        Change::Invalid { message, .. } => message.clone(),
        other => changes::alert(other).cloned(),
    };
    let changes = |moment: &Moment| {
        let changes = moment.outcome.iter().flat_map(|outcome| &outcome.changes);
        changes.filter_map(|change| said(&change.change)).next()
    };
    let shown = || {
        refused.shows.iter().find_map(|shown| match shown {
            Shown::Invalid { message, .. } => message.clone(),
            Shown::Message { text, .. } => Some(text.clone()),
            _ => None,
        })
    };
    let answered = || {
        let request = refused.request.as_ref()?;
        let told = request.answer_error.as_ref().and_then(|error| error.message.clone());
        told.or_else(|| request.response_body.as_deref().map(told_in))
    };
    let told = changes(refused).or_else(|| changes(by)).or_else(shown).or_else(answered)?;
    Some(excerpt(&told, MESSAGE_CHARS_MAX)).filter(|told| !told.is_empty())
}
