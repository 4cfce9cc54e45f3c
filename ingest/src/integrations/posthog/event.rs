//! PostHog's events: which are pieces of a recording, errors or feedback.

use bytes::Bytes;
use playhead_json::{Cursor, Fields, Members};
use playhead_schemas::upload::{PageContext, Reporter, Size, SystemInfo};
use playhead_schemas::{EpochMs, ReplayKey, Stream};
use playhead_store::SegmentOrigin;
use serde_json::{Map, Value, json};

use super::super::bugs::Feedback;
use super::super::error_report::{Context, ErrorReport, Product, Severity};
use super::super::exception::{Exception, frames};
use super::super::intake::Piece;
use super::super::value::{items, line, number, text, time, whole};
use crate::segment::Raw;

/// Characters of the short texts.
const SHORT_CHARS_MAX: usize = 4096;
/// Characters of a window's name in the store.
const WINDOW_CHARS_MAX: usize = 64;
/// Answers of one survey.
const ANSWERS_MAX: usize = 50;

/// What an event is, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Snapshot,
    Exception,
    SurveySent,
    PageView,
    /// Clicks, flags, vitals, events of the application.
    Other,
}

impl Kind {
    pub(super) fn of_name(name: &str) -> Self {
        match name {
            "$snapshot" | "$snapshot_items" => Self::Snapshot,
            "$exception" => Self::Exception,
            "survey sent" => Self::SurveySent,
            "$pageview" => Self::PageView,
            _ => Self::Other,
        }
    }
}

/// The name of an event.
pub(super) fn name(event: &Bytes) -> Option<String> {
    Some(Fields::of(Cursor::new(event))?.text("event")?.into_owned())
}

/// The piece of a recording that a `$snapshot` is.
///
/// # Errors
/// What is wrong with it.
pub(super) fn snapshot(event: &Bytes) -> Result<Piece, &'static str> {
    let broken = "it is not an object with properties";
    let fields = Fields::of(Cursor::new(event)).ok_or(broken)?;
    let properties = Members::of(Cursor::new(event)).find("properties").ok_or(broken)?;
    let told = Fields::of(Cursor::new(properties)).ok_or(broken)?;
    let data =
        ["$snapshot_data", "$snapshot_items"].iter().find_map(|key| Members::of(Cursor::new(properties)).find(key));
    let data = event.slice_ref(data.ok_or("it has no $snapshot_data")?);
    let session = told.text("$session_id").ok_or("it has no $session_id")?;
    let replay: ReplayKey = session.trim().parse().map_err(|_| "its $session_id is no id")?;
    let window = told.text("$window_id").map(|window| playhead_schemas::text::one_line(&window, WINDOW_CHARS_MAX));
    let uuid = fields.text("uuid").or_else(|| told.text("uuid")).or_else(|| told.text("$insert_id"));
    // Without an id, the same bytes are the same again.
    let identity = uuid.filter(|uuid| (1..=100).contains(&uuid.len())).unwrap_or_default();
    Ok(Piece {
        replay,
        identity: format!("posthog:{identity}"),
        is_told_by_content: true,
        origin: SegmentOrigin::Recording(None),
        page: None,
        window: window.filter(|window| !window.is_empty()),
        stream: Stream::Rrweb,
        raw: if data.starts_with(b"\"") { Raw::Quoted(data) } else { Raw::Part(data) },
    })
}

/// The piece that a `$pageview` adds to a recording: where the page is from then on. Recorders of some versions and
/// settings don't say so.
pub(super) fn page_view(event: &Value, now: EpochMs) -> Option<Piece> {
    let replay = replay(event)?;
    let (at, href) = (at(event, now), text(event, "/properties/$current_url")?);
    let marks = json!([{"type": 5, "timestamp": at.0, "data": {"tag": "$pageview", "payload": {"href": href}}}]);
    Some(Piece {
        replay,
        identity: format!("posthog:{}", id(event)?),
        is_told_by_content: false,
        origin: SegmentOrigin::Beside,
        page: None,
        window: line(event, "/properties/$window_id", WINDOW_CHARS_MAX),
        stream: Stream::Rrweb,
        raw: Raw::Part(marks.to_string().into()),
    })
}

/// An `$exception`.
pub(super) fn exception(event: &Value, now: EpochMs, fallback_id: &str) -> ErrorReport {
    let mut exceptions = Exception::chain(items(event, "/properties/$exception_list"));
    if exceptions.is_empty() {
        exceptions.extend(flat_exception(event));
    }
    let level = text(event, "/properties/$exception_level").unwrap_or("error");
    let own = line(event, "/properties/$exception_fingerprint", 200);
    ErrorReport {
        context: context(event, now, fallback_id),
        severity: Severity::of_name(level),
        exceptions,
        message: text(event, "/properties/$exception_message").map(str::to_owned),
        own_fingerprint: own.into_iter().collect(),
        crumbs: Vec::new(),
    }
}

