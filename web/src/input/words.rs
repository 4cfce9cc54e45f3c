//! Schemas and choices in words.

use serde_json::Value;
use serde_path_to_error::Segment;

/// How alike two words are, from 0 to 1, for the one to be suggested for the other.
const LIKENESS_MIN: f64 = 0.6;
/// Characters of a word that are compared; known words are shorter.
const COMPARED_CHARS_MAX: usize = 40;

/// What values a JSON schema takes, in words. `quote` writes a word that is to be sent as it is.
pub fn takes(schema: &Value, quote: fn(&str) -> String) -> String {
    if let Some(words) = choices(schema) {
        return one_of(words.into_iter(), quote);
    }
    if let Some(Value::Array(forms)) = schema.get("anyOf") {
        let forms: Vec<String> = forms.iter().filter(|form| !is_null(form)).map(|form| takes(form, quote)).collect();
        return forms.join(" or ");
    }
    let types: Vec<String> = types(schema).iter().map(|name| typed(name, schema, quote)).collect();
    if types.is_empty() { "any JSON".to_owned() } else { types.join(" or ") }
}

/// The words, as those of which one is taken.
pub(super) fn one_of<'w>(words: impl Iterator<Item = &'w str>, quote: fn(&str) -> String) -> String {
    format!("one of {}", words.map(quote).collect::<Vec<_>>().join(", "))
}

fn typed(name: &str, schema: &Value, quote: fn(&str) -> String) -> String {
    let bound = |key: &str| schema.get(key).and_then(Value::as_u64);
    match name {
        "integer" => match (bound("minimum"), bound("maximum").or_else(|| format_max(schema))) {
            (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
            (Some(least), None) => format!("a whole number from {least} on"),
            (None, _) => "a whole number".to_owned(),
        },
        "number" => "a number".to_owned(),
        "string" => match (bound("minLength"), bound("maxLength")) {
            (Some(least), Some(most)) => format!("text of {least} to {most} characters"),
            (None, Some(most)) => format!("text of up to {most} characters"),
            (_, None) => "text".to_owned(),
        },
        "boolean" => format!("{} or {}", quote("true"), quote("false")),
        "array" => match schema.get("items").and_then(choices) {
            Some(words) => format!("one or more of {}", words.into_iter().map(quote).collect::<Vec<_>>().join(", ")),
            None if schema.pointer("/items/type").is_some_and(|kind| kind == "string") => "a list of texts".to_owned(),
            None => "a list".to_owned(),
        },
        "object" => "an object".to_owned(),
        other => other.to_owned(),
    }
}

/// The largest number of a format, for formats whose numbers end within what callers send.
fn format_max(schema: &Value) -> Option<u64> {
    match schema.get("format")?.as_str()? {
        "uint8" => Some(u8::MAX.into()),
        "uint16" => Some(u16::MAX.into()),
        "uint32" => Some(u32::MAX.into()),
        _ => None,
    }
}

/// The words of which a schema takes one, if it is such a schema.
fn choices(schema: &Value) -> Option<Vec<&str>> {
    if let Some(Value::Array(words)) = schema.get("enum") {
        return Some(words.iter().filter_map(Value::as_str).collect());
    }
    let Some(Value::Array(forms)) = schema.get("oneOf") else { return None };
    let words = forms.iter().filter(|form| !is_null(form)).map(|form| form.get("const").and_then(Value::as_str));
    words.collect()
}

fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect(),
        _ => Vec::new(),
    }
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").is_some_and(|name| name == "null")
}

/// The part of a schema that describes what stands at `path`.
pub(super) fn schema_at<'s>(schema: &'s Value, path: &[Segment]) -> Option<&'s Value> {
    let Some((first, rest)) = path.split_first() else { return Some(schema) };
    let next = match first {
        Segment::Map { key } => {
            schema.get("properties").and_then(|all| all.get(key)).or_else(|| schema.get("additionalProperties"))
        }
        Segment::Seq { .. } => schema.get("items"),
        Segment::Enum { .. } | Segment::Unknown => Some(schema),
    };
    match (next, schema.get("anyOf")) {
        (Some(next), _) => schema_at(next, rest),
        (None, Some(Value::Array(forms))) => forms.iter().find_map(|form| schema_at(form, path)),
        (None, _) => None,
    }
}

/// What stands in a value at `path`.
pub(super) fn value_at<'v>(value: &'v Value, path: &[Segment]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Map { key } => value.get(key),
        Segment::Seq { index } => value.get(index),
        Segment::Enum { .. } | Segment::Unknown => Some(value),
    })
}

/// The word that is most like `text`, if one is like it.
pub fn nearest(text: &str, words: &[&'static str]) -> Option<&'static str> {
    let text: String = text.trim().to_ascii_lowercase().chars().take(COMPARED_CHARS_MAX).collect();
    let likeness =
        |word: &&str| strsim::normalized_damerau_levenshtein(word, &text).max(strsim::jaro_winkler(word, &text) - 0.2);
    let best = words.iter().copied().max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) >= LIKENESS_MIN).then_some(best)
}
