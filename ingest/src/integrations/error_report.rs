//! An error as a page saw it, whichever SDK reports it.

use playhead_schemas::text::{one_line, prefix, visible};
use playhead_schemas::upload::{PageContext, Reporter, SystemInfo};
use playhead_schemas::{EpochMs, ReplayKey};
use serde_json::{Map, Value};

use super::value::{items, line, text, whole};
use crate::form::Part;

/// Bytes of an SDK's id that the store is given: it refuses names of more than 200.
pub(super) const ID_BYTES_MAX: usize = 120;
/// Exceptions of one chain, and frames of one stack, that are read.
const EXCEPTIONS_MAX: usize = 10;
const FRAMES_MAX: usize = 100;
/// Characters of a message.
const MESSAGE_CHARS_MAX: usize = 5000;
/// Characters of names and addresses in a frame.
const FRAME_CHARS_MAX: usize = 1000;

/// Whose SDK it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Product {
    Sentry,
    PostHog,
}

impl Product {
    /// In ids, tags and logs.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sentry => "sentry",
            Self::PostHog => "posthog",
        }
    }

    /// An id of this product's, told apart from those of others. The same for the same id, however long that is.
    pub(crate) fn id(self, id: &str) -> String {
        format!("{}:{}", self.name(), prefix(id, ID_BYTES_MAX))
    }

    /// For people.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Sentry => "Sentry",
            Self::PostHog => "PostHog",
        }
    }
}

/// How grave an SDK says that an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    Debug,
    Info,
    Warning,
    Error,
    Fatal,
}

impl Severity {
    pub(crate) fn of_name(name: &str) -> Self {
        match name.to_ascii_lowercase().as_str() {
            "fatal" | "critical" => Self::Fatal,
            "warning" | "warn" => Self::Warning,
            "info" | "log" => Self::Info,
            "debug" => Self::Debug,
            _ => Self::Error,
        }
    }

    /// The console's word.
    pub(crate) fn console_level(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warn",
            Self::Error | Self::Fatal => "error",
        }
    }
}

/// An event with an exception, or with a message alone.
#[derive(Debug)]
pub(crate) struct ErrorReport {
    pub(crate) context: Context,
    pub(crate) severity: Severity,
    /// What was thrown, then what caused it.
    pub(crate) exceptions: Vec<Exception>,
    pub(crate) message: Option<String>,
    /// What the application says that events of one kind have in common.
    pub(crate) own_fingerprint: Vec<String>,
    pub(crate) crumbs: Vec<Value>,
}

/// What errors and feedback have in common.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) product: Product,
    /// The SDK's id of the event.
    pub(crate) id: String,
    pub(crate) at: EpochMs,
    pub(crate) replay: Option<ReplayKey>,
    pub(crate) page: PageContext,
    pub(crate) reporter: Reporter,
    pub(crate) system: SystemInfo,
    pub(crate) tags: Vec<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) files: Vec<Part>,
}

/// What was thrown.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Exception {
    pub(crate) kind: String,
    pub(crate) value: String,
    pub(crate) handled: Option<bool>,
    /// The caller first, as both SDKs write them.
    pub(crate) frames: Vec<Frame>,
}

/// A frame of a stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Frame {
    pub(crate) function: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) line: Option<u32>,
    pub(crate) column: Option<u32>,
    pub(crate) in_app: bool,
}

impl ErrorReport {
    /// What was thrown, if anything was.
    pub(crate) fn thrown(&self) -> Option<&Exception> {
        self.exceptions.first()
    }

    /// One line.
    pub(crate) fn title(&self) -> String {
        let title = match (self.thrown(), &self.message) {
            (Some(thrown), _) => thrown.title(),
            (None, Some(message)) => message.clone(),
            (None, None) => String::new(),
        };
        let title = one_line(&title, 300);
        if title.is_empty() { format!("An error without a message ({})", self.context.product.title()) } else { title }
    }

    /// True when nothing in the page caught it.
    pub(crate) fn is_uncaught(&self) -> bool {
        self.thrown().is_some_and(|thrown| thrown.handled == Some(false))
    }

    /// True when it says that something is broken; false for a mere message.
    pub(crate) fn is_error(&self) -> bool {
        self.severity >= Severity::Error || !self.exceptions.is_empty()
    }
}

