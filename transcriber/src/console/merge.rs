//! One list of console lines from several sources.
//!
//! In: lines of payloads, plugins and breadcrumbs. Out: each line once, sorted by time. Never here: parsing.

use std::collections::BTreeMap;

use super::{Assertion, ConsoleSource, RawConsole};

/// The most by which the times of one line differ between two sources whose texts begin alike. Events have the time at
/// which they were written, payloads that of the browser: in practice they differ by less than 100 ms.
const SAME_MS: f64 = 1000.0;
/// Texts begin alike when this many letters and digits agree, or all of the shorter text.
const ALIKE_CHARS: usize = 60;
/// Lines are indexed by this many of their first letters and digits.
const KEY_CHARS: usize = 8;
/// Placeholders of tools that cannot see the values which the page's own plugin records.
const PLACE_HOLDERS: &[&str] = &["JSHandle@", "[object "];

/// Merges what several sources saw into one list, sorted by time; equal times keep their order.
///
/// A line that several sources report is listed once: as an uncaught error rather than a line, with the longest stack.
/// A line that one source reports twice was written twice.
pub(crate) fn merge(mut all: Vec<RawConsole>) -> Vec<RawConsole> {
    drop_held(&mut all);
    all.sort_by(|a, b| a.source.cmp(&b.source).then(a.at_ms.total_cmp(&b.at_ms)));
    let mut merged = Merged::default();
    for line in all {
        let text = comparable(&line.message);
        match merged.find(&line, &text) {
            Some(at) => merged.absorb(at, line),
            None => merged.add(line, text),
        }
    }
    let mut out: Vec<RawConsole> = merged.lines.into_iter().map(|entry| entry.line).collect();
    out.sort_by(|a, b| a.at_ms.total_cmp(&b.at_ms));
    out
}

/// Leaves out assertions that held. A recorder that writes conditions writes all of them, those that are no booleans too.
fn drop_held(all: &mut Vec<RawConsole>) {
    let is_written = |line: &RawConsole| matches!(line.assertion, Some(Assertion::Held | Assertion::Failed));
    let writes_conditions = all.iter().any(is_written);
    all.retain(|line| match line.assertion {
        Some(Assertion::Held) => false,
        Some(Assertion::Unclear) => !writes_conditions,
        Some(Assertion::Failed) | None => true,
    });
}

#[derive(Default)]
struct Merged {
    lines: Vec<Entry>,
    /// By the beginning of the comparable text: time and place, by time.
    by_text: BTreeMap<String, Vec<(f64, usize)>>,
}

struct Entry {
    line: RawConsole,
    text: String,
    /// The source that reported it last. What the same source reports next is another line.
    seen_by: ConsoleSource,
}

impl Merged {
    fn add(&mut self, line: RawConsole, text: String) {
        let at = self.lines.len();
        let list = self.by_text.entry(key(&text)).or_default();
        let place = list.partition_point(|(at_ms, _)| *at_ms <= line.at_ms);
        list.insert(place, (line.at_ms, at));
        self.lines.push(Entry { seen_by: line.source, line, text });
    }

    /// The line that `other` is a report of: one of the same kind rather than another, then the nearest in time.
    fn find(&self, other: &RawConsole, text: &str) -> Option<usize> {
        /// Candidates that are compared among many equal lines.
        const LOOKED_AT_MAX: usize = 1000;
        let list = self.by_text.get(&key(text))?;
        let from = list.partition_point(|(at_ms, _)| *at_ms < other.at_ms - SAME_MS);
        list[from..]
            .iter()
            .take_while(|(at_ms, _)| *at_ms <= other.at_ms + SAME_MS)
            .take(LOOKED_AT_MAX)
            .filter(|(_, at)| {
                let entry = &self.lines[*at];
                let windows_agree =
                    entry.line.window.is_none() || other.window.is_none() || entry.line.window == other.window;
                entry.seen_by != other.source && windows_agree && alike(&entry.text, text)
            })
            .min_by(|(a_ms, a), (b_ms, b)| {
                let is_other_kind = |at: usize| self.lines[at].line.is_exception != other.is_exception;
                let apart = |at_ms: f64| (at_ms - other.at_ms).abs();
                is_other_kind(*a).cmp(&is_other_kind(*b)).then(apart(*a_ms).total_cmp(&apart(*b_ms)))
            })
            .map(|(_, at)| *at)
    }

