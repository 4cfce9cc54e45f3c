//! What a transcript costs a reader, in tokens, against the same facts as JSON.
//!
//! `cargo test --release -p playhead-transcriber tokens -- --nocapture` prints the figures.

#![allow(clippy::print_stdout)]

use playhead_schemas::timeline::{Moment, MomentKind};
use playhead_transcriber::render;
use serde_json::{Map, Value, json};

use crate::cases;

/// The most that a line may cost of what the same facts cost as compact JSON, over all recordings, in percent.
const PERCENT_MAX: usize = 40;

fn tokens(text: &str) -> usize {
    bpe_openai::o200k_base().count(text)
}

/// A moment as the timeline's schema has it, without its line and without what is empty.
fn known(moment: &Moment) -> Value {
    let mut fields = json!(moment);
    fields.as_object_mut().unwrap().retain(|key, _| !matches!(key.as_str(), "text" | "units"));
    filled(fields)
}

fn filled(value: Value) -> Value {
    let says = |value: &Value| !matches!(value, Value::Null | Value::Bool(false)) && *value != json!([]);
    match value {
        Value::Object(fields) => Value::Object(
            fields.into_iter().filter(|(_, value)| says(value)).map(|(key, value)| (key, filled(value))).collect(),
        ),
        other => other,
    }
}

/// As much of it as its line tells, and nothing else.
fn told(moment: &Moment) -> Value {
    let Value::Object(known) = known(moment) else { unreachable!("a moment is an object") };
    let line = moment.text.as_str();
    let mut told = only(
        &known,
        &[
            "id", "t_ms", "kind", "value", "masked", "signals", "entry", "same_as", "vital", "doubts", "level",
            "message",
        ],
    );
    let scrolls = moment.kind == MomentKind::Scroll;
    if moment.count > 1 {
        told.insert("count".into(), json!(moment.count));
    }
    if moment.kind == MomentKind::Idle {
        told.insert("end_ms".into(), json!(moment.end_ms));
    }
    if matches!(moment.kind, MomentKind::PageLoad | MomentKind::Navigate) {
        told.insert("url".into(), json!(moment.url));
    }
    if line.contains(" <- ") {
        told.insert("caused_by".into(), json!(moment.caused_by));
    }
    if let Some(Value::Object(target)) = known.get("target") {
        let keys: &[&str] = if scrolls { &["role", "name"] } else { &["role", "name", "selector", "within"] };
        told.insert("target".into(), Value::Object(only(target, keys)));
    }
    if let Some(Value::Object(request)) = known.get("request") {
        told.insert(
            "request".into(),
            Value::Object(only(request, &["method", "url", "status", "failed", "duration_ms"])),
        );
    }
    if let Some(Value::Object(outcome)) = known.get("outcome") {
        let mut outcome =
            only(outcome, &["errors", "changes", "changes_omitted", "navigation", "requests", "unchanged_ms"]);
        // Of many requests a line names the first and counts the others.
        if let Some(Value::Array(ids)) = outcome.get_mut("requests") {
            ids.retain(|id| line.contains(&format!("{} ", id.as_str().unwrap())));
        }
        if !line.contains("nothing changed") {
            outcome.remove("unchanged_ms");
        }
        told.insert("outcome".into(), Value::Object(outcome));
    }
    if line.contains(" at ")
        && let Some(frame) = moment.stack.as_deref().and_then(|stack| stack.lines().last())
    {
        told.insert("stack".into(), json!(frame.trim()));
    }
    filled(Value::Object(told))
}

fn only(fields: &Map<String, Value>, keys: &[&str]) -> Map<String, Value> {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), fields.get(*key)?.clone()))).collect()
}

#[test]
fn lines_cost_less_than_half_of_their_facts_as_json() {
    println!("{:<18}{:>8}{:>8}{:>12}{:>12}{:>8}", "case", "moments", "tokens", "told JSON", "known JSON", "share");
    let mut sums = [0; 4];
    for case in cases::all() {
        let timeline = case.transcribed().timeline;
        let all = |json: fn(&Moment) -> Value| tokens(&Value::from_iter(timeline.moments.iter().map(json)).to_string());
        let row = [timeline.moments.len(), tokens(&render::detailed(&timeline)), all(told), all(known)];
        print(&case.name, row);
        for (sum, figure) in sums.iter_mut().zip(row) {
            *sum += figure;
        }
    }
    print("all", sums);
    assert!(sums[1] * 100 <= sums[3] * PERCENT_MAX, "{sums:?}");
}

fn print(name: &str, [moments, lines, told, known]: [usize; 4]) {
    let share = |of: usize| format!("{} %", lines * 100 / of.max(1));
    println!("{name:<18}{moments:>8}{lines:>8}{told:>12}{known:>12}{:>8}{:>8}", share(told), share(known));
    println!("{:<18}{:>8}{:>8}", "  per moment", "", lines / moments.max(1));
}
