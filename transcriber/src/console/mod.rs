//! Console lines and uncaught errors, from all sources.
//!
//! In: console payloads, and lines that [`dialects`](crate::dialects) found in events. Out: lines with epoch times, in
//! order, each once, without secrets, with message and stack separate. Never here: windows (set where events are read),
//! causes, moments.

pub(crate) mod args;
mod fold;
mod inner;
mod merge;
mod payload;
pub(crate) mod stack;

use playhead_schemas::WindowNo;
use playhead_schemas::text::prefix;
use playhead_schemas::timeline::{InnerError, Level};

pub(crate) use fold::fold;
pub(crate) use inner::Inner;
pub(crate) use merge::merge;
pub(crate) use payload::from_payload;

use crate::recorded::Belonging;
use crate::scrub::{clean_text, clean_url};

/// The most lines that are read from one payload. Further ones are left out with a defect.
const LINES_MAX: usize = 100_000;
/// The longest message that is kept, in characters.
const MESSAGE_CHARS_MAX: usize = 4000;
/// Bytes of a message that are read. More than are kept, because secrets and frames are removed.
const MESSAGE_BYTES_MAX: usize = 32 << 10;

/// A console line or an uncaught error, as one source saw it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawConsole {
    /// The window that wrote it, when it is known. Set where events are read.
    pub(crate) window: Option<WindowNo>,
    /// Epoch milliseconds.
    pub(crate) at_ms: f64,
    /// Its severity.
    pub(crate) level: Level,
    /// True for an uncaught error or rejection.
    pub(crate) is_exception: bool,
    /// The text, possibly of several lines, at most 4,000 characters.
    pub(crate) message: String,
    /// The stack, one frame a line, at most 30 frames and 8,000 characters.
    pub(crate) stack: Option<String>,
    /// Where it was recorded.
    pub(crate) source: ConsoleSource,
    /// The script or page.
    pub(crate) url: Option<String>,
    /// Counted from 1.
    pub(crate) line: Option<u32>,
    /// Counted from 1.
    pub(crate) column: Option<u32>,
    /// The errors inside of it.
    pub(crate) inner: Vec<InnerError>,
    /// What is known of the condition of a `console.assert`.
    pub(crate) assertion: Option<Assertion>,
    /// The action that it belongs to.
    pub(crate) belongs: Option<Belonging>,
    /// The components that it happened in, the innermost first.
    pub(crate) components: Vec<String>,
    /// What the page said about it, as JSON text.
    pub(crate) context: Option<String>,
    /// How often it was written in a row, and when for the last time.
    pub(crate) count: u32,
    pub(crate) end_ms: f64,
}

/// The condition of a `console.assert`. Recorders before 2024 write it as the first argument, also when it held; later
/// ones write only assertions that failed, without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assertion {
    /// It was written, and held: nothing is to be told.
    Held,
    /// It was written, and did not hold.
    Failed,
    /// The first argument may be a condition that held, or a part of the message.
    Unclear,
}

/// Where a console line was recorded, the best source first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ConsoleSource {
    /// A console payload of its own.
    Payload,
    /// rrweb's console plugin, which PostHog uses too.
    PluginRrweb,
    /// A breadcrumb of Sentry.
    SentryBreadcrumb,
    /// rrweb's console before it was a plugin.
    LegacyLogSource11,
}

/// A place in a script.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Place {
    url: Option<String>,
    line: Option<u32>,
    column: Option<u32>,
}

/// A line as its source wrote it, before its text is cleaned.
pub(crate) struct SourceLine<'a> {
    /// Epoch milliseconds.
    pub(crate) at_ms: f64,
    /// The console method, or a level's name.
    pub(crate) method: &'a str,
    pub(crate) is_exception: bool,
    pub(crate) text: &'a str,
    /// The stack as text. Frames in `text` take precedence.
    pub(crate) stack: Option<String>,
    pub(crate) place: Place,
    pub(crate) source: ConsoleSource,
    /// The errors inside of it, as far as they were recorded by themselves.
    pub(crate) inner: Vec<Inner>,
    pub(crate) assertion: Option<Assertion>,
}

impl SourceLine<'_> {
    /// Separates message and stack, removes secrets and cuts both to their limits.
    pub(crate) fn into_raw(self) -> RawConsole {
        let parts = stack::split(prefix(self.text, MESSAGE_BYTES_MAX));
        let told = self.stack.as_deref().map(|stack| stack::split(prefix(stack, MESSAGE_BYTES_MAX)));
        let told = told.unwrap_or_default();
        let message = if parts.message.is_empty() { told.message } else { parts.message };
        let frames = if parts.frames.is_empty() { told.frames } else { parts.frames };
        let place = if self.place.url.is_some() || frames.is_empty() { self.place } else { stack::place(&frames) };
        let is_benign = is_benign(&message);
        let is_exception = self.is_exception && !is_benign;
        let level = match level(self.method) {
            _ if is_benign => Level::Warn,
            _ if is_exception => Level::Error,
            level => level,
        };
        let mut inner = inner::in_frames(&frames);
        inner.extend(self.inner);
        RawConsole {
            window: None,
            at_ms: self.at_ms,
            level,
            is_exception,
            inner: inner::clean(inner),
            assertion: self.assertion,
            belongs: None,
            components: Vec::new(),
            context: None,
            count: 1,
            end_ms: self.at_ms,
            message: cut(clean_text(&message).trim()),
            stack: stack::write(&frames),
            source: self.source,
            url: place.url.map(|url| clean_url(&url)).filter(|url| !url.is_empty()),
            line: place.line,
            column: place.column,
        }
    }
}

