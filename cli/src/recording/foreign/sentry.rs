//! Events and issues of Sentry as JSON: the button "JSON" of an event, and the answers of its API.
//!
//! In: a tree. Out: the error as a console line, and its breadcrumbs as the events by which Sentry's own recorder writes
//! them, which the transcriber reads. Recording segments need nothing of this: they are rrweb events.

use anyhow::bail;
use playhead_ingest::Exception;
use playhead_schemas::Stream;
use playhead_schemas::text::one_line;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::{Foreign, stream, text};

/// Breadcrumbs of one event; SDKs keep 100.
const CRUMBS_MAX: usize = 1000;
const TEXT_CHARS_MAX: usize = 4000;
const TITLE_CHARS_MAX: usize = 200;

/// True for text that may be such a file: a cheap look before it is read as a tree.
pub(super) fn may_be(text: &[u8]) -> bool {
    let head = &text[..text.len().min(1 << 20)];
    let has = |part: &[u8]| memchr::memmem::find(head, part).is_some();
    (has(b"\"event_id\"") || has(b"\"eventID\"") || has(b"\"shortId\"") || has(b"\"latestEvent\""))
        && (has(b"\"platform\"") || has(b"\"exception\"") || has(b"\"entries\"") || has(b"\"culprit\""))
}

/// Reads an event, or the event in an issue; `None` for other objects.
pub(super) fn read(tree: &Value, has_recording: bool) -> anyhow::Result<Option<Foreign>> {
    let is_event = |value: &Value| {
        ["/event_id", "/eventID"].iter().any(|id| value.pointer(id).is_some_and(Value::is_string))
            && ["/exception", "/entries", "/breadcrumbs", "/platform", "/message"]
                .iter()
                .any(|part| value.pointer(part).is_some())
    };
    if is_event(tree) {
        return Ok(Some(event(tree, "Sentry event", has_recording)));
    }
    let is_issue = tree.get("shortId").is_some() || tree.get("latestEvent").is_some();
    if !is_issue {
        return Ok(None);
    }
    let inner = ["/latestEvent", "/event", "/events/0"].iter().find_map(|place| tree.pointer(place));
    let Some(inner) = inner.filter(|inner| is_event(inner)) else {
        bail!(
            "it is a Sentry issue without an event: export the JSON of one of its events, which has the error and the \
             breadcrumbs"
        );
    };
    let found = event(inner, "Sentry issue with its event", has_recording);
    let title = text(tree, "/title", TITLE_CHARS_MAX).or(found.title);
    Ok(Some(Foreign { title, ..found }))
}

fn event(event: &Value, what: &'static str, has_recording: bool) -> Foreign {
    let at =
        ["/timestamp", "/datetime", "/dateCreated", "/dateReceived"].iter().find_map(|key| millis(event.pointer(key)?));
    let crumbs = part(event, "breadcrumbs");
    let crumbs = &crumbs[crumbs.len().saturating_sub(CRUMBS_MAX)..];
    let mut crumb_times = crumbs.iter().filter_map(|crumb| millis(crumb.get("timestamp")?));
    let at = at.or_else(|| crumb_times.next_back()).unwrap_or_default();
    let events = crumbs.iter().filter_map(|crumb| crumb_event(crumb, has_recording));
    let line = error_line(event, at);
    let title = text(event, "/title", TITLE_CHARS_MAX)
        .or_else(|| line.as_ref().and_then(|line| text(line, "/message", TITLE_CHARS_MAX)));
    let address = ["/request/url", "/location"].iter().find_map(|key| text(event, key, TEXT_CHARS_MAX));
    let mut events: Vec<Value> = events.collect();
    if let Some(address) = address.or_else(|| tag(event, "url")).filter(|_| !has_recording) {
        let first = events.first().and_then(|event| event["timestamp"].as_f64()).unwrap_or(at);
        let meta = json!({ "type": 4, "timestamp": first, "data": { "href": address, "width": 0, "height": 0 } });
        events.insert(0, meta);
        events.push(custom(at, "navigation", json!({ "href": address })));
    }
    let parts = [stream(Stream::Rrweb, events), stream(Stream::Console, line.into_iter().collect())];
    Foreign { what, title, parts: parts.into_iter().flatten().collect() }
}

