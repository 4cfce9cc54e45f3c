//! Long texts that stand more than once in a transcript are written once and named.
//!
//! Where one stands first, it gets its name, `alert §1{"We could not place your order."}§ appeared`;
//! after that the name stands for it, `alert §1 appeared`. Names hold for one answer: a page of a transcript
//! defines its own. The same lines give the same names.

use std::collections::{HashMap, HashSet};

/// What an answer with names says about them.
pub const LEGEND: &str = "§1{..}§ names a text; from there on §1 stands for it.";

/// The sign that begins a name.
const SIGN: char = '§';
/// Texts shorter than this are never named, in bytes.
const UNIT_BYTES_MIN: usize = 24;
/// What a name must save over all its uses, in bytes: less is not worth looking it up.
const SAVED_BYTES_MIN: usize = 32;
/// What one use of a name costs, in bytes.
const USE_BYTES: usize = 8;

/// Names what is long and repeated in `lines`; true when something was named.
///
/// Looked at are the parts of transcript lines that grow long: messages of the console and of errors, then
/// quoted texts, selectors in brackets, addresses. What was done and what came of it is never hidden.
pub fn shorten(lines: &mut [String]) -> bool {
    let messages = replace(lines, message_span);
    replace(lines, unit_spans) || messages
}

/// True when a name is given in `line`.
pub fn has_names(line: &str) -> bool {
    line.split(SIGN).skip(1).any(|rest| {
        let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        after.len() < rest.len() && after.starts_with('{')
    })
}

/// Finds spans in every line, names the texts that pay for it, and writes the names; true when there were any.
fn replace(lines: &mut [String], spans: fn(&str) -> Vec<(usize, usize)>) -> bool {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut order: Vec<&str> = Vec::new();
    let found: Vec<Vec<(usize, usize)>> = lines.iter().map(|line| spans(line)).collect();
    for (line, spans) in lines.iter().zip(&found) {
        for (start, end) in spans {
            let text = &line[*start..*end];
            let count = counts.entry(text).or_insert(0);
            if *count == 0 {
                order.push(text);
            }
            *count += 1;
        }
    }
    let pays = |text: &&str| (counts[text] - 1) * text.len().saturating_sub(USE_BYTES) >= SAVED_BYTES_MIN;
    // Pages may hold anything, names like ours too.
    let taken = numbers(lines);
    let free = (1..).filter(|number| !taken.contains(number));
    let mut names: HashMap<String, Name> =
        order.into_iter().filter(pays).zip(free).map(|(text, number)| (text.to_owned(), Name::new(number))).collect();
    if names.is_empty() {
        return false;
    }
    for (line, spans) in lines.iter_mut().zip(found) {
        *line = rewritten(line, &spans, &mut names);
    }
    true
}

struct Name {
    name: String,
    defined: bool,
}

impl Name {
    fn new(number: u64) -> Self {
        Self { name: format!("{SIGN}{number}"), defined: false }
    }
}

/// The numbers that stand after a sign already.
fn numbers(lines: &[String]) -> HashSet<u64> {
    let after_signs = lines.iter().flat_map(|line| line.split(SIGN).skip(1));
    after_signs
        .filter_map(|text| {
            let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            text[..digits].parse().ok()
        })
        .collect()
}

fn rewritten(line: &str, spans: &[(usize, usize)], names: &mut HashMap<String, Name>) -> String {
    let mut out = String::with_capacity(line.len());
    let mut copied = 0;
    for (start, end) in spans {
        let text = &line[*start..*end];
        let Some(Name { name, defined }) = names.get_mut(text) else { continue };
        out.push_str(&line[copied..*start]);
        copied = *end;
        if *defined {
            out.push_str(name);
        } else {
            *defined = true;
            out.push_str(&format!("{name}{{{text}}}{SIGN}"));
        }
    }
    out.push_str(&line[copied..]);
    out
}

/// Where the text of a line begins: after its id, its time and its window.
fn text_start(line: &str) -> usize {
    let mut at = 0;
    for place in 0..3 {
        match line[at..].split_once(' ') {
            Some((word, _)) if place < 2 && word.bytes().any(|b| b.is_ascii_digit()) => at += word.len() + 1,
            Some((word, _)) if word.parse::<crate::WindowNo>().is_ok() => at += word.len() + 1,
            _ => break,
        }
    }
    at
}