impl Exception {
    /// Sentry's and PostHog's form; `None` when it says nothing.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        let message = text(value, "/value").or_else(|| text(value, "/message")).unwrap_or_default();
        let exception = Self {
            kind: line(value, "/type", 200).unwrap_or_default(),
            value: cut(&visible(message), MESSAGE_CHARS_MAX),
            handled: value.pointer("/mechanism/handled").and_then(Value::as_bool),
            frames: frames(items(value, "/stacktrace/frames")),
        };
        (!exception.kind.is_empty() || !exception.value.is_empty()).then_some(exception)
    }

    /// The exceptions of a list, in its order.
    pub(crate) fn all(list: &[Value]) -> Vec<Self> {
        list.iter().take(EXCEPTIONS_MAX).filter_map(Self::of).collect()
    }

    /// `TypeError: x is not a function`.
    pub(crate) fn title(&self) -> String {
        match (self.kind.as_str(), self.value.as_str()) {
            ("", value) => value.to_owned(),
            (kind, "") => kind.to_owned(),
            (kind, value) if value.starts_with(kind) => value.to_owned(),
            (kind, value) => format!("{kind}: {value}"),
        }
    }

    /// The stack as browsers write it, innermost first.
    pub(crate) fn stack(&self) -> String {
        let lines: Vec<String> = self.frames.iter().rev().map(Frame::line_of_stack).collect();
        lines.join("\n")
    }

    /// The innermost frame that has a place.
    pub(crate) fn place(&self) -> Option<&Frame> {
        self.frames.iter().rev().find(|frame| frame.file.is_some() && frame.line.is_some())
    }
}

/// The last frames of a list: the innermost ones, for the caller is first.
pub(crate) fn frames(list: &[Value]) -> Vec<Frame> {
    let from = list.len().saturating_sub(FRAMES_MAX);
    list[from..].iter().map(Frame::of).collect()
}

impl Frame {
    fn of(value: &Value) -> Self {
        let text = |pointers: [&str; 2]| pointers.iter().find_map(|pointer| line(value, pointer, FRAME_CHARS_MAX));
        let number = |pointers: [&str; 2]| pointers.iter().find_map(|pointer| whole(value, pointer));
        Self {
            function: text(["/function", "/functionName"]).filter(|name| name != "?"),
            file: text(["/filename", "/abs_path"]),
            line: number(["/lineno", "/lineNumber"]),
            column: number(["/colno", "/columnNumber"]),
            in_app: value.pointer("/in_app").and_then(Value::as_bool).unwrap_or(true),
        }
    }

    fn line_of_stack(&self) -> String {
        let file = self.file.as_deref().unwrap_or("<anonymous>");
        let place = match (self.line, self.column) {
            (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
            (Some(line), None) => format!("{file}:{line}"),
            (None, _) => file.to_owned(),
        };
        match &self.function {
            Some(function) => format!("at {function} ({place})"),
            None => format!("at {place}"),
        }
    }
}

/// `text` with at most `chars_max` characters.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn exceptions_are_read_in_both_forms() {
        let thrown = Exception::of(&json!({
            "type": "TypeError", "value": "x is undefined", "mechanism": {"handled": false},
            "stacktrace": {"frames": [
                {"filename": "https://a.test/a.js", "function": "?", "lineno": 1, "colno": 2, "in_app": false},
                {"filename": "https://a.test/b.js", "function": "pay", "lineno": "3", "colno": 4},
            ]},
        }));
        let thrown = thrown.unwrap();
        assert_eq!(thrown.title(), "TypeError: x is undefined");
        assert_eq!(thrown.handled, Some(false));
        assert_eq!(thrown.stack(), "at pay (https://a.test/b.js:3:4)\nat https://a.test/a.js:1:2");
        assert_eq!(thrown.place().unwrap().line, Some(3));
        assert_eq!((thrown.frames[0].in_app, thrown.frames[1].in_app), (false, true));
        for nothing in [json!(null), json!(7), json!({}), json!({"type": "", "value": " "}), json!([])] {
            assert_eq!(Exception::of(&nothing), None, "{nothing}");
        }
        let odd = Exception::of(&json!({"type": 7, "value": "v", "stacktrace": {"frames": 3}})).unwrap();
        assert_eq!((odd.title().as_str(), odd.frames.len()), ("7: v", 0));
    }

    #[test]
    fn long_stacks_keep_their_inner_end() {
        let list: Vec<Value> = (0..500).map(|n| json!({"function": format!("f{n}"), "filename": "a.js"})).collect();
        let frames = frames(&list);
        assert_eq!(frames.len(), FRAMES_MAX);
        assert_eq!(frames.last().unwrap().function.as_deref(), Some("f499"));
    }
}
