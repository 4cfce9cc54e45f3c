//! Changes of bugs as answers show them. What a field was and is now may be a user's own words.

use playhead_schemas::tracker::BugField;
use playhead_store::{Activity, Author, FieldChange};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::untrusted;

/// Characters and tokens of one value; the whole is in the bug, or was.
const VALUE_CHARS_MAX: usize = 200;
const VALUE_TOKENS_MAX: usize = 60;
/// Characters and tokens of a name.
const NAME_CHARS_MAX: usize = 80;
const NAME_TOKENS_MAX: usize = 30;
/// Characters of a reason that stands in a line.
const REASON_CHARS_MAX: usize = 300;

/// A field that was changed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ShownChange {
    field: BugField,
    /// Null for nothing.
    from: Value,
    to: Value,
}

impl ShownChange {
    /// A change, with long texts cut.
    pub(crate) fn new(change: &FieldChange) -> Self {
        Self { field: change.field, from: shown(&change.from), to: shown(&change.to) }
    }

    /// It as one line, such as `status: open -> closed`.
    pub(crate) fn line(&self) -> String {
        format!("{}: {} -> {}", self.field, words(&self.from), words(&self.to))
    }
}

/// An author's name on one line.
pub(crate) fn name(author: &Author) -> String {
    untrusted::short_line(&author.name, NAME_CHARS_MAX, NAME_TOKENS_MAX)
}

/// The program of an author on one line.
pub(crate) fn client(author: &Author) -> Option<String> {
    author.client.as_ref().map(|client| untrusted::short_line(client, NAME_CHARS_MAX, NAME_TOKENS_MAX))
}

/// An entry of activity on one line: when, who, what, why.
pub(crate) fn told(entry: &Activity) -> String {
    let changes: Vec<String> = entry.changes.iter().map(|change| ShownChange::new(change).line()).collect();
    let id = entry.author.id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
    let client = client(&entry.author).map(|client| format!(" with {client}")).unwrap_or_default();
    let reason = entry.rationale.as_ref().map(|why| format!("; why: {}", untrusted::line(why, REASON_CHARS_MAX)));
    format!(
        "version {}, {}, {}{id}{client}: {}{}",
        entry.version,
        entry.at.to_rfc3339(),
        name(&entry.author),
        changes.join("; "),
        reason.unwrap_or_default()
    )
}

fn shown(value: &Value) -> Value {
    match value {
        Value::String(text) => untrusted::short_line(text, VALUE_CHARS_MAX, VALUE_TOKENS_MAX).into(),
        Value::Array(items) => items.iter().map(shown).collect(),
        other => other.clone(),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) if text.is_empty() => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "nothing".to_owned(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