/// Where the text of a line ends: before what led to it, and why it is uncertain.
fn text_end(line: &str) -> usize {
    let doubts = line.rfind(" (unsure: ").filter(|_| line.ends_with(')'));
    let line = &line[..doubts.unwrap_or(line.len())];
    let is_id = |cause: &str| cause.rsplit(' ').next().is_some_and(|id| id.parse::<crate::MomentId>().is_ok());
    let causes = line.rfind(" <- ").filter(|at| line[at + 4..].split(", ").all(is_id));
    causes.unwrap_or(line.len())
}

/// The message of a console line or an error.
fn message_span(line: &str) -> Vec<(usize, usize)> {
    let start = text_start(line);
    let words = ["console ", "uncaught error"];
    if !words.iter().any(|word| line[start..].starts_with(word)) {
        return Vec::new();
    }
    let found = line[start..].find(": ").map(|at| (start + at + 2, text_end(line)));
    found
        .into_iter()
        .filter(|(start, end)| end.saturating_sub(*start) >= UNIT_BYTES_MIN && !line[*start..].contains(SIGN))
        .collect()
}

/// Quoted texts, selectors and addresses of a line.
fn unit_spans(line: &str) -> Vec<(usize, usize)> {
    let bytes = line.as_bytes();
    let mut spans = Vec::new();
    let mut at = text_start(line);
    while at < bytes.len() {
        let opens = at == 0 || matches!(bytes[at - 1], b' ' | b'(' | b'{');
        let end = match bytes[at] {
            b'"' => line[at + 1..].find('"').map(|i| at + i + 2),
            b'[' if opens => bracket_end(line, at),
            _ if opens => {
                let word = &line[at..];
                let len = word.find([' ', '"', ';', '}']).unwrap_or(word.len());
                (word.starts_with('/') || word[..len].contains("://")).then_some(at + len)
            }
            _ => None,
        };
        match end {
            Some(end) => {
                // A digit behind a name would make another name of it, and no text holds half of a definition.
                let clear = !bytes.get(end).is_some_and(u8::is_ascii_digit) && !line[at..end].contains(SIGN);
                if end - at >= UNIT_BYTES_MIN && clear {
                    spans.push((at, end));
                }
                at = end.max(at + 1);
            }
            None => at += 1,
        }
        while at < bytes.len() && !line.is_char_boundary(at) {
            at += 1;
        }
    }
    spans
}

