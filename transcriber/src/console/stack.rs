//! Stacks: the frames in a text, in the notations of V8, SpiderMonkey and JavaScriptCore.

use super::Place;
use crate::scrub::clean_text;

/// Frames that are kept.
const FRAMES_MAX: usize = 30;
/// Characters of a stack that are kept.
const STACK_CHARS_MAX: usize = 8000;
/// What rrweb's console plugin writes after an error's stack.
const MARKER: &str = "End of stack for Error object";

/// A text with its frames taken out.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Parts<'a> {
    pub(super) message: String,
    pub(super) frames: Vec<&'a str>,
}

/// Separates the frames of `text` from its message. Lines such as `Caused by: ..` stay among the frames; all other
/// lines are message.
pub(super) fn split(text: &str) -> Parts<'_> {
    let mut parts = Parts::default();
    for line in text.lines() {
        let trimmed = line.trim();
        if is_frame(trimmed) || (is_cause(trimmed) && !parts.frames.is_empty()) {
            parts.frames.push(trimmed);
            continue;
        }
        let after_marker = trimmed.strip_prefix(MARKER);
        let rest = after_marker.map_or(line, str::trim_start);
        if parts.message.is_empty() {
            parts.message.push_str(rest);
        } else if after_marker.is_none() || !rest.is_empty() {
            // Further arguments of a call follow the error in the same line.
            parts.message.push(if parts.frames.is_empty() { '\n' } else { ' ' });
            parts.message.push_str(rest);
        }
    }
    parts.message.truncate(parts.message.trim_end().len());
    parts
}

/// The frames as text, one a line, without secrets.
pub(super) fn write(frames: &[&str]) -> Option<String> {
    let mut out = String::new();
    let mut chars = 0;
    for frame in frames.iter().take(FRAMES_MAX) {
        let frame = clean_text(frame);
        chars += frame.chars().count() + 1;
        if chars > STACK_CHARS_MAX {
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&frame);
    }
    (!out.is_empty()).then_some(out)
}

/// The place of the first frame that belongs to the page and not to the console's wrapper.
pub(crate) fn place(frames: &[&str]) -> Place {
    let is_wrapper = |frame: &&&str| frame.trim_start_matches("at ").starts_with("console.");
    // Causes follow their own frames.
    let own = frames.iter().take_while(|frame| !is_cause(frame));
    let mut of_page = own.clone().filter(|frame| !is_wrapper(frame) && !is_recorders(frame));
    let found = of_page.next().or_else(|| own.clone().find(|frame| !is_wrapper(frame))).or(frames.first());
    found.and_then(|frame| place_of(frame)).unwrap_or_default()
}

/// The place of a frame as text: `https://a.test/a.js:3:7`.
pub(super) fn place_text(frame: &str) -> Option<String> {
    let Place { url, line, column } = place_of(frame)?;
    Some(format!("{}:{}:{}", url?, line?, column?))
}

fn is_cause(line: &str) -> bool {
    line.starts_with("Caused by") || line.starts_with("[cause]")
}

/// True for a frame in the script of a recorder, which wraps what it records.
fn is_recorders(frame: &str) -> bool {
    const NAMES: [&str; 15] = [
        "clarity",
        "datadog-rum",
        "fs",
        "fullstory",
        "highlight",
        "hotjar",
        "logrocket",
        "openreplay",
        "playhead",
        "posthog",
        "recorder",
        "rr",
        "rrweb",
        "rrweb-all",
        "sentry",
    ];
    let Some(url) = place_of(frame).and_then(|place| place.url) else { return false };
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    file.ends_with("js") && NAMES.iter().any(|name| stem.eq_ignore_ascii_case(name))
}

/// The place in `at fn (url:l:c)`, `fn@url:l:c` or `url:l:c`.
fn place_of(frame: &str) -> Option<Place> {
    let inner = frame.strip_suffix(')').and_then(|frame| frame.rsplit_once(" (")).map_or(frame, |(_, inner)| inner);
    let inner = inner.strip_prefix("at ").unwrap_or(inner);
    let inner = inner.strip_prefix("async ").unwrap_or(inner);
    let inner = match inner.find("@http").or_else(|| inner.find("@file")) {
        Some(at) => &inner[at + 1..],
        None => inner,
    };
    let (rest, column) = inner.rsplit_once(':')?;
    let (url, line) = rest.rsplit_once(':')?;
    Some(Place {
        url: (url.contains("://") || url.starts_with('/')).then(|| url.to_owned()),
        line: Some(line.parse().ok()?),
        column: Some(column.parse().ok()?),
    })
}