    fn absorb(&mut self, at: usize, other: RawConsole) {
        let entry = &mut self.lines[at];
        entry.seen_by = other.source;
        let line = &mut entry.line;
        let is_vague = |text: &str| PLACE_HOLDERS.iter().any(|holder| text.contains(holder));
        if (other.is_exception && !line.is_exception) || (is_vague(&line.message) && !is_vague(&other.message)) {
            line.message = other.message;
        }
        line.is_exception |= other.is_exception;
        line.level = line.level.max(other.level);
        line.window = line.window.or(other.window);
        line.belongs = line.belongs.or(other.belongs);
        if line.components.is_empty() {
            line.components = other.components;
        }
        line.context = line.context.take().or(other.context);
        if line.inner.is_empty() {
            line.inner = other.inner;
        }
        let length = |stack: &Option<String>| stack.as_ref().map_or(0, String::len);
        if length(&other.stack) > length(&line.stack) {
            line.stack = other.stack;
        }
        if line.url.is_none() && (other.url.is_some() || line.line.is_none()) {
            (line.url, line.line, line.column) = (other.url, other.line, other.column);
        }
    }
}

/// The letters and digits that tell a text from others: without what browsers and recorders put before an
/// error's message, without the name of its class, which some leave out, up to the first place-holder.
fn comparable(message: &str) -> String {
    let text = message.trim_start();
    let text = text.strip_prefix("Uncaught").map_or(text, str::trim_start);
    let text = text.strip_prefix("(in promise)").map_or(text, str::trim_start);
    let text = match text.split_once(": ") {
        Some((class, rest)) if class.ends_with("Error") && class.chars().all(char::is_alphanumeric) => rest,
        _ => text,
    };
    let end = PLACE_HOLDERS.iter().filter_map(|holder| text.find(holder)).min().unwrap_or(text.len());
    text[..end].chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(ALIKE_CHARS).collect()
}

fn key(text: &str) -> String {
    text.chars().take(KEY_CHARS).collect()
}

fn alike(a: &str, b: &str) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

#[cfg(test)]
mod tests {
    use playhead_schemas::WindowNo;
    use playhead_schemas::timeline::Level;

    use super::*;

    fn line(source: ConsoleSource, at_ms: f64, message: &str, is_exception: bool) -> RawConsole {
        RawConsole {
            window: None,
            at_ms,
            level: if is_exception { Level::Error } else { Level::Log },
            is_exception,
            message: message.to_owned(),
            stack: None,
            source,
            url: None,
            line: None,
            column: None,
            inner: Vec::new(),
            assertion: None,
            belongs: None,
            components: Vec::new(),
            context: None,
            count: 1,
            end_ms: at_ms,
        }
    }

    use ConsoleSource::{Payload, PluginRrweb};

    #[test]
    fn one_line_of_two_sources_has_the_best_of_both() {
        let payload =
            RawConsole { stack: Some("at f".into()), ..line(Payload, 1000.0, "TypeError: x is not a function", false) };
        let plugin = RawConsole {
            stack: Some("at f\nat g".into()),
            window: Some(WindowNo(2)),
            url: Some("/a.js".into()),
            ..line(PluginRrweb, 1040.0, "Uncaught TypeError: x is not a function", true)
        };
        let got = merge(vec![plugin.clone(), payload]);
        assert_eq!(got, [RawConsole { at_ms: 1000.0, end_ms: 1000.0, source: Payload, ..plugin }]);
    }

    #[test]
    fn different_lines_stay_apart() {
        let first = line(Payload, 1000.0, "saved order 17", false);
        for other in [
            line(PluginRrweb, 1000.0, "saved order 18", false),
            line(PluginRrweb, 2001.0, "saved order 17", false),
            RawConsole { window: Some(WindowNo(2)), ..line(PluginRrweb, 1000.0, "loaded", false) },
            first.clone(),
        ] {
            assert_eq!(merge(vec![first.clone(), other.clone()]).len(), 2, "{other:?}");
        }
    }

    #[test]
    fn repeats_pair_one_to_one() {
        let mut all = Vec::new();
        for n in 0..30 {
            all.push(line(Payload, f64::from(n) * 100.0, "tick", false));
            all.push(line(PluginRrweb, f64::from(n) * 100.0 + 30.0, "tick", false));
        }
        let got = merge(all);
        assert_eq!(got.len(), 30);
        assert!(got.iter().all(|line| line.source == Payload));
    }

    #[test]
    fn an_error_that_was_logged_and_thrown_is_two() {
        let of = |source, late: f64| {
            [
                line(source, 1000.0 + late, "TypeError: x", false),
                line(source, 1001.0 + late, "Uncaught TypeError: x", true),
            ]
        };
        let got = merge(of(Payload, 0.0).into_iter().chain(of(PluginRrweb, 2.0)).collect());
        assert_eq!(got.iter().map(|line| line.is_exception).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn place_holders_give_way_to_values() {
        let got = merge(vec![
            line(Payload, 1000.0, "order saved: JSHandle@object", false),
            line(PluginRrweb, 1000.0, "order saved: {\"id\":1}", false),
        ]);
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].message, "order saved: {\"id\":1}");
    }
}
