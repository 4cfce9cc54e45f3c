//! An error and its breadcrumbs: console lines as a stream of their own, requests, clicks and addresses as events beside
//! the recording.
//!
//! A recording has most of them too; the transcriber tells the same line and the same request of two sources once, and
//! clicks and addresses only where no recording shows the page.

use playhead_schemas::EpochMs;
use playhead_schemas::text::visible;
use playhead_schemas::upload::ConsoleEntry;
use serde_json::{Value, json};

use super::error_report::{ErrorReport, Severity};
use super::value::{cut, items, text, time};

/// Breadcrumbs of one event: SDKs send 100.
pub(super) const CRUMBS_MAX: usize = 500;
/// The tag of events that hold a breadcrumb of an error; a recording's own have another one.
const CRUMB_TAG: &str = "sentry.error.breadcrumb";
/// Characters of one line, and arguments of one call.
const LINE_CHARS_MAX: usize = 5000;
const ARGS_MAX: usize = 50;

/// The error as a line.
pub(super) fn line_of_error(report: &ErrorReport) -> ConsoleEntry {
    let thrown = report.thrown();
    let place = thrown.and_then(|thrown| thrown.place());
    let stack = thrown.map(|thrown| format!("{}\n{}", thrown.title(), thrown.stack()));
    ConsoleEntry {
        timestamp: in_f64(report.context.at),
        level: report.severity.console_level().to_owned(),
        kind: if report.is_uncaught() { "exception" } else { "console" }.to_owned(),
        message: Some(thrown.map_or_else(|| report.title(), |thrown| cut(&thrown.title(), LINE_CHARS_MAX))),
        args: None,
        stack: stack.filter(|_| thrown.is_some_and(|thrown| !thrown.frames.is_empty())),
        url: place.and_then(|frame| frame.file.clone()),
        line: place.and_then(|frame| frame.line),
        column: place.and_then(|frame| frame.column),
    }
}

/// What breadcrumbs become.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told {
    pub(super) lines: Vec<ConsoleEntry>,
    /// Events of rrweb's type 5, whose payload is a breadcrumb.
    pub(super) events: Vec<Value>,
    /// The time of the newest.
    pub(super) newest: Option<EpochMs>,
}

/// The breadcrumbs that are newer than `after`.
pub(super) fn told(crumbs: &[Value], after: Option<EpochMs>) -> Told {
    let mut told = Told::default();
    for crumb in crumbs.iter().take(CRUMBS_MAX) {
        let Some(at) = time(crumb, "/timestamp").filter(|at| after.is_none_or(|after| *at > after)) else { continue };
        if let Some(line) = console_line(crumb, at) {
            told.lines.push(line);
        } else if let Some(event) = event(crumb, at) {
            told.events.push(event);
        } else {
            continue;
        }
        told.newest = told.newest.max(Some(at));
    }
    told
}

/// A request, a click or a change of the address, as the transcriber reads it.
fn event(crumb: &Value, at: EpochMs) -> Option<Value> {
    let category = text(crumb, "/category")?;
    let is_told = matches!(category, "fetch" | "xhr" | "navigation") || category.starts_with("ui.");
    let told = |pointer, chars_max| super::value::line(crumb, pointer, chars_max);
    is_told.then(|| {
        json!({ "type": 5, "timestamp": at.0, "data": { "tag": CRUMB_TAG, "payload": {
            "timestamp": in_f64(at) / 1000.0, "category": category, "message": told("/message", LINE_CHARS_MAX),
            "data": {
                "method": told("/data/method", 20), "url": told("/data/url", LINE_CHARS_MAX),
                "status_code": crumb.pointer("/data/status_code").filter(|status| status.is_number()),
                "to": told("/data/to", LINE_CHARS_MAX),
            },
        } } })
    })
}

