//! Console lines among the events of a recording: rrweb's console plugin, its source 11 before there were
//! plugins, and Sentry's breadcrumbs.

use super::args::{self, Arg};
use super::{ConsoleSource, Place, RawConsole, Told, is_uncaught};
use crate::lenient::{self, Value, as_text, epoch_ms, field, number, text};

/// Reads the payload of an `rrweb/console@1` event, or the data of an incremental event of source 11:
/// `{level, trace, payload}`. The plugin records uncaught errors as lines of level `error`; they are told by
/// their text.
///
/// None when it is not of this shape.
pub(crate) fn from_plugin(payload: &mut [u8], event_ms: f64) -> Option<RawConsole> {
    lenient::value(payload, |event| {
        event.as_object()?;
        let level = text(event, "level").unwrap_or("log");
        let args: Vec<Arg<'_>> = match field(event, "payload").and_then(|payload| payload.as_array()) {
            Some(payload) => payload.iter().filter_map(arg).collect(),
            None => Vec::new(),
        };
        let mut text = args::join(&args);
        if text.trim().is_empty() {
            text = format!("console.{level}");
        } else if level == "assert" {
            text.insert_str(0, "Assertion failed: ");
        }
        let trace: Vec<&str> = field(event, "trace")
            .and_then(|trace| trace.as_array())
            .map(|trace| trace.iter().filter_map(as_text).collect())
            .unwrap_or_default();
        let is_exception = level == "error" && is_exception(&text, trace.is_empty());
        // The place of a call is worth keeping, its whole stack only when something is wrong.
        let keeps_stack = is_exception || matches!(level, "error" | "assert" | "warn" | "trace");
        let told = Told {
            at_ms: event_ms,
            method: level,
            is_exception,
            text: &text,
            stack: keeps_stack.then(|| as_frames(&trace)),
            place: place(&trace),
            source: if number(event, "source") == Some(11.0) {
                ConsoleSource::LegacyLogSource11
            } else {
                ConsoleSource::PluginRrweb
            },
        };
        Some(told.into_line())
    })?
}

/// Reads the payload of a `breadcrumb` of category `console`, which has a time of its own; `event_ms` stands
/// in for it. None for other breadcrumbs.
pub(crate) fn from_breadcrumb(payload: &mut [u8], event_ms: f64) -> Option<RawConsole> {
    lenient::value(payload, |crumb| {
        if text(crumb, "category")? != "console" {
            return None;
        }
        let message = text(crumb, "message").unwrap_or_default();
        let args = field(crumb, "data").and_then(|data| field(data, "arguments")?.as_array());
        // Sentry joins arguments as strings: objects are lost in the message, but not among them.
        let joined = args
            .filter(|_| message.is_empty() || message.contains("[object "))
            .map(|args| args::join(&args.iter().map(Arg::of_value).collect::<Vec<_>>()));
        let text_of = joined.as_deref().unwrap_or(message);
        if text_of.trim().is_empty() {
            return None;
        }
        let told = Told {
            at_ms: field(crumb, "timestamp").and_then(epoch_ms).unwrap_or(event_ms),
            method: text(crumb, "level").unwrap_or("log"),
            is_exception: is_uncaught(text_of),
            text: text_of,
            stack: None,
            place: Place::default(),
            source: ConsoleSource::SentryBreadcrumb,
        };
        Some(told.into_line())
    })?
}

fn arg<'a>(item: Value<'_, 'a>) -> Option<Arg<'a>> {
    match as_text(item) {
        Some(json) => Some(Arg::of_json_text(json)),
        // What has no JSON, as a symbol, is recorded as null.
        None if item.as_array().is_none() && item.as_object().is_none() => None,
        None => Some(Arg::of_value(item)),
    }
}

/// True for an uncaught error: by its first word; or, without a trace, which a call of the console always
/// has, by being an error's text, or the one that browsers give for scripts of other origins.
fn is_exception(text: &str, has_no_trace: bool) -> bool {
    let names_error = || {
        let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        word.ends_with("Error") || word.ends_with("Exception")
    };
    is_uncaught(text) || (has_no_trace && (text.starts_with("Script error") || names_error()))
}

/// The frames of a trace, `fn (url:l:c)` or `url:l:c`, in the notation of stacks.
fn as_frames(trace: &[&str]) -> String {
    trace.iter().map(|frame| format!("at {}", frame.trim())).collect::<Vec<_>>().join("\n")
}