/// The form of before 1.200: one exception in properties of its own, its frames as JSON in a string.
fn flat_exception(event: &Value) -> Option<Exception> {
    let kind = line(event, "/properties/$exception_type", 200);
    let value = text(event, "/properties/$exception_message").map(str::to_owned);
    if kind.is_none() && value.is_none() {
        return None;
    }
    let raw = event.pointer("/properties/$exception_stack_trace_raw");
    let list: Option<Value> = match raw {
        Some(Value::String(json)) => serde_json::from_str(json).ok(),
        other => other.cloned(),
    };
    let handled = event.pointer("/properties/$exception_handled").and_then(Value::as_bool);
    Some(Exception {
        kind: kind.unwrap_or_default(),
        value: value.unwrap_or_default(),
        handled,
        frames: frames(list.as_ref().and_then(Value::as_array).map_or(&[], Vec::as_slice)),
    })
}

/// A `survey sent`; `None` when nothing was answered.
pub(super) fn survey(event: &Value, now: EpochMs, fallback_id: &str) -> Option<Feedback> {
    let answers = answers(event);
    let message = match &answers[..] {
        [] => return None,
        [(_, answer)] => answer.clone(),
        many => many.iter().map(|(question, answer)| format!("{question}\n{answer}")).collect::<Vec<_>>().join("\n\n"),
    };
    let mut context = context(event, now, fallback_id);
    context.tags.insert(0, "feedback".to_owned());
    if let Some(name) = line(event, "/properties/$survey_name", 200) {
        context.metadata.insert("survey".to_owned(), Value::from(name));
    }
    Some(Feedback { context, message, about_event: None })
}

/// Questions with what was answered.
fn answers(event: &Value) -> Vec<(String, String)> {
    let listed: Vec<(String, String)> = items(event, "/properties/$survey_questions")
        .iter()
        .take(ANSWERS_MAX)
        .filter_map(|question| {
            let asked = line(question, "/question", 500).unwrap_or_default();
            let id = line(question, "/id", 100).unwrap_or_default();
            let response =
                question.get("response").or_else(|| event.get("properties")?.get(format!("$survey_response_{id}")));
            response.and_then(answer).map(|answer| (asked, answer))
        })
        .collect();
    if !listed.is_empty() {
        return listed;
    }
    let Some(properties) = event.get("properties").and_then(Value::as_object) else { return Vec::new() };
    properties
        .iter()
        .filter(|(key, _)| key.starts_with("$survey_response"))
        .take(ANSWERS_MAX)
        .filter_map(|(_, value)| answer(value).map(|answer| (String::new(), answer)))
        .collect()
}