/// The values of a part: where SDKs put it, or among the `entries` of the API.
fn part<'v>(event: &'v Value, name: &str) -> &'v [Value] {
    let own = event.get(name).map(|part| part.get("values").unwrap_or(part));
    let entries = event.get("entries").and_then(Value::as_array).into_iter().flatten();
    let entry = || {
        let mut entries = entries.filter(|entry| entry["type"] == name);
        entries.next().and_then(|entry| entry.pointer("/data/values"))
    };
    own.or_else(entry).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The value of a tag, which stand in an object, in pairs, or in objects of key and value.
fn tag(event: &Value, name: &str) -> Option<String> {
    let tags = event.get("tags")?;
    let found = tags.get(name).or_else(|| {
        tags.as_array()?.iter().find_map(|tag| match tag {
            Value::Array(pair) if pair.first()? == name => pair.get(1),
            tag if tag["key"] == name => tag.get("value"),
            _ => None,
        })
    })?;
    text(found, "", TEXT_CHARS_MAX)
}

/// An error as a line of the console: the outermost first, its causes after it.
fn error_line(event: &Value, at: f64) -> Option<Value> {
    let errors = Exception::chain_of_sentry(part(event, "exception"));
    let Some(thrown) = errors.first() else {
        let message =
            ["/logentry/formatted", "/message", "/title"].iter().find_map(|key| text(event, key, TEXT_CHARS_MAX))?;
        let level = text(event, "/level", 20).unwrap_or_else(|| "error".to_owned());
        return Some(json!({ "timestamp": at, "level": level, "kind": "console", "message": message }));
    };
    let kind = if thrown.handled == Some(true) { "console" } else { "exception" };
    let stack: Vec<String> = errors.iter().map(stack).collect();
    Some(json!({
        "timestamp": at, "level": "error", "kind": kind, "message": thrown.title(), "stack": stack.join("\nCaused by: "),
    }))
}

/// As browsers write it.
fn stack(error: &Exception) -> String {
    let frames = error.stack();
    let lines = frames.lines().map(|line| format!("    {line}"));
    std::iter::once(error.title()).chain(lines).collect::<Vec<_>>().join("\n")
}

/// A breadcrumb as an event. What a recording tells better is left to it.
fn crumb_event(crumb: &Value, has_recording: bool) -> Option<Value> {
    let at = millis(crumb.get("timestamp")?)?;
    let category = crumb.get("category").and_then(Value::as_str).unwrap_or_default();
    match category {
        "fetch" | "xhr" | "console" | "navigation" => {
            let mut crumb = crumb.clone();
            crumb["timestamp"] = json!(at / 1000.0);
            // The tag of an error's own breadcrumbs: a recording beside it tells requests and addresses better.
            let tag = if category == "console" { "breadcrumb" } else { "sentry.error.breadcrumb" };
            Some(custom(at, tag, crumb))
        }
        _ if has_recording => None,
        _ => {
            let told = text(crumb, "/message", 500).or_else(|| crumb.get("data").map(Value::to_string))?;
            let name = if category.is_empty() { "breadcrumb" } else { category };
            Some(custom(at, &one_line(name, 60), json!(one_line(&told, 500))))
        }
    }
}

fn custom(at: f64, tag: &str, payload: Value) -> Value {
    json!({ "type": 5, "timestamp": at, "data": { "tag": tag, "payload": payload } })
}