fn place(trace: &[&str]) -> Place {
    super::stack::place(trace)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::timeline::Level;

    use super::*;

    const AT: f64 = 1_795_190_840_000.0;

    fn read(json: &str) -> Option<RawConsole> {
        from_plugin(&mut json.as_bytes().to_vec(), AT)
    }

    #[test]
    fn calls_are_read() {
        let got = read(
            r#"{"level":"warn","trace":["console.<computed> [as warn] (https://a.test/r.js:9:9)","save (https://a.test/a.js:3:7)"],
            "payload":["\"%cSlow\"","\"color:red\"","{\"token\":\"x\",\"n\":1}"]}"#,
        )
        .unwrap();
        assert_eq!(got.message, r#"Slow {"token":"[redacted]","n":1}"#);
        assert_eq!((got.level, got.is_exception, got.at_ms), (Level::Warn, false, AT));
        assert_eq!((got.url.as_deref(), got.line, got.column), (Some("https://a.test/a.js"), Some(3), Some(7)));
        assert_eq!(
            got.stack.as_deref(),
            Some("at console.<computed> [as warn] (https://a.test/r.js:9:9)\nat save (https://a.test/a.js:3:7)")
        );
        let log = read(r#"{"level":"log","trace":["https://a.test/a.js:3:7"],"payload":["\"x\"",null,"1"]}"#).unwrap();
        assert_eq!((log.message.as_str(), log.stack, log.line), ("x 1", None, Some(3)));
    }

    #[test]
    fn uncaught_errors_are_told_from_calls() {
        for (trace, message, want) in [
            ("\"f (https://a.test/a.js:1:2)\"", "Uncaught TypeError: x", true),
            ("", "Uncaught (in promise) Error: x", true),
            ("", "Script error.", true),
            ("", "TypeError: x", true),
            ("\"f (https://a.test/a.js:1:2)\"", "TypeError: x", false),
            ("", "x failed", false),
        ] {
            let json = format!(r#"{{"level":"error","trace":[{trace}],"payload":["\"{message}\""]}}"#);
            assert_eq!(read(&json).unwrap().is_exception, want, "{message} {trace}");
            let warning = json.replace("error\",\"trace", "warn\",\"trace");
            assert!(!read(&warning).unwrap().is_exception);
        }
    }

    #[test]
    fn errors_become_message_and_stack() {
        let got = read(
            r#"{"level":"error","trace":["g (https://a.test/b.js:5:6)"],
            "payload":["\"saving failed\"","\"TypeError: x\\n    at f (https://a.test/a.js:1:2)\\nEnd of stack for Error object\""]}"#,
        )
        .unwrap();
        assert_eq!(got.message, "saving failed TypeError: x");
        assert_eq!(got.stack.as_deref(), Some("at f (https://a.test/a.js:1:2)"));
        assert_eq!(got.line, Some(5), "the place is that of the call");
    }

    #[test]
    fn calls_without_text_are_named() {
        for (json, want) in [
            (r#"{"level":"groupEnd","trace":[],"payload":[]}"#, "console.groupEnd"),
            (r#"{"level":"assert","trace":[],"payload":["\"n > 0\""]}"#, "Assertion failed: n > 0"),
            ("{}", "console.log"),
        ] {
            assert_eq!(read(json).unwrap().message, want);
        }
        for json in ["[]", "null", "7", "", "{"] {
            assert_eq!(read(json), None, "{json}");
        }
        let old = read(r#"{"source":11,"level":"info","trace":[],"payload":["\"x\""]}"#).unwrap();
        assert_eq!((old.source, old.level), (ConsoleSource::LegacyLogSource11, Level::Info));
    }

    #[test]
    fn breadcrumbs_are_read() {
        let read = |json: &str| from_breadcrumb(&mut json.as_bytes().to_vec(), AT);
        let got = read(
            r#"{"timestamp":1695967678.113,"category":"console","data":{"logger":"console","arguments":["a",{"b":1}]},"level":"warning","message":"a [object Object]"}"#,
        )
        .unwrap();
        assert_eq!((got.message.as_str(), got.level, got.at_ms), (r#"a {"b":1}"#, Level::Warn, 1_695_967_678_113.0));
        let got =
            read(r#"{"category":"console","level":"info","message":"m","data":{"arguments":["%s","m"]}}"#).unwrap();
        assert_eq!((got.message.as_str(), got.at_ms), ("m", AT));
        assert_eq!(read(r#"{"category":"ui.click","message":"m"}"#), None);
        assert_eq!(read(r#"{"category":"console"}"#), None);
    }
}
