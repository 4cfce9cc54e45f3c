//! rrweb's console plugin, `rrweb/console@1`, which PostHog uses too, and the incremental source that was there before.
//!
//! In: `{level, trace, payload}`, of which each item of `payload` is the JSON text of one argument. Out: console lines.
//! Never here: how arguments are joined and stacks are told from messages, see [`console`](crate::console).

use super::is_log;
use crate::console::args::{self, Arg};
use crate::console::{Assertion, ConsoleSource, RawConsole, SourceLine, is_uncaught, stack};
use crate::dialects::fact::Fact;
use crate::lenient::{self, Value, as_text, field, text};
use crate::recorded::belonging;

/// What rrweb writes before a rejected value that is no error, as JSON.
const REJECTED: &str = "\"Uncaught (in promise)\"";

/// The console line of an incremental event; `None` when its source is another one.
pub(in crate::dialects) fn log(at: f64, data: &[u8]) -> Option<Fact> {
    is_log(data).then(|| line(at, data, ConsoleSource::LegacyLogSource11))?.map(Box::new).map(Fact::Line)
}

/// Reads the payload of an event of the plugin, or the data of an incremental event of source 11. Uncaught errors are
/// recorded as lines of level `error`, too; their text tells them apart.
///
/// None when it is not of this shape.
pub(super) fn line(event_ms: f64, payload: &[u8], source: ConsoleSource) -> Option<RawConsole> {
    lenient::value(&mut payload.to_vec(), |event| {
        event.as_object()?;
        let level = text(event, "level").unwrap_or("log");
        let payload = field(event, "payload").and_then(|payload| payload.as_array());
        let mut items: Vec<Value<'_, '_>> = payload.iter().flat_map(|payload| payload.iter()).collect();
        let assertion = if level == "assert" { assertion(&items) } else { None };
        if assertion == Some(Assertion::Failed) {
            items.remove(0);
        }
        let args: Vec<Arg<'_>> = items.iter().copied().filter_map(arg).collect();
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
        // What is rejected and no error has no stack: the recorder makes one, of itself.
        let is_made =
            level == "error" && items.len() == 2 && items.first().and_then(|item| as_text(*item)) == Some(REJECTED);
        let trace = if is_made { Vec::new() } else { trace };
        let is_exception = level == "error" && is_exception(&text, trace.is_empty());
        // The place of a call is worth keeping, its whole stack only when something is wrong.
        let keeps_stack = is_exception || matches!(level, "error" | "assert" | "warn" | "trace");
        let line = SourceLine {
            at_ms: event_ms,
            method: level,
            is_exception,
            text: &text,
            stack: keeps_stack.then(|| as_frames(&trace)),
            place: stack::place(&trace),
            source,
            inner: Vec::new(),
            assertion,
        };
        let belongs = field(event, "playhead").and_then(belonging);
        Some(RawConsole { belongs, ..line.into_raw() })
    })?
}

/// What the first argument of a `console.assert` says of its condition.
fn assertion(items: &[Value<'_, '_>]) -> Option<Assertion> {
    let first = as_text(*items.first()?)?.trim();
    Some(match first {
        "true" => Assertion::Held,
        "false" | "null" | "0" | "\"\"" | "\"undefined\"" | "NaN" => Assertion::Failed,
        _ if items.len() < 2 => return None,
        // A message has several words.
        _ if first.starts_with('"') && first.contains(' ') => return None,
        _ => Assertion::Unclear,
    })
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::timeline::Level;

    use super::*;

    const AT: f64 = 1_795_190_840_000.0;

    fn read(json: &str) -> Option<RawConsole> {
        line(AT, json.as_bytes(), ConsoleSource::PluginRrweb)
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
    fn conditions_of_assertions_are_read() {
        for (payload, text, want) in [
            (r#"["true","\"total fits\""]"#, "Assertion failed: true total fits", Some(Assertion::Held)),
            (r#"["false","\"total differs\""]"#, "Assertion failed: total differs", Some(Assertion::Failed)),
            (r#"["\"undefined\"","\"no user\""]"#, "Assertion failed: no user", Some(Assertion::Failed)),
            (r#"["{\"a\":1}","\"is there\""]"#, "Assertion failed: {\"a\":1} is there", Some(Assertion::Unclear)),
            (r#"["\"stock below zero\"","7"]"#, "Assertion failed: stock below zero 7", None),
            (r#"["\"stock\""]"#, "Assertion failed: stock", None),
        ] {
            let got = read(&format!(r#"{{"level":"assert","trace":[],"payload":{payload}}}"#)).unwrap();
            assert_eq!((got.message.as_str(), got.assertion), (text, want), "{payload}");
        }
    }

    #[test]
    fn rejected_values_have_no_place() {
        let made = r#"{"level":"error","trace":["https://a.test/rr.js:1:44"],"payload":["\"Uncaught (in promise)\"","{\"code\":7}"]}"#;
        let got = read(made).unwrap();
        assert!(got.is_exception && got.stack.is_none() && got.line.is_none(), "{got:?}");
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
    }

    #[test]
    fn old_lines_are_told_by_their_source_wherever_it_stands() {
        for (data, is_line) in [
            (r#"{"source":11,"level":"warn","trace":[],"payload":["\"hm\""]}"#, true),
            (r#"{"level":"warn","trace":[],"payload":["\"hm\""],"source":11}"#, true),
            (r#" { "payload" : ["\"hm\""], "source" : 11, "level" : "warn" }"#, true),
            (r#"{"source":1,"level":"warn","payload":["\"hm\""]}"#, false),
            (r#"{"source":110,"level":"warn","payload":["\"hm\""]}"#, false),
            (r#"{"texts":[{"value":"\"level\""}],"source":0}"#, false),
            (r#"{"level":{"source":11}}"#, false),
        ] {
            let read = log(AT, data.as_bytes());
            assert_eq!(read.is_some(), is_line, "{data}");
            let Some(Fact::Line(line)) = read else { continue };
            assert_eq!((line.source, line.level), (ConsoleSource::LegacyLogSource11, Level::Warn));
        }
    }
}