/// The level of a console method (`timeEnd`), or of a level's name in any notation (`WARNING`).
fn level(method: &str) -> Level {
    match Level::of_method(method) {
        Level::Log => match method.to_ascii_lowercase().as_str() {
            "fatal" | "critical" | "severe" => Level::Error,
            lower => Level::of_method(lower),
        },
        level => level,
    }
}

/// True for a notice that browsers throw as an error and that means nothing: what was observed is told in the next frame
/// (Resize Observer, section 3.4.4).
fn is_benign(message: &str) -> bool {
    message.trim_start_matches("Uncaught ").trim_start_matches("Error: ").starts_with("ResizeObserver loop")
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MESSAGE_CHARS_MAX - 1) {
        Some((end, _)) if text[end..].chars().nth(1).is_some() => format!("{}…", &text[..end]),
        _ => text.to_owned(),
    }
}

/// True for a message that only uncaught errors have.
pub(crate) fn is_uncaught(message: &str) -> bool {
    ["Uncaught ", "Unhandled Promise Rejection", "Unhandled promise rejection"]
        .iter()
        .any(|start| message.starts_with(start))
        || message == "Uncaught"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(method: &str, text: &str, stack: Option<&str>) -> RawConsole {
        let line = SourceLine {
            at_ms: 1.0,
            method,
            is_exception: false,
            text,
            stack: stack.map(str::to_owned),
            place: Place::default(),
            source: ConsoleSource::Payload,
            inner: Vec::new(),
            assertion: None,
        };
        line.into_raw()
    }

    #[test]
    fn message_and_stack_are_told_apart() {
        let got = line(
            "error",
            "Failed t: disk\n    at f (https://a.test/a.js?key=x:3:7)\n    at async g (https://a.test/b.js:1:2)",
            None,
        );
        assert_eq!(got.message, "Failed t: disk");
        assert_eq!(
            got.stack.as_deref(),
            Some("at f (https://a.test/a.js?key=[redacted]:3:7)\nat async g (https://a.test/b.js:1:2)")
        );
        assert_eq!(
            (got.url.as_deref(), got.line, got.column),
            (Some("https://a.test/a.js?key=[redacted]"), Some(3), Some(7))
        );
        let got = line("error", "", Some("TypeError: x\n    at <anonymous>:29:10810"));
        assert_eq!((got.message.as_str(), got.stack.as_deref()), ("TypeError: x", Some("at <anonymous>:29:10810")));
        let got = line("error", "x", Some("no frames here"));
        assert_eq!((got.message.as_str(), got.stack), ("x", None));
    }

    #[test]
    fn messages_are_bounded_and_clean() {
        let long = line("log", &format!("token=abc {}", "é".repeat(10_000)), None).message;
        assert_eq!(long.chars().count(), MESSAGE_CHARS_MAX);
        assert!(long.starts_with("token=[redacted] é") && long.ends_with('…'));
        for (method, level) in [
            ("FATAL", Level::Error),
            ("warning", Level::Warn),
            ("table", Level::Log),
            ("", Level::Log),
            ("countReset", Level::Debug),
            ("ERROR", Level::Error),
        ] {
            assert_eq!(line(method, "x", None).level, level, "{method}");
        }
    }

    #[test]
    fn notices_of_the_browser_are_no_errors() {
        for text in [
            "ResizeObserver loop limit exceeded",
            "Uncaught ResizeObserver loop completed with undelivered notifications.",
        ] {
            assert_eq!(line("error", text, None).level, Level::Warn, "{text}");
        }
        assert_eq!(line("error", "ResizeObserver is not defined", None).level, Level::Error);
    }

    #[test]
    fn causes_are_told_apart_from_frames() {
        let text = "Error: not saved\n    at f (https://a.test/a.js:3:7)\nCaused by: TypeError: no zip\n    at g (https://a.test/b.js:8:2)\nCaused by: x";
        let got = line("error", text, None);
        let inner: Vec<_> = got.inner.iter().map(|inner| (inner.message.as_str(), inner.place.as_deref())).collect();
        assert_eq!(inner, [("TypeError: no zip", Some("https://a.test/b.js:8:2")), ("x", None)]);
        assert_eq!((got.message.as_str(), got.line), ("Error: not saved", Some(3)));
    }

    /// Texts cut at every byte and with bytes changed: a reader may find something or nothing.
    #[test]
    fn no_bytes_panic() {
        let payload = br#"{"entries":[{"timestamp":1795190442909,"level":"error","args":["%c%s \u00e9%","a",{"stack":"E: \ud83d\n    at f (u:1:2)"}],
            "location":{"url":"data:,x","lineNumber":"4"}},{"time":"2026-11-20T16:00:42Z","text":"f@u:1:2","stack":["f (u:1:2)",{"url":7}]}]}"#;
        let plugin = br#"{"level":"error","category":"console","message":"x","trace":["f (u:1:2)",":::"],"payload":["\"%d \\u00e9\"","1","{\"token\":\"x"]}"#;
        let mut seed = 1u32;
        let check = |bytes: &[u8]| {
            let all = from_payload(&mut bytes.to_vec(), &mut |_, _| ());
            assert!(merge(all).iter().all(|line| line.at_ms.is_finite()));
        };
        for sample in [&payload[..], &plugin[..]] {
            for cut in 0..=sample.len() {
                check(&sample[..cut]);
            }
            for _ in 0..2000 {
                let mut bytes = sample.to_vec();
                for _ in 0..3 {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let at = (seed >> 8) as usize % bytes.len();
                    bytes[at] =
                        if seed & 1 == 0 { b"{}[]\",:\\0%"[(seed >> 4) as usize % 10] } else { (seed >> 24) as u8 };
                }
                check(&bytes);
            }
        }
    }
}
