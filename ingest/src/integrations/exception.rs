//! An exception with its stack, as the SDKs of Sentry and PostHog write it, and Sentry's API and exports.

use playhead_schemas::text::visible;
use serde_json::Value;

use super::value::{cut, items, line, text, whole};

/// Exceptions of one chain, and frames of one stack, that are read.
const EXCEPTIONS_MAX: usize = 10;
const FRAMES_MAX: usize = 100;
/// Characters of a message.
const MESSAGE_CHARS_MAX: usize = 5000;
/// Characters of names and addresses in a frame.
const FRAME_CHARS_MAX: usize = 1000;

/// What was thrown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exception {
    /// Its class, such as `TypeError`; empty when there is none.
    pub kind: String,
    /// What it says.
    pub value: String,
    /// Whether something in the page caught it, if that is known.
    pub handled: Option<bool>,
    /// The caller first, as both SDKs write them.
    pub frames: Vec<Frame>,
}

/// A frame of a stack.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// The function's name.
    pub function: Option<String>,
    /// The script's address.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// From 1.
    pub column: Option<u32>,
    /// False for code that is not the application's own.
    pub in_app: bool,
}

impl Exception {
    /// Sentry's and PostHog's form; `None` when it says nothing.
    pub fn of(value: &Value) -> Option<Self> {
        let message = text(value, "/value").or_else(|| text(value, "/message")).unwrap_or_default();
        let exception = Self {
            kind: line(value, "/type", 200).unwrap_or_default(),
            value: cut(&visible(message), MESSAGE_CHARS_MAX),
            handled: value.pointer("/mechanism/handled").and_then(Value::as_bool),
            frames: frames(items(value, "/stacktrace/frames")),
        };
        (!exception.kind.is_empty() || !exception.value.is_empty()).then_some(exception)
    }

    /// The exceptions of a list that begins with what was thrown.
    pub(super) fn chain(list: &[Value]) -> Vec<Self> {
        list.iter().take(EXCEPTIONS_MAX).filter_map(Self::of).collect()
    }

    /// The exceptions of a list as Sentry writes it, causes first; what was thrown comes first here.
    pub fn chain_of_sentry(list: &[Value]) -> Vec<Self> {
        list.iter().rev().take(EXCEPTIONS_MAX).filter_map(Self::of).collect()
    }

    /// `TypeError: x is not a function`.
    pub fn title(&self) -> String {
        match (self.kind.as_str(), self.value.as_str()) {
            ("", value) => value.to_owned(),
            (kind, "") => kind.to_owned(),
            (kind, value) if value.starts_with(kind) => value.to_owned(),
            (kind, value) => format!("{kind}: {value}"),
        }
    }

    /// The stack as browsers write it, innermost first.
    pub fn stack(&self) -> String {
        let lines: Vec<String> = self.frames.iter().rev().map(Frame::line_of_stack).collect();
        lines.join("\n")
    }

    /// The innermost frame that has a place.
    pub(super) fn place(&self) -> Option<&Frame> {
        self.frames.iter().rev().find(|frame| frame.file.is_some() && frame.line.is_some())
    }
}

/// The last frames of a list: the innermost ones, for the caller is first.
pub(super) fn frames(list: &[Value]) -> Vec<Frame> {
    let from = list.len().saturating_sub(FRAMES_MAX);
    list[from..].iter().map(Frame::of).collect()
}

impl Frame {
    fn of(value: &Value) -> Self {
        let text = |pointers: &[&str]| pointers.iter().find_map(|pointer| line(value, pointer, FRAME_CHARS_MAX));
        let number = |pointers: [&str; 3]| pointers.iter().find_map(|pointer| whole(value, pointer));
        Self {
            function: text(&["/function", "/functionName", "/rawFunction"]).filter(|name| name != "?"),
            file: text(&["/abs_path", "/absPath", "/filename", "/module"]),
            line: number(["/lineno", "/lineNumber", "/lineNo"]),
            column: number(["/colno", "/columnNumber", "/colNo"]),
            in_app: ["/in_app", "/inApp"].iter().find_map(|name| value.pointer(name)?.as_bool()).unwrap_or(true),
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
    fn frames_of_sentrys_api_are_read() {
        let frame = json!({"filename": "./app.js", "absPath": "https://a.test/app.js", "lineNo": 3, "colNo": 7, "inApp": false});
        let read = &frames(&[frame])[0];
        assert_eq!(read.line_of_stack(), "at https://a.test/app.js:3:7");
        assert!(!read.in_app);
    }

    #[test]
    fn a_long_chain_keeps_what_was_thrown() {
        let list: Vec<Value> = (0..30).map(|n| json!({"type": format!("E{n}")})).collect();
        let kinds = |chain: Vec<Exception>| (chain.len(), chain[0].kind.clone());
        assert_eq!(kinds(Exception::chain(&list)), (EXCEPTIONS_MAX, "E0".to_owned()));
        assert_eq!(kinds(Exception::chain_of_sentry(&list)), (EXCEPTIONS_MAX, "E29".to_owned()));
    }

    #[test]
    fn long_stacks_keep_their_inner_end() {
        let list: Vec<Value> = (0..500).map(|n| json!({"function": format!("f{n}"), "filename": "a.js"})).collect();
        let frames = frames(&list);
        assert_eq!(frames.len(), FRAMES_MAX);
        assert_eq!(frames.last().unwrap().function.as_deref(), Some("f499"));
    }
}