/// Where the bracket at `at` closes.
fn bracket_end(line: &str, at: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (i, byte) in line.as_bytes()[at..].iter().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + i + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn shortened(lines: &[&str]) -> Vec<String> {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        shorten(&mut lines);
        lines
    }

    /// What a reader makes of shortened lines.
    fn read(lines: &[String]) -> Vec<String> {
        let mut known: HashMap<String, String> = HashMap::new();
        lines.iter().map(|line| expanded(line, &mut known)).collect()
    }

    fn expanded(line: &str, known: &mut HashMap<String, String>) -> String {
        let mut open: Vec<(String, usize)> = Vec::new();
        let mut out = String::new();
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let name = rest.strip_prefix(SIGN).map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
            let name = name.map(|after| &rest[..rest.len() - after.len()]).filter(|name| name.len() > SIGN.len_utf8());
            if let Some(after) = rest.strip_prefix("}§").filter(|_| !open.is_empty()) {
                let (name, from) = open.pop().unwrap();
                known.insert(name, out[from..].to_owned());
                rest = after;
            } else if let Some(name) = name {
                rest = &rest[name.len()..];
                if let Some(inside) = rest.strip_prefix('{') {
                    open.push((name.to_owned(), out.len()));
                    rest = inside;
                } else {
                    out.push_str(&known[name]);
                }
            } else {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
        out
    }

    #[test]
    fn what_is_long_and_repeated_is_named() {
        let alert = "alert \"We could not place your order. Please try again.\" appeared";
        let got = shortened(&[
            &format!("m1 00:01.0 click button \"Pay\" [#pay] -> m2 POST /api/pay 500 (9 ms); {alert}"),
            &format!("m3 00:02.0 click button \"Pay\" [#pay] -> m4 POST /api/pay 500 (8 ms); {alert}"),
            "m5 00:03.0 console error: cannot pay \"now\" at pay (/js/pay.js:1:2)",
            "m6 00:04.0 console error: cannot pay \"now\" at pay (/js/pay.js:1:2)",
        ]);
        assert!(
            got[0].ends_with("; alert §2{\"We could not place your order. Please try again.\"}§ appeared"),
            "{got:?}"
        );
        assert_eq!(got[1], "m3 00:02.0 click button \"Pay\" [#pay] -> m4 POST /api/pay 500 (8 ms); alert §2 appeared");
        assert_eq!(got[3], "m6 00:04.0 console error: §1");
    }

    #[test]
    fn what_led_to_a_message_is_no_part_of_it() {
        let message = "cannot pay <- now at pay (/js/pay.js:1:2)";
        let got = shortened(&[
            &format!("m5 00:03.0 console error: {message} <- m2, probably m1"),
            &format!("m6 00:04.0 uncaught error: {message} <- m4 (unsure: what came next was not recorded)"),
            &format!("m7 00:05.0 console error: {message}"),
        ]);
        assert_eq!(got[0], format!("m5 00:03.0 console error: §1{{{message}}}§ <- m2, probably m1"));
        assert_eq!(got[1], "m6 00:04.0 uncaught error: §1 <- m4 (unsure: what came next was not recorded)");
        assert_eq!(got[2], "m7 00:05.0 console error: §1");
    }

    #[test]
    fn selectors_addresses_and_names_are_named_too() {
        let got = shortened(&[
            "m1 00:01.0 click row \"A\" [[data-testid=\"a very long selector\"] > b] x1 -> done",
            "m2 00:02.0 click row \"B\" [[data-testid=\"a very long selector\"] > b] x2 -> done",
            "m3 00:03.0 request GET /a/very/long/path/of/an/api/that/repeats 200 (1 ms)",
            "m4 00:04.0 request GET /a/very/long/path/of/an/api/that/repeats 200 (2 ms)",
        ]);
        assert_eq!(got[1], "m2 00:02.0 click row \"B\" §1 x2 -> done");
        assert_eq!(got[3], "m4 00:04.0 request GET §2 200 (2 ms)");
    }

    #[test]
    fn short_and_single_texts_stay() {
        let lines = ["m1 00:01.0 click button \"Save\" [#save]", "m2 00:02.0 click button \"Save\" [#save]"];
        assert_eq!(shortened(&lines), lines);
        assert_eq!(shortened(&[]), Vec::<String>::new());
    }

    #[test]
    fn a_name_that_a_page_uses_is_no_name() {
        let long = "\"a text that is long enough to be named, twice\"";
        let got = shortened(&[&format!("m1 00:01.0 see §1 {long} a"), &format!("m2 00:02.0 and {long} b")]);
        assert!(got[0].contains("§2{\"a text") && got[1].ends_with("and §2 b"), "{got:?}");
    }

    #[test]
    fn a_reader_gets_the_lines_back() {
        let texts = [
            "\"first long quoted text of the page\"",
            "[main > section:nth-of-type(3) > ul > li]",
            "/one/long/path/to/somewhere",
        ];
        let lines: Vec<String> = (0..60)
            .map(|i| {
                format!(
                    "m{i} 00:01.0 click {} {} -> m9{i} GET {}; \"{i} short\" appeared",
                    texts[i % 2],
                    texts[i % 3],
                    texts[2]
                )
            })
            .collect();
        let mut short = lines.clone();
        assert!(shorten(&mut short));
        assert!(short.concat().len() * 2 < lines.concat().len());
        assert_eq!(read(&short), lines);
    }

    #[test]
    fn hostile_lines_do_no_harm() {
        for line in
            ["", "m1", "\"", "[[[[", "]]]]", " -> ; -> ; ", "§1 §1 (§1)", "m1 00:00.0 é\"ü\"[ß]/ж://", "\" [ \" ] \" ["]
        {
            let mut lines = vec![line.to_owned(); 5];
            shorten(&mut lines);
            assert_eq!(lines.len(), 5);
        }
    }
}
