//! Differences of addresses and bodies: by parts of the path, keys of the query, and keys of JSON.

use std::collections::BTreeMap;

use playhead_schemas::timeline::{Difference, DifferencePart};
use serde_json::Value;

use super::{path, push};

/// Values of one body that are compared.
const LEAVES_MAX: usize = 400;
/// Levels of a body that are looked into.
const LEVELS_MAX: usize = 6;
/// Items of a list that are looked into.
const ITEMS_MAX: usize = 20;
/// Values that differ between any two answers, by the ends of their names.
const CHANGING: [&str; 10] =
    ["id", "token", "timestamp", "time", "date", "at", "nonce", "uuid", "requestid", "traceid"];

/// Where two addresses differ: the part of the path, and the values of the query.
pub(super) fn addresses(failed: &str, well: &str, differs: &mut Vec<Difference>) {
    let (a, b) = (path(failed), path(well));
    if a != b {
        let own = |of: &str, other: &str| {
            let parts: Vec<&str> =
                of.split('/').zip(other.split('/')).filter(|(a, b)| a != b).map(|(a, _)| a).collect();
            parts.join("/")
        };
        push(differs, DifferencePart::Address, Some("path"), Some(own(a, b)), Some(own(b, a)));
    }
    let (a, b) = (query(failed), query(well));
    for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
        let (left, right) = (a.get(key), b.get(key));
        if left != right {
            push(differs, DifferencePart::Address, Some(key), left.cloned(), right.cloned());
        }
    }
}

fn query(url: &str) -> BTreeMap<String, String> {
    let query = url.split('#').next().and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

/// Where two bodies differ. Bodies of JSON are compared by their keys, and so are cut ones as far as they go.
pub(super) fn bodies(part: DifferencePart, failed: Option<&str>, well: Option<&str>, differs: &mut Vec<Difference>) {
    let (Some(a), Some(b)) = (failed, well) else { return };
    if a == b {
        return;
    }
    let (Some(left), Some(right)) = (leaves(a), leaves(b)) else {
        let is_text = |body: &str| !body.trim_start().starts_with(['{', '[', '<']);
        if is_text(a) && is_text(b) {
            push(differs, part, None, Some(a.to_owned()), Some(b.to_owned()));
        }
        return;
    };
    let is_changing = |key: &str| {
        let last = key.rsplit(['.', ']']).next().unwrap_or_default().to_ascii_lowercase();
        CHANGING.iter().any(|end| last == *end || last.ends_with(&format!("_{end}")))
    };
    let mut found: Vec<(&String, Option<&Leaf>, Option<&Leaf>)> = Vec::new();
    for key in left.keys().chain(right.keys().filter(|key| !left.contains_key(*key))) {
        let (one, other) = (left.get(key), right.get(key));
        if one != other && !is_changing(key) {
            found.push((key, one, other));
        }
    }
    // What is there on one side alone, or is of another kind, decides more often than another value does.
    let kind = |leaf: Option<&Leaf>| leaf.map(|leaf| leaf.kind);
    found.sort_by_key(|(key, one, other)| (kind(*one) == kind(*other), key.matches(['.', '[']).count()));
    let under = |key: &str, above: &str| key.strip_prefix(above).is_some_and(|rest| rest.starts_with(['.', '[']));
    let mut told: Vec<&str> = Vec::new();
    for (key, one, other) in found {
        if !told.iter().any(|above| under(key, above)) {
            told.push(key);
            let text = |leaf: Option<&Leaf>| leaf.map(|leaf| leaf.text.clone());
            push(differs, part, Some(key), text(one), text(other));
        }
    }
}

/// A value of a body.
#[derive(Debug, PartialEq)]
struct Leaf {
    kind: &'static str,
    text: String,
}

/// The values of a body by their keys, such as `items[0].price`; nothing for what is no JSON.
fn leaves(body: &str) -> Option<BTreeMap<String, Leaf>> {
    let value: Value = serde_json::from_str(body.trim()).ok()?;
    let mut out = BTreeMap::new();
    collect(&value, String::new(), 0, &mut out);
    Some(out)
}

fn collect(value: &Value, key: String, level: usize, out: &mut BTreeMap<String, Leaf>) {
    if out.len() >= LEAVES_MAX {
        return;
    }
    let (kind, text) = match value {
        Value::Object(fields) => ("object", if fields.is_empty() { "{}".to_owned() } else { "an object".to_owned() }),
        Value::Array(items) => ("list", format!("a list of {}", items.len())),
        Value::String(text) => ("text", format!("\"{text}\"")),
        Value::Null => ("null", "null".to_owned()),
        Value::Bool(value) => ("boolean", value.to_string()),
        Value::Number(value) => ("number", value.to_string()),
    };
    let is_top = key.is_empty();
    let named = |name: &str| if is_top { name.to_owned() } else { format!("{key}.{name}") };
    if !is_top {
        out.insert(key.clone(), Leaf { kind, text });
    }
    if level >= LEVELS_MAX {
        return;
    }
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(value, named(name), level + 1, out)),
        Value::Array(items) => {
            let items = items.iter().take(ITEMS_MAX).enumerate();
            items.for_each(|(at, value)| collect(value, format!("{key}[{at}]"), level + 1, out));
        }
        _ => {}
    }
}