fn answer(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(list) => list.iter().filter_map(answer).collect::<Vec<_>>().join(", "),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

fn id(event: &Value) -> Option<String> {
    ["/uuid", "/properties/$insert_id"].iter().find_map(|pointer| line(event, pointer, 100))
}

fn replay(event: &Value) -> Option<ReplayKey> {
    text(event, "/properties/$session_id")?.trim().parse().ok()
}

/// When it happened. Old versions say how long ago that was when it was sent.
fn at(event: &Value, now: EpochMs) -> EpochMs {
    let ago = || number(event, "/offset").filter(|ms| (0.0..1e12).contains(ms));
    time(event, "/timestamp")
        .or_else(|| time(event, "/properties/$time"))
        .or_else(|| {
            #[allow(clippy::cast_possible_truncation)]
            ago().map(|ms| now.plus_ms(-(ms as i64)))
        })
        .unwrap_or(now)
}

fn context(event: &Value, now: EpochMs, fallback_id: &str) -> Context {
    let told = |name: &str| line(event, &format!("/properties/{name}"), SHORT_CHARS_MAX);
    let person = |name: &str| {
        let pointers = [format!("/$set/{name}"), format!("/properties/$set/{name}")];
        pointers.iter().find_map(|pointer| line(event, pointer, SHORT_CHARS_MAX))
    };
    let size = whole(event, "/properties/$viewport_width").zip(whole(event, "/properties/$viewport_height"));
    let browser = told("$browser").map(|name| match told("$browser_version") {
        Some(version) => format!("{name} {version}"),
        None => name,
    });
    Context {
        product: Product::PostHog,
        id: id(event).unwrap_or_else(|| fallback_id.to_owned()),
        at: at(event, now),
        replay: replay(event),
        page: PageContext {
            url: told("$current_url"),
            title: told("title").or_else(|| told("$title")),
            referrer: told("$referrer").filter(|referrer| referrer != "$direct"),
        },
        reporter: Reporter {
            name: person("name"),
            email: person("email"),
            id: told("distinct_id").or_else(|| line(event, "/distinct_id", SHORT_CHARS_MAX)),
        },
        system: SystemInfo {
            user_agent: told("$raw_user_agent"),
            browser,
            os: told("$os"),
            viewport: size.map(|(width, height)| Size { width, height }),
            language: told("$browser_language"),
            timezone: told("$timezone"),
            ..SystemInfo::default()
        },
        tags: Vec::new(),
        metadata: metadata(event),
        files: Vec::new(),
    }
}

/// What the application added: properties without PostHog's `$`.
fn metadata(event: &Value) -> Map<String, Value> {
    let mut metadata = Map::new();
    if let Some(version) = line(event, "/properties/$lib_version", 60) {
        metadata.insert("sdk".to_owned(), Value::from(format!("posthog-js {version}")));
    }
    metadata.extend(id(event).map(|id| ("event_id".to_owned(), Value::from(id))));
    let properties = event.get("properties").and_then(Value::as_object);
    let own = properties
        .into_iter()
        .flatten()
        .filter(|(key, _)| !key.starts_with('$') && !matches!(key.as_str(), "token" | "distinct_id" | "title"));
    metadata.extend(own.take(200).map(|(key, value)| (key.clone(), value.clone())));
    metadata
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NOW: EpochMs = EpochMs(1_796_038_233_000);

    #[test]
    fn snapshots_of_every_version() {
        for (event, window, quoted) in [
            (
                json!({"uuid": "u", "properties": {"$session_id": "s", "$window_id": "w", "$snapshot_data": []}}),
                Some("w"),
                false,
            ),
            (
                json!({"event": "$snapshot", "properties": {"$snapshot_data": {"type": 4}, "$session_id": "s"}}),
                None,
                false,
            ),
            (json!({"properties": {"$snapshot_items": [], "$session_id": "s", "$window_id": ""}}), None, false),
            (json!({"properties": {"$snapshot_data": "[]", "$session_id": "s"}}), None, true),
        ] {
            let piece = snapshot(&Bytes::from(event.to_string())).unwrap();
            assert_eq!((piece.replay.as_str(), piece.window.as_deref()), ("s", window), "{event}");
            assert_eq!(matches!(piece.raw, Raw::Quoted(_)), quoted, "{event}");
        }
        for (event, why) in [
            (json!({"properties": {"$snapshot_data": []}}), "it has no $session_id"),
            (json!({"properties": {"$session_id": "s"}}), "it has no $snapshot_data"),
            (json!({"properties": {"$session_id": "a b", "$snapshot_data": []}}), "its $session_id is no id"),
            (json!({"properties": 7}), "it is not an object with properties"),
            (json!(7), "it is not an object with properties"),
        ] {
            assert_eq!(snapshot(&Bytes::from(event.to_string())).map(drop), Err(why), "{event}");
        }
    }

    #[test]
    fn exceptions_of_every_version() {
        let old = json!({"uuid": "u", "offset": 500, "properties": {
            "$exception_type": "TypeError", "$exception_message": "x", "$exception_handled": false,
            "$exception_stack_trace_raw": "[{\"filename\":\"a.js\",\"function\":\"f\",\"lineno\":1,\"colno\":2}]"}});
        let read = exception(&old, NOW, "id");
        assert_eq!(read.title(), "TypeError: x");
        assert_eq!(read.thrown().unwrap().stack(), "at f (a.js:1:2)");
        assert!(read.is_uncaught());
        assert_eq!(read.context.at, NOW.plus_ms(-500));
        let bare = exception(&json!({"properties": {}}), NOW, "id");
        assert_eq!((bare.title().as_str(), bare.context.id.as_str()), ("An error without a message (PostHog)", "id"));
        let chain = json!({"properties": {"$exception_list": [
            {"type": "Error", "value": "outer"}, {"type": "Error", "value": "inner"}]}});
        assert_eq!(exception(&chain, NOW, "id").title(), "Error: outer");
    }

    #[test]
    fn answers_of_surveys() {
        for (properties, want) in [
            (json!({"$survey_questions": [{"id": "q", "question": "How?", "response": "Bad"}]}), Some("Bad")),
            (json!({"$survey_questions": [{"id": "q", "question": "How?"}], "$survey_response_q": 3}), Some("3")),
            (json!({"$survey_response": ["a", "b"]}), Some("a, b")),
            (
                json!({"$survey_questions": [{"question": "A?", "response": "1"}, {"question": "B?", "response": "2"}]}),
                Some("A?\n1\n\nB?\n2"),
            ),
            (json!({"$survey_response": " "}), None),
            (json!({}), None),
        ] {
            let read = survey(&json!({ "properties": properties }), NOW, "id");
            assert_eq!(read.map(|feedback| feedback.message).as_deref(), want, "{properties}");
        }
    }
}