fn is_frame(line: &str) -> bool {
    if let Some(rest) = line.strip_prefix("at ") {
        return ends_in_place(rest.trim_end_matches(')'))
            || ["(<anonymous>)", "(native)", "(native code)"].iter().any(|end| rest.ends_with(end))
            || rest.starts_with("<anonymous>")
            || (rest.ends_with(')') && rest.contains("(index "));
    }
    match line.split_once('@') {
        // `fn@url:l:c`. A mail address has no line and column at its end.
        Some((name, place)) => {
            !name.contains(char::is_whitespace) && (ends_in_place(place) || place == "[native code]")
        }
        None => false,
    }
}

/// True for text that ends in `:line:column` after something other than a number, as a time of day has.
fn ends_in_place(text: &str) -> bool {
    let mut parts = text.rsplitn(3, ':');
    let mut part = || parts.next().filter(|part| !part.is_empty());
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    part().is_some_and(is_number) && part().is_some_and(is_number) && part().is_some_and(|script| !is_number(script))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn frames_of_every_engine_are_found() {
        for line in [
            "at f (https://a.test/a.js:1:2)",
            "at https://a.test/a.js:1:2",
            "at async Promise.all (index 0)",
            "at Array.forEach (<anonymous>)",
            "at <anonymous>:29:10810",
            "at new A (eval at b (https://a.test/a.js:1:2), <anonymous>:3:4)",
            "f@https://a.test/a.js:1:2",
            "@https://a.test/a.js:1:2",
            "forEach@[native code]",
            "f/<@debugger eval code:1:2",
        ] {
            assert!(is_frame(line), "{line}");
        }
        for line in [
            "at least 5 items",
            "at 10:30",
            "at 10:30:00",
            "TypeError: x",
            "mail ada@a.test at 10:30:00",
            "ada@a.test",
            "",
            "at ",
        ] {
            assert!(!is_frame(line), "{line}");
        }
    }

    #[test]
    fn arguments_around_an_error_join_its_message() {
        let text = "saving failed TypeError: x\n    at f (https://a.test/a.js:1:2)\nCaused by: Error: y\nEnd of stack for Error object {\"a\":1}";
        let parts = split(text);
        assert_eq!(parts.message, "saving failed TypeError: x {\"a\":1}");
        assert_eq!(parts.frames, ["at f (https://a.test/a.js:1:2)", "Caused by: Error: y"]);
        assert_eq!(split("a\n  b\n\nc").message, "a\n  b\n\nc");
    }

    #[test]
    fn places_are_read() {
        for (frames, url, line) in [
            (
                &["at console.error (https://a.test/x.js:1:1)", "at f (https://a.test/a.js?v=1:12:7)"][..],
                Some("https://a.test/a.js?v=1"),
                Some(12),
            ),
            (&["f@https://a.test/a.js:3:4"], Some("https://a.test/a.js"), Some(3)),
            (&["at async https://a.test/a.js:3:4"], Some("https://a.test/a.js"), Some(3)),
            (&["at <anonymous>:29:1"], None, Some(29)),
            (&["at Array.map (<anonymous>)"], None, None),
            (
                &["at w (https://a.test/rrweb.min.js:1:9)", "at f (https://a.test/a.js:4:5)"],
                Some("https://a.test/a.js"),
                Some(4),
            ),
            (&["at w (https://a.test/recorder.js:1:9)"], Some("https://a.test/recorder.js"), Some(1)),
            (&["at Array.map (<anonymous>)", "Caused by: x", "at f (https://a.test/a.js:4:5)"], None, None),
            (&[], None, None),
        ] {
            let got = place(frames);
            assert_eq!((got.url.as_deref(), got.line), (url, line), "{frames:?}");
        }
    }

    #[test]
    fn stacks_are_bounded() {
        let frame = format!("at f (https://a.test/{}:1:2)", "x".repeat(200));
        let frames = vec![frame.as_str(); 1000];
        assert_eq!(write(&frames).unwrap().lines().count(), FRAMES_MAX);
        let frame = format!("at f (https://a.test/{}:1:2)", "x".repeat(900));
        assert!(write(&vec![frame.as_str(); 1000]).unwrap().chars().count() <= STACK_CHARS_MAX);
        assert_eq!(write(&[]), None);
    }
}