fn console_line(crumb: &Value, at: EpochMs) -> Option<ConsoleEntry> {
    if text(crumb, "/category")? != "console" {
        return None;
    }
    let message = text(crumb, "/message").map(|message| cut(&visible(message), LINE_CHARS_MAX));
    // Objects are lost in the message, but not among the arguments.
    let is_vague = message.as_ref().is_none_or(|message| message.contains("[object "));
    let args = items(crumb, "/data/arguments");
    let args = (is_vague && !args.is_empty()).then(|| args.iter().take(ARGS_MAX).cloned().collect::<Vec<_>>());
    if message.is_none() && args.is_none() {
        return None;
    }
    let level = text(crumb, "/level").unwrap_or("log");
    Some(ConsoleEntry {
        timestamp: in_f64(at),
        level: if level == "log" { level } else { Severity::of_name(level).console_level() }.to_owned(),
        kind: "console".to_owned(),
        message: message.filter(|_| args.is_none()),
        args,
        stack: None,
        url: None,
        line: None,
        column: None,
    })
}

/// Breadcrumbs as text for people, the last `lines_max`: for a bug that no replay shows.
pub(super) fn as_text(crumbs: &[Value], lines_max: usize) -> Vec<String> {
    let from = crumbs.len().saturating_sub(lines_max);
    crumbs[from..].iter().filter_map(text_of).collect()
}

fn text_of(crumb: &Value) -> Option<String> {
    let at = time(crumb, "/timestamp").map(EpochMs::to_rfc3339).unwrap_or_default();
    let category = text(crumb, "/category").or_else(|| text(crumb, "/type")).unwrap_or("default");
    let told = |pointer: &str| super::value::line(crumb, pointer, 300);
    let what = match category {
        "navigation" => format!("{} -> {}", told("/data/from")?, told("/data/to")?),
        "fetch" | "xhr" => {
            let status = told("/data/status_code").unwrap_or_else(|| "no answer".to_owned());
            format!("{} {} -> {status}", told("/data/method").unwrap_or_default(), told("/data/url")?)
        }
        _ => told("/message")?,
    };
    Some(format!("{at} {} {what}", playhead_schemas::text::one_line(category, 40)).trim().to_owned())
}

#[allow(clippy::cast_precision_loss)] // dates are far below 2^53
fn in_f64(at: EpochMs) -> f64 {
    at.0 as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn console_lines_are_taken_once() {
        let crumbs = [
            json!({"timestamp": 1_796_037_614.1, "category": "console", "level": "warning", "message": "low stock"}),
            json!({"timestamp": 1_796_037_614.2, "category": "ui.click", "message": "button#pay"}),
            json!({"timestamp": 1_796_037_614.3, "category": "console", "level": "log", "message": "cart [object Object]",
                "data": {"arguments": ["cart", {"items": 2}]}}),
            json!({"timestamp": "?", "category": "console", "message": "when"}),
            json!({"category": "console"}),
            json!(7),
        ];
        let Told { lines, newest, events } = told(&crumbs, None);
        let all: Vec<_> = lines.iter().map(|l| (l.level.as_str(), l.message.as_deref(), l.args.is_some())).collect();
        assert_eq!(all, [("warn", Some("low stock"), false), ("log", None, true)]);
        assert_eq!((events.len(), &events[0]["data"]["payload"]["message"]), (1, &json!("button#pay")));
        assert_eq!(newest, Some(EpochMs(1_796_037_614_300)));
        assert_eq!(told(&crumbs, newest), Told::default());
        assert_eq!(told(&crumbs, Some(EpochMs(1_796_037_614_200))).lines.len(), 1);
    }

    #[test]
    fn people_read_every_kind() {
        let crumbs = [
            json!({"timestamp": 1_796_037_614.0, "category": "navigation", "data": {"from": "/", "to": "/cart"}}),
            json!({"timestamp": 1_796_037_615.0, "category": "fetch", "data": {"method": "GET", "url": "/a", "status_code": 500}}),
            json!({"timestamp": 1_796_037_616.0, "category": "ui.click", "message": "button"}),
            json!({"category": "ui.click"}),
        ];
        let text = as_text(&crumbs, 30);
        assert_eq!(text[0], "2026-11-30T11:20:14.000Z navigation / -> /cart");
        assert_eq!(text[1], "2026-11-30T11:20:15.000Z fetch GET /a -> 500");
        assert_eq!(text.len(), 3);
        assert_eq!(as_text(&crumbs, 1).len(), 0);
    }
}
