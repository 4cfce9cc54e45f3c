//! Sentry's error events, feedback and user reports.

use playhead_schemas::text::one_line;
use playhead_schemas::upload::{PageContext, Reporter, SystemInfo};
use playhead_schemas::{EpochMs, ReplayKey};
use serde_json::{Map, Value};

use super::super::bugs::Feedback;
use super::super::crumbs::CRUMBS_MAX;
use super::super::error_report::{Context, ErrorReport, Product, Severity};
use super::super::exception::{Exception, Frame, frames};
use super::super::value::{hex_id, items, line, text, time};

/// Characters of the short texts.
const SHORT_CHARS_MAX: usize = 4096;
/// Tags of an event that are read.
const TAGS_MAX: usize = 45;
/// Tags that say what a field of the bug says.
const OWN_TAGS: &[&str] = &["replayId", "replay_id"];

/// What the envelope around an item says.
#[derive(Clone, Debug)]
pub(super) struct Around {
    /// The id of the event.
    pub(super) event_id: Option<String>,
    pub(super) replay_id: Option<String>,
    /// When the request came.
    pub(super) now: EpochMs,
    /// What stands for the id of an event that has none.
    pub(super) fallback_id: String,
}

/// What was thrown, causes first.
fn thrown(event: &Value) -> &[Value] {
    match items(event, "/exception/values") {
        // Before 7, and in other SDKs, the list stood there by itself.
        [] => items(event, "/exception"),
        values => values,
    }
}

/// An `event` item.
pub(super) fn error(event: &Value, around: &Around) -> ErrorReport {
    let mut exceptions = Exception::chain_of_sentry(thrown(event));
    let message = ["/message", "/logentry/formatted", "/logentry/message", "/message/formatted"]
        .iter()
        .find_map(|pointer| text(event, pointer))
        .map(str::to_owned);
    if exceptions.is_empty() {
        exceptions.extend(of_threads(event, message.as_deref()));
    }
    let own: Vec<String> =
        items(event, "/fingerprint").iter().take(20).filter_map(|part| line(part, "", 200)).collect();
    ErrorReport {
        severity: Severity::of_name(text(event, "/level").unwrap_or("error")),
        message,
        exceptions,
        own_fingerprint: own,
        crumbs: crumbs(event),
        context: context(event, around),
    }
}

/// A message with a stack, which `attachStacktrace` adds.
fn of_threads(event: &Value, message: Option<&str>) -> Option<Exception> {
    let frames: Vec<Frame> =
        [frames(items(event, "/stacktrace/frames")), frames(items(event, "/threads/values/0/stacktrace/frames"))]
            .into_iter()
            .find(|frames| !frames.is_empty())?;
    let severity = Severity::of_name(text(event, "/level").unwrap_or("error"));
    // A stack makes no error of a mere message.
    (severity >= Severity::Error).then(|| Exception {
        kind: String::new(),
        value: message.unwrap_or_default().to_owned(),
        handled: Some(true),
        frames,
    })
}

fn crumbs(event: &Value) -> Vec<Value> {
    let list = match items(event, "/breadcrumbs") {
        [] => items(event, "/breadcrumbs/values"),
        list => list,
    };
    list[list.len().saturating_sub(CRUMBS_MAX)..].to_vec()
}

/// A `feedback` item, from version 8 on.
pub(super) fn feedback(event: &Value, around: &Around) -> Option<Feedback> {
    let message = text(event, "/contexts/feedback/message").or_else(|| text(event, "/message"))?.to_owned();
    let mut context = context(event, around);
    let told = |pointer| line(event, pointer, SHORT_CHARS_MAX);
    context.replay = text(event, "/contexts/feedback/replay_id").and_then(replay_key).or(context.replay);
    context.reporter.email = told("/contexts/feedback/contact_email").or(context.reporter.email);
    context.reporter.name = told("/contexts/feedback/name").or(context.reporter.name);
    context.page.url = told("/contexts/feedback/url").or(context.page.url);
    context.tags.insert(0, "feedback".to_owned());
    let about_event = text(event, "/contexts/feedback/associated_event_id").map(hex_id);
    Some(Feedback { context, message, about_event })
}

