//! An error and its breadcrumbs as lines of the console stream.
//!
//! A recording has the page's console lines too; the transcriber tells the same line of two sources once. Requests and
//! clicks of breadcrumbs are not taken: the recording tells more of them, and their times differ too much to be sure.

use playhead_schemas::EpochMs;
use playhead_schemas::text::visible;
use playhead_schemas::upload::ConsoleEntry;
use serde_json::Value;

use super::error_report::{ErrorReport, Severity, cut};
use super::value::{items, text, time};

/// Breadcrumbs of one event: SDKs send 100.
pub(super) const CRUMBS_MAX: usize = 500;
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

/// The console breadcrumbs that are newer than `after`, and the time of the newest.
pub(super) fn lines(crumbs: &[Value], after: Option<EpochMs>) -> (Vec<ConsoleEntry>, Option<EpochMs>) {
    let mut newest = None;
    let mut lines = Vec::new();
    for crumb in crumbs.iter().take(CRUMBS_MAX) {
        let Some(at) = time(crumb, "/timestamp") else { continue };
        if after.is_some_and(|after| at <= after) {
            continue;
        }
        if let Some(line) = console_line(crumb, at) {
            newest = newest.max(Some(at));
            lines.push(line);
        }
    }
    (lines, newest)
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
        let (all, newest) = lines(&crumbs, None);
        let told: Vec<_> = all.iter().map(|l| (l.level.as_str(), l.message.as_deref(), l.args.is_some())).collect();
        assert_eq!(told, [("warn", Some("low stock"), false), ("log", None, true)]);
        assert_eq!(newest, Some(EpochMs(1_796_037_614_300)));
        assert_eq!(lines(&crumbs, newest), (Vec::new(), None));
        assert_eq!(lines(&crumbs, Some(EpochMs(1_796_037_614_200))).0.len(), 1);
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
