//! Filling an answer to its size: as many items as fit, and the beginning of the next one, so that the
//! answer has never more tokens than allowed and at most 2 % less when there is more to say.
//!
//! The size is that of both forms together, counted exactly. To find the right number of items quickly,
//! lines are priced one by one, each once: o200k cuts text at line ends and at the quotes between the
//! strings of an array, so prices add up. What was found is then counted whole.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::Value;

use crate::llm_tokens;
use crate::tool::Answer;

/// An answer that may come in many sizes.
pub(crate) trait Sheet {
    /// The structured form.
    type Output: Serialize;
    /// How many items there are to show.
    fn items(&self) -> usize;
    /// Characters of an item, for showing a part of it.
    fn chars(&self, item: usize) -> usize;
    /// The lines of the answer with `shown` of the items.
    fn lines(&self, shown: Shown) -> Vec<String>;
    /// The whole answer with these lines.
    fn answer(&self, shown: Shown, lines: Vec<String>) -> Answer<Self::Output>;
}

/// How much of a sheet is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Items that are whole.
    pub(crate) whole: usize,
    /// Characters of the item after those.
    pub(crate) begun: usize,
}

impl Shown {
    fn whole(whole: usize) -> Self {
        Self { whole, begun: 0 }
    }
}

/// What remains is filled with the beginning of the next item when it is more than this share of the size.
const SPARE_SHARE: usize = 50;
/// Fewer characters of an item say little; they are shown when these are too many.
const BEGUN_CHARS: usize = 24;

/// An answer of the right size.
pub(crate) struct Fitted<T> {
    pub(crate) answer: Answer<T>,
    pub(crate) shown: Shown,
}

/// The largest answer of `sheet` with at most `tokens_max` tokens.
pub(crate) fn fit<S: Sheet>(sheet: &S, tokens_max: usize) -> Fitted<S::Output> {
    let items = sheet.items();
    let mut whole = estimate(sheet, tokens_max);
    let mut best = Counted::of(sheet, Shown::whole(whole));
    while best.tokens > tokens_max && whole > 0 {
        whole -= 1;
        best = Counted::of(sheet, Shown::whole(whole));
    }
    while whole < items {
        let next = Counted::of(sheet, Shown::whole(whole + 1));
        if next.tokens > tokens_max {
            break;
        }
        (whole, best) = (whole + 1, next);
    }
    let spare = tokens_max.saturating_sub(best.tokens);
    if whole < items && (spare > tokens_max / SPARE_SHARE || whole == 0) {
        best = begun(sheet, whole, tokens_max).unwrap_or(best);
    }
    Fitted { answer: best.answer, shown: best.shown }
}

/// The answer in which as much of the item after the whole ones is shown as fits.
fn begun<S: Sheet>(sheet: &S, whole: usize, tokens_max: usize) -> Option<Counted<S::Output>> {
    let (mut fits, mut over) = (0, sheet.chars(whole));
    let mut best = None;
    let mut at = BEGUN_CHARS.min(over / 2);
    while fits < at && at < over {
        let tried = Counted::of(sheet, Shown { whole, begun: at });
        if tried.tokens <= tokens_max {
            let near = tokens_max - tried.tokens <= tokens_max / (SPARE_SHARE * 2);
            (fits, best) = (at, Some(tried));
            if near {
                break;
            }
        } else {
            over = at;
        }
        at = fits + (over - fits) / 2;
    }
    best
}

/// How many items fit, by the prices of their lines: the truth, or near it.
fn estimate<S: Sheet>(sheet: &S, tokens_max: usize) -> usize {
    let mut prices = Prices::default();
    let empty = sheet.lines(Shown::default());
    let frame = Counted::of(sheet, Shown::default()).tokens.saturating_sub(prices.of(&empty));
    let room = tokens_max.saturating_sub(frame);
    let (mut fits, mut fits_cost, mut over) = (0, prices.of(&empty), sheet.items() + 1);
    while over - fits > 1 {
        // Items cost about the same, so the place to look at next can be reckoned; the middle ends a bad guess.
        let each = fits_cost.checked_div(fits).map_or(60, |each| each.max(1));
        let reckoned = fits + room.saturating_sub(fits_cost) / each;
        let at = if fits == 0 || reckoned < over { reckoned } else { fits + (over - fits) / 2 };
        let at = at.clamp(fits + 1, over - 1);
        let cost = prices.of(&sheet.lines(Shown::whole(at)));
        if cost <= room {
            (fits, fits_cost) = (at, cost);
        } else {
            over = at;
        }
    }
    fits
}

/// What lines cost in both forms, each counted once.
#[derive(Debug, Default)]
struct Prices(HashMap<String, usize>);

impl Prices {
    fn of(&mut self, lines: &[String]) -> usize {
        lines.iter().map(|line| self.line(line)).sum()
    }