/// Epoch milliseconds of seconds, milliseconds or a date.
fn millis(time: &Value) -> Option<f64> {
    let number = match time {
        Value::String(date) => {
            let read = |date: &str| time::OffsetDateTime::parse(date, &Rfc3339).ok();
            // Without a zone it is UTC.
            let time = read(date).or_else(|| read(&format!("{date}Z")))?;
            return Some(time.unix_timestamp_nanos() as f64 / 1e6);
        }
        number => number.as_f64()?,
    };
    Some(if number < 1e11 { number * 1000.0 } else { number })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::recording::Kind;

    fn parts(found: &Foreign) -> Vec<(Kind, Value)> {
        found.parts.iter().map(|(kind, bytes)| (*kind, serde_json::from_slice(bytes).unwrap())).collect()
    }

    #[test]
    fn events_of_sdks_and_of_the_api_are_read() {
        let exception = json!({ "values": [
            { "type": "RangeError", "value": "inner" },
            { "type": "TypeError", "value": "x", "stacktrace": { "frames": [
                { "function": "outer", "filename": "https://a.test/a.js", "lineno": 1, "colno": 2 },
                { "function": "save", "absPath": "https://a.test/b.js", "lineNo": 3, "colNo": 7 },
            ] } },
        ] });
        let crumbs = json!([
            { "timestamp": "2026-11-20T16:00:00Z", "category": "ui.click", "message": "button#save" },
            { "timestamp": 1_795_190_401.5, "category": "fetch", "data": { "url": "/api", "method": "POST", "status_code": 500 } },
        ]);
        let of_sdk = json!({ "event_id": "e1", "platform": "javascript", "timestamp": 1_795_190_402.0, "exception": exception,
            "breadcrumbs": crumbs, "request": { "url": "https://a.test/cart" } });
        let of_api = json!({ "eventID": "e1", "dateCreated": "2026-11-20T16:00:02Z", "title": "TypeError: x",
            "entries": [{ "type": "exception", "data": exception }, { "type": "breadcrumbs", "data": { "values": crumbs } }],
            "tags": [{ "key": "url", "value": "https://a.test/cart" }] });
        for tree in [of_sdk.clone(), of_api] {
            assert!(may_be(tree.to_string().as_bytes()));
            let found = read(&tree, false).unwrap().unwrap();
            assert_eq!((found.what, found.title.as_deref()), ("Sentry event", Some("TypeError: x")));
            let parts = parts(&found);
            let [(_, events), (_, lines)] = &parts[..] else { panic!("{parts:?}") };
            let kinds: Vec<&Value> = events.as_array().unwrap().iter().map(|event| &event["type"]).collect();
            assert_eq!(kinds, [4, 5, 5, 5], "{events}");
            assert_eq!(events[1]["data"]["tag"], "ui.click");
            let stack = lines[0]["stack"].as_str().unwrap();
            assert!(stack.starts_with("TypeError: x\n    at save (https://a.test/b.js:3:7)\n    at outer"), "{stack}");
            assert!(stack.contains("Caused by: RangeError: inner") && lines[0]["kind"] == "exception");
        }
        // A recording tells clicks and addresses itself.
        let found = read(&of_sdk, true).unwrap().unwrap();
        assert_eq!(parts(&found)[0].1.as_array().unwrap().len(), 1);
    }

    #[test]
    fn times_are_seconds_milliseconds_or_dates() {
        for (time, want) in [
            (json!(1_795_190_402.5), Some(1_795_190_402_500.0)),
            (json!(1_795_190_402_500_u64), Some(1_795_190_402_500.0)),
            (json!("2026-11-20T16:00:02Z"), Some(1_795_190_402_000.0)),
            (json!("2026-11-20T16:00:02"), Some(1_795_190_402_000.0)),
            (json!("2026-11-20T11:00:02-05:00"), Some(1_795_190_402_000.0)),
            (json!("soon"), None),
        ] {
            assert_eq!(millis(&time), want, "{time}");
        }
    }

    #[test]
    fn issues_need_an_event() {
        let event = json!({ "eventID": "e1", "platform": "javascript", "message": "hm" });
        let issue = json!({ "shortId": "SHOP-1", "culprit": "x", "title": "Cart is empty", "latestEvent": event });
        assert_eq!(read(&issue, false).unwrap().unwrap().title.as_deref(), Some("Cart is empty"));
        let error = read(&json!({ "shortId": "SHOP-1", "culprit": "x" }), false).unwrap_err().to_string();
        assert!(error.contains("without an event"), "{error}");
        assert!(read(&json!({ "name": "package", "platform": "x" }), false).unwrap().is_none());
    }

    #[test]
    fn damaged_events_lose_what_is_damaged() {
        for tree in [
            json!({ "event_id": "e", "exception": 7, "breadcrumbs": "x", "timestamp": {} }),
            json!({ "event_id": "e", "exception": { "values": [7, null] }, "breadcrumbs": [7, {}, { "timestamp": "x" }] }),
            json!({ "event_id": "e", "entries": [7, { "type": "exception" }], "tags": [[], 7] }),
        ] {
            assert!(read(&tree, false).unwrap().is_some(), "{tree}");
        }
    }
}
