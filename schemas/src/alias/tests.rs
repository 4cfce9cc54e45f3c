#![allow(clippy::unwrap_used)]
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A line whose units stand between `⟦` and `⟧`, one inside of another too.
fn marked(line: &str) -> (String, Vec<Span>) {
    let (mut text, mut units, mut open) = (String::new(), Vec::new(), Vec::new());
    for c in line.chars() {
        let at = text.len() as u32;
        match c {
            '⟦' => {
                open.push(units.len());
                units.push(Span { start: at, len: 0 });
            }
            '⟧' => {
                let unit: &mut Span = &mut units[open.pop().unwrap()];
                unit.len = at - unit.start;
            }
            c => text.push(c),
        }
    }
    (text, units)
}

fn check(lines: &[&str], want: &[&str]) {
    let lines: Vec<(String, Vec<Span>)> = lines.iter().map(|line| marked(line)).collect();
    let lines: Vec<Line<'_>> = lines.iter().map(|(text, units)| with_units(text, units)).collect();
    let got = shorten(&lines);
    assert_eq!(got.lines, want);
    assert_eq!(got.has_names, want.iter().any(|line| line.contains('{')));
    assert_eq!(read(&got.lines, &lines), plain(&lines));
}

fn with_units<'a>(text: &'a str, units: &'a [Span]) -> Line<'a> {
    Line { prefix: "m1 00:01.0 ".to_owned(), text: text.into(), units }
}