/// A `user_report` item, of version 7.
pub(super) fn user_report(report: &Value, around: &Around) -> Option<Feedback> {
    let message = text(report, "/comments").or_else(|| text(report, "/message"))?.to_owned();
    let about_event = text(report, "/event_id").map(hex_id).or_else(|| around.event_id.clone());
    let mut context = context(report, around);
    // The report has no id of its own: it is the one about its event.
    context.id = about_event.clone().map_or(context.id, |event| format!("report-{event}"));
    context.reporter.name = line(report, "/name", SHORT_CHARS_MAX);
    context.reporter.email = line(report, "/email", SHORT_CHARS_MAX);
    context.tags.insert(0, "feedback".to_owned());
    Some(Feedback { context, message, about_event })
}

fn context(event: &Value, around: &Around) -> Context {
    let told = |pointer| line(event, pointer, SHORT_CHARS_MAX);
    let id = text(event, "/event_id").map(hex_id).or_else(|| around.event_id.clone());
    let replay = ["/tags/replayId", "/tags/replay_id", "/contexts/replay/replay_id"]
        .iter()
        .find_map(|pointer| text(event, pointer))
        .map(str::to_owned)
        .or_else(|| tag_pairs(event).into_iter().find(|(key, _)| OWN_TAGS.contains(&key.as_str())).map(|(_, id)| id))
        .or_else(|| around.replay_id.clone());
    Context {
        product: Product::Sentry,
        id: one_line(&id.unwrap_or_else(|| around.fallback_id.clone()), 64),
        at: time(event, "/timestamp").unwrap_or(around.now),
        replay: replay.as_deref().and_then(replay_key),
        page: PageContext { url: told("/request/url"), title: None, referrer: told("/request/headers/Referer") },
        reporter: Reporter {
            name: told("/user/username").or_else(|| told("/user/name")),
            email: told("/user/email"),
            id: told("/user/id"),
        },
        system: SystemInfo {
            user_agent: told("/request/headers/User-Agent"),
            language: told("/contexts/culture/locale"),
            timezone: told("/contexts/culture/timezone"),
            browser: told("/contexts/browser/name"),
            os: told("/contexts/os/name"),
            ..SystemInfo::default()
        },
        tags: tags(event),
        metadata: metadata(event),
        files: Vec::new(),
    }
}

/// The replay that an id of Sentry names.
pub(super) fn replay_key(id: &str) -> Option<ReplayKey> {
    hex_id(id).parse().ok()
}

/// Tags are an object, or a list of pairs.
fn tag_pairs(event: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    match event.get("tags") {
        Some(Value::Object(map)) => {
            for key in map.keys().take(TAGS_MAX) {
                let value = map.get(key).and_then(|value| line(value, "", 200));
                pairs.extend(value.map(|value| (key.clone(), value)));
            }
        }
        Some(Value::Array(list)) => {
            for pair in list.iter().take(TAGS_MAX) {
                pairs.extend(line(pair, "/0", 200).zip(line(pair, "/1", 200)));
            }
        }
        _ => {}
    }
    pairs
}

fn tags(event: &Value) -> Vec<String> {
    let pairs = tag_pairs(event).into_iter().filter(|(key, _)| !OWN_TAGS.contains(&key.as_str()));
    let mut tags: Vec<String> = pairs.map(|(key, value)| format!("{key}:{value}")).collect();
    let told = |name: &str, pointer| line(event, pointer, 200).map(|value| format!("{name}:{value}"));
    tags.extend(told("release", "/release"));
    tags.extend(told("environment", "/environment"));
    tags
}

fn metadata(event: &Value) -> Map<String, Value> {
    let mut metadata = Map::new();
    let mut add = |name: &str, value: Option<Value>| {
        if let Some(value) = value.filter(|value| !value.is_null()) {
            metadata.insert(name.to_owned(), value);
        }
    };
    let told = |pointer| line(event, pointer, 200).map(Value::from);
    let sdk = line(event, "/sdk/name", 100).zip(line(event, "/sdk/version", 60));
    add("sdk", sdk.map(|(name, version)| Value::from(format!("{name} {version}"))));
    add("event_id", told("/event_id"));
    for pointer in ["/release", "/dist", "/environment", "/level", "/transaction", "/logger"] {
        add(&pointer[1..], told(pointer));
    }
    // Causes come first: the error itself is the last one.
    add("handled", thrown(event).last().and_then(|error| error.pointer("/mechanism/handled")).cloned());
    add("trace_id", told("/contexts/trace/trace_id"));
    add("extra", event.get("extra").filter(|extra| extra.is_object()).cloned());
    metadata
}