    fn line(&mut self, line: &str) -> usize {
        if let Some(price) = self.0.get(line) {
            return *price;
        }
        let json = Value::from(line).to_string();
        let price = llm_tokens::count(&format!("{line}\n")) + llm_tokens::count(&format!("{},\"", &json[1..]));
        self.0.insert(line.to_owned(), price);
        price
    }
}

struct Counted<T> {
    answer: Answer<T>,
    shown: Shown,
    tokens: usize,
}

impl<T: Serialize> Counted<T> {
    fn of<S: Sheet<Output = T>>(sheet: &S, shown: Shown) -> Self {
        let answer = sheet.answer(shown, sheet.lines(shown));
        let json = serde_json::to_value(&answer.data).unwrap_or_default().to_string();
        let tokens = llm_tokens::count(&answer.text) + llm_tokens::count(&json);
        Self { answer, shown, tokens }
    }
}

/// The first `chars_max` characters of `text`, and the sign that it goes on.
pub(crate) fn beginning(text: &str, chars_max: usize) -> String {
    let end = text.char_indices().nth(chars_max).map_or(text.len(), |(end, _)| end);
    format!("{}…", text[..end].trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    struct Lines(Vec<String>);

    impl Sheet for Lines {
        type Output = Value;
        fn items(&self) -> usize {
            self.0.len()
        }
        fn chars(&self, item: usize) -> usize {
            self.0[item].chars().count()
        }
        fn lines(&self, shown: Shown) -> Vec<String> {
            let mut lines = self.0[..shown.whole].to_vec();
            if shown.begun > 0 {
                lines.push(beginning(&self.0[shown.whole], shown.begun));
            }
            lines
        }
        fn answer(&self, shown: Shown, lines: Vec<String>) -> Answer<Value> {
            let more = if shown.whole < self.0.len() { "There is more.\n" } else { "" };
            let text = format!("Head.\n{}\n{more}", lines.join("\n"));
            Answer::new(text, json!({"shown": shown.whole, "lines": lines}))
        }
    }

    fn tokens(answer: &Answer<Value>) -> usize {
        llm_tokens::count(&answer.text) + llm_tokens::count(&answer.data.to_string())
    }

    #[test]
    fn answers_are_full_and_never_too_large() {
        let texts = ["click button \"Pay now\" [#pay]", "漢字かな\u{1F469}🏽‍🚀", "\"\\\"\\ <>", "/api/a?b=1&c=2; "];
        for repeat in [1, 7, 40] {
            let lines: Vec<String> = (0..900)
                .map(|i| format!("m{i} 00:0{}.0 {}", i % 10, texts[i % 4].repeat(1 + i * repeat % 41)))
                .collect();
            let sheet = Lines(lines);
            for max in [2_000, 2_001, 2_345, 4_000, 9_999, 20_000, 24_000] {
                let got = tokens(&fit(&sheet, max).answer);
                assert!(got <= max && got * 100 >= max * 98, "{got} of {max}, repeat {repeat}");
            }
        }
    }

    #[test]
    fn what_fits_is_whole() {
        for count in [0, 1, 20] {
            let sheet = Lines((0..count).map(|i| format!("m{i} click")).collect());
            assert_eq!(fit(&sheet, 2_000).answer.data["shown"], count);
        }
    }

    #[test]
    fn a_first_item_that_is_too_large_is_begun() {
        let sheet = Lines(vec!["m1 漢字".repeat(4_000), "m2 click".to_owned()]);
        let answer = fit(&sheet, 2_000).answer;
        let got = tokens(&answer);
        assert!((1_960..=2_000).contains(&got), "{got}");
        assert!(answer.data["lines"][0].as_str().is_some_and(|line| line.ends_with('…')));
    }

    const COSTLY: [&str; 7] = ["漢字かな", "\u{1F469}🏽‍🚀🇩🇪", "\"\\\"\\ <>", "aB3$ xY7% ", "=", "- ", "word "];

    /// Lines as recordings and hostile pages have them.
    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => (0..9_u32).prop_map(|i| format!("m{i} 00:00.{i} click button \"Save {i}\" [#save]")),
            2 => (proptest::sample::select(&COSTLY[..]), 0..200_usize).prop_map(|(text, times)| text.repeat(times)),
            1 => "\\PC{0,400}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_lines_keep_and_fill_any_size(
            some in proptest::collection::vec(line(), 0..80), rounds in 1..12_usize, max in 2_000..24_000_usize,
        ) {
            let sheet = Lines(vec![some; rounds].concat());
            let (first, second) = (fit(&sheet, max), fit(&sheet, max));
            prop_assert_eq!((&first.answer.text, &first.answer.data), (&second.answer.text, &second.answer.data));
            let got = tokens(&first.answer);
            prop_assert!(got <= max, "{} of {}", got, max);
            let whole = tokens(&sheet.answer(Shown::whole(sheet.items()), sheet.0.clone())) <= max;
            prop_assert_eq!(first.shown.whole == sheet.items(), whole);
            prop_assert!(whole || got * 100 >= max * 98, "only {} of {}", got, max);
        }
    }
}