fn plain(lines: &[Line<'_>]) -> Vec<String> {
    lines.iter().map(Line::to_string).collect()
}

/// What a reader makes of shortened lines, who takes a name that a page wrote for text.
fn read(shortened: &[String], lines: &[Line<'_>]) -> Vec<String> {
    let theirs: HashSet<u64> = numbers(lines);
    let mut known: HashMap<u64, String> = HashMap::new();
    shortened.iter().map(|line| expanded(line, &theirs, &mut known)).collect()
}

fn expanded(line: &str, theirs: &HashSet<u64>, known: &mut HashMap<u64, String>) -> String {
    let mut open: Vec<(u64, usize)> = Vec::new();
    let mut out = String::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let name = rest.strip_prefix(SIGN).and_then(|rest| {
            let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            let number = rest[..rest.len() - after.len()].parse().ok()?;
            Some((number, after)).filter(|_| !theirs.contains(&number))
        });
        if let Some(after) = rest.strip_prefix(DEFINITION_END).filter(|_| !open.is_empty()) {
            let (number, from) = open.pop().unwrap();
            assert_eq!(known.insert(number, out[from..].to_owned()), None, "named twice: {line}");
            rest = after;
        } else if let Some((number, after)) = name {
            rest = after;
            if let Some(inside) = after.strip_prefix('{') {
                open.push((number, out.len()));
                rest = inside;
            } else {
                out.push_str(&known[&number]);
            }
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    assert!(open.is_empty(), "{line}");
    out
}

#[test]
fn what_is_long_and_repeated_is_named() {
    let alert = "alert ⟦\"We could not place your order. Please try again.\"⟧ appeared";
    check(
        &[
            &format!("click ⟦[#pay]⟧ -> m2 POST /api/pay 500 (9 ms); {alert}"),
            &format!("click ⟦[#pay]⟧ -> m4 POST /api/pay 500 (8 ms); {alert}"),
            "console error: ⟦⟦cannot pay \"now\"⟧ at ⟦pay (/js/pay.js:1:2)⟧⟧ <- m2",
            "console error: ⟦⟦cannot pay \"now\"⟧ at ⟦pay (/js/pay.js:1:2)⟧⟧ <- m4 (unsure: it ends there)",
        ],
        &[
            "m1 00:01.0 click [#pay] -> m2 POST /api/pay 500 (9 ms); alert §1{\"We could not place your order. Please \
             try again.\"}§ appeared",
            "m1 00:01.0 click [#pay] -> m4 POST /api/pay 500 (8 ms); alert §1 appeared",
            "m1 00:01.0 console error: §2{cannot pay \"now\" at pay (/js/pay.js:1:2)}§ <- m2",
            "m1 00:01.0 console error: §2 <- m4 (unsure: it ends there)",
        ],
    );
}

#[test]
fn what_a_text_looks_like_names_nothing() {
    let message = "console error: \"a quoted text that is long\" [a long selector > in brackets] <- m2 (unsure: why)";
    check(&[message; 3], &[format!("m1 00:01.0 {message}").as_str(); 3]);
}

#[test]
fn parts_are_named_where_their_whole_is_not() {
    check(
        &[
            "⟦⟦the server answered this request with status 500⟧ at ⟦/api/a/long/path/of/orders⟧⟧",
            "⟦⟦the server answered this request with status 500⟧ at ⟦/api/another/long/path/of/items⟧⟧",
            "GET ⟦/api/a/long/path/of/orders⟧ 500",
            "GET ⟦/api/a/long/path/of/orders⟧ 500",
        ],
        &[
            "m1 00:01.0 §1{the server answered this request with status 500}§ at §2{/api/a/long/path/of/orders}§",
            "m1 00:01.0 §1 at /api/another/long/path/of/items",
            "m1 00:01.0 GET §2 500",
            "m1 00:01.0 GET §2 500",
        ],
    );
}

#[test]
fn a_definition_may_hold_names() {
    let error = "⟦⟦the server answered this request with status 500⟧ at ⟦/api/a/long/path/of/orders⟧⟧";
    check(
        &["GET ⟦/api/a/long/path/of/orders⟧ 500", error, error, "GET ⟦/api/a/long/path/of/orders⟧ 500"],
        &[
            "m1 00:01.0 GET §1{/api/a/long/path/of/orders}§ 500",
            "m1 00:01.0 §2{the server answered this request with status 500 at §1}§",
            "m1 00:01.0 §2",
            "m1 00:01.0 GET §1 500",
        ],
    );
    // Written once in full, a part doesn't come again.
    check(
        &[error; 2],
        &[
            "m1 00:01.0 §1{the server answered this request with status 500 at /api/a/long/path/of/orders}§",
            "m1 00:01.0 §1",
        ],
    );
}

#[test]
fn short_and_single_texts_stay() {
    check(&["click button ⟦\"Save the order\"⟧"; 9], &["m1 00:01.0 click button \"Save the order\""; 9]);
    check(&["see ⟦a text that stands here alone, once⟧"], &["m1 00:01.0 see a text that stands here alone, once"]);
    check(&[], &[]);
}

#[test]
fn a_name_that_a_page_uses_is_no_name() {
    let long = "⟦a text that is long enough to be named, twice⟧";
    check(
        &[&format!("see §1 {long}"), &format!("and {long}")],
        &["m1 00:01.0 see §1 §2{a text that is long enough to be named, twice}§", "m1 00:01.0 and §2"],
    );
}

#[test]
fn spans_that_fit_no_text_are_passed_over() {
    let text = "é a text that is long enough to be named, twice";
    for units in [
        [(1, 40), (3, 900), (u32::MAX, u32::MAX), (0, 0)],
        [(48, 30), (40, 30), (2, 0), (1, 1)],
        [(900, 1), (0, 1), (0, 1), (0, 900)],
    ] {
        let units = units.map(Span::from);
        let lines = vec![with_units(text, &units); 9];
        assert_eq!(shorten(&lines), Shortened { lines: plain(&lines), has_names: false });
    }
}

#[test]
fn a_span_that_ends_behind_a_whole_is_none_of_its_parts() {
    let text = "first comes a text that is long, second comes another text that is long";
    let over = [Span { start: 0, len: 48 }, Span { start: 12, len: 59 }];
    let alone = [Span { start: 0, len: 59 }];
    let lines = [with_units(text, &over), with_units(text, &over), with_units(&text[12..], &alone)];
    let got = shorten(&lines);
    assert_eq!(read(&got.lines, &lines), plain(&lines));
    assert!(got.lines[1].contains("§1other text") && !got.lines[2].contains(SIGN), "{got:?}");
}

/// Pieces of which texts are made: long ones that come again, and what could be misread beside a name.
const PIECES: [&str; 12] = [
    "a text that stands in many lines",
    "/api/orders/of/customers?page=",
    "§",
    "§1",
    "{",
    "}",
    "7",
    "é漢\u{1F469}",
    " <- m2",
    "console error: ",
    "\"",
    " ",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 8192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_reader_gets_the_lines_back(
        made in vec((vec(proptest::sample::select(&PIECES[..]), 0..8), vec((0..8_usize, 0..8_usize), 0..6)), 0..9),
        rounds in 1..4_usize,
        shift in prop_oneof![9 => Just(0), 1 => 1..3_u32],
    ) {
        // Spans of whole pieces, in any order, one over another too; some that begin inside a character.
        let spanned = |(pieces, spans): (Vec<&str>, Vec<(usize, usize)>)| {
            let at = |i: usize| pieces.iter().take(i).map(|piece| piece.len() as u32).sum::<u32>();
            let span = |(a, b): (usize, usize)| Span { start: at(a.min(b)) + shift, len: at(a.max(b)) - at(a.min(b)) };
            let mut spans: Vec<Span> = spans.into_iter().map(span).collect();
            if pieces.len() % 4 > 0 {
                spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.len)));
            }
            (pieces.concat(), spans)
        };
        let made: Vec<(String, Vec<Span>)> = made.into_iter().map(spanned).collect();
        let lines: Vec<Line<'_>> = made.iter().map(|(text, units)| with_units(text, units)).collect();
        let lines = vec![lines; rounds].concat();
        let got = shorten(&lines);
        prop_assert_eq!(read(&got.lines, &lines), plain(&lines));
        prop_assert_eq!(got.has_names, got.lines != plain(&lines));
        prop_assert!(got.lines.concat().len() <= plain(&lines).concat().len());
    }
}
