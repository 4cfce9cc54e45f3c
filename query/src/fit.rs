//! Filling an answer to its size: as many items as fit, and the beginning of the next one, so that the
//! answer has never more tokens than allowed and at most 2 % less when there is more to say.
//!
//! The size is that of the form that counts, counted exactly. To find the right number of items quickly,
//! lines are priced one by one, each once: o200k cuts text at line ends and at the quotes between the
//! strings of an array, so prices add up. What was found is then counted whole.

use std::collections::HashMap;

use serde_json::Value;

use crate::form::Form;
use crate::llm_tokens;
use crate::meter::TokenBudget;
use crate::tool::Output;

/// An answer that may come in many sizes.
pub(crate) trait Sheet {
    /// The lines, with what the answer says about them.
    type Lines: AsRef<[String]>;
    /// The answer.
    type Output: Output;
    /// How many items there are to show.
    fn items(&self) -> usize;
    /// Characters of an item, for showing a part of it.
    fn chars(&self, item: usize) -> usize;
    /// The lines of the answer with `shown` of the items.
    fn lines(&self, shown: Shown) -> Self::Lines;
    /// The whole answer with these lines.
    fn output(&self, shown: Shown, lines: Self::Lines) -> Self::Output;
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

/// The largest answer of `sheet` within `budget`.
pub(crate) fn fit<S: Sheet>(sheet: &S, budget: TokenBudget) -> S::Output {
    let (items, tokens_max) = (sheet.items(), budget.tokens_max);
    let mut whole = estimate(sheet, budget);
    let mut best = Counted::new(sheet, Shown::whole(whole), budget);
    while best.tokens > tokens_max && whole > 0 {
        whole -= 1;
        best = Counted::new(sheet, Shown::whole(whole), budget);
    }
    while whole < items {
        let next = Counted::new(sheet, Shown::whole(whole + 1), budget);
        if next.tokens > tokens_max {
            break;
        }
        (whole, best) = (whole + 1, next);
    }
    let spare = tokens_max.saturating_sub(best.tokens);
    if whole < items && (spare > tokens_max / SPARE_SHARE || whole == 0) {
        best = begun(sheet, whole, budget).unwrap_or(best);
    }
    best.output
}

/// The answer in which as much of the item after the whole ones is shown as fits.
fn begun<S: Sheet>(sheet: &S, whole: usize, budget: TokenBudget) -> Option<Counted<S::Output>> {
    let tokens_max = budget.tokens_max;
    let (mut fits, mut over) = (0, sheet.chars(whole));
    let mut best = None;
    let mut at = BEGUN_CHARS.min(over / 2);
    while fits < at && at < over {
        let tried = Counted::new(sheet, Shown { whole, begun: at }, budget);
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
fn estimate<S: Sheet>(sheet: &S, budget: TokenBudget) -> usize {
    let mut prices = Prices::new(budget.form);
    let empty = prices.of(sheet.lines(Shown::default()).as_ref());
    let frame = Counted::new(sheet, Shown::default(), budget).tokens.saturating_sub(empty);
    let room = budget.tokens_max.saturating_sub(frame);
    let (mut fits, mut fits_cost, mut over) = (0, empty, sheet.items() + 1);
    while over - fits > 1 {
        // Items cost about the same, so the place to look at next can be computed; the middle ends a bad guess.
        let each = fits_cost.checked_div(fits).map_or(30, |each| each.max(1));
        let computed = fits + room.saturating_sub(fits_cost) / each;
        let at = if fits == 0 || computed < over { computed } else { fits + (over - fits) / 2 };
        let at = at.clamp(fits + 1, over - 1);
        let cost = prices.of(sheet.lines(Shown::whole(at)).as_ref());
        if cost <= room {
            (fits, fits_cost) = (at, cost);
        } else {
            over = at;
        }
    }
    fits
}

/// The tokens of lines in the form that counts, each line counted once.
#[derive(Debug)]
struct Prices {
    form: Form,
    known: HashMap<String, usize>,
}

impl Prices {
    fn new(form: Form) -> Self {
        Self { form, known: HashMap::new() }
    }

    fn of(&mut self, lines: &[String]) -> usize {
        lines.iter().map(|line| self.line(line)).sum()
    }

    fn line(&mut self, line: &str) -> usize {
        if let Some(price) = self.known.get(line) {
            return *price;
        }
        let price = if self.form.is_typed() {
            let json = Value::from(line).to_string();
            llm_tokens::count(&format!("{},\"", &json[1..]))
        } else {
            llm_tokens::count(&format!("{line}\n"))
        };
        self.known.insert(line.to_owned(), price);
        price
    }
}

struct Counted<T> {
    output: T,
    tokens: usize,
}

impl<T: Output> Counted<T> {
    fn new<S: Sheet<Output = T>>(sheet: &S, shown: Shown, budget: TokenBudget) -> Self {
        let output = sheet.output(shown, sheet.lines(shown));
        let tokens = budget.cost(&output);
        Self { output, tokens }
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
    use schemars::JsonSchema;
    use serde::Serialize;

    use super::*;

    const FORMS: [Form; 2] = [Form::Text, Form::Structured];

    struct Lines(Vec<String>);

    #[derive(Debug, PartialEq, Serialize, JsonSchema)]
    struct Answer {
        shown: usize,
        lines: Vec<String>,
        is_cut: bool,
    }

    impl Output for Answer {
        fn text(&self) -> String {
            let more = if self.is_cut { "There is more.\n" } else { "" };
            format!("Head.\n{}\n{more}", self.lines.join("\n"))
        }
    }

    impl Sheet for Lines {
        type Lines = Vec<String>;
        type Output = Answer;
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
        fn output(&self, shown: Shown, lines: Vec<String>) -> Answer {
            Answer { shown: shown.whole, lines, is_cut: shown.whole < self.0.len() }
        }
    }

    #[test]
    fn answers_are_full_and_never_too_large() {
        let texts = ["click button \"Pay now\" [#pay]", "漢字かな\u{1F469}🏽‍🚀", "\"\\\"\\ <>", "/api/a?b=1&c=2; "];
        for (repeat, form) in [1, 7, 40].into_iter().flat_map(|repeat| FORMS.map(|form| (repeat, form))) {
            let lines: Vec<String> = (0..1800)
                .map(|i| format!("m{i} 00:0{}.0 {}", i % 10, texts[i % 4].repeat(1 + i * repeat % 41)))
                .collect();
            let sheet = Lines(lines);
            for tokens_max in [2_000, 2_001, 2_345, 4_000, 9_999, 20_000, 25_000] {
                let budget = TokenBudget { tokens_max, form };
                let got = budget.cost(&fit(&sheet, budget));
                assert!(got <= tokens_max && got * 100 >= tokens_max * 98, "{got} of {budget:?}, repeat {repeat}");
            }
        }
    }

    #[test]
    fn what_fits_is_whole() {
        for count in [0, 1, 20] {
            let sheet = Lines((0..count).map(|i| format!("m{i} click")).collect());
            assert_eq!(fit(&sheet, TokenBudget { tokens_max: 2_000, form: Form::Text }).shown, count);
        }
    }

    #[test]
    fn a_first_item_that_is_too_large_is_begun() {
        let sheet = Lines(vec!["m1 漢字".repeat(4_000), "m2 click".to_owned()]);
        for form in FORMS {
            let budget = TokenBudget { tokens_max: 2_000, form };
            let answer = fit(&sheet, budget);
            let got = budget.cost(&answer);
            assert!((1_960..=2_000).contains(&got), "{got}");
            assert!(answer.lines[0].ends_with('…'));
        }
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
            some in proptest::collection::vec(line(), 0..80),
            rounds in 1..12_usize,
            tokens_max in 2_000..25_000_usize,
            form in proptest::sample::select(&FORMS[..]),
        ) {
            let sheet = Lines(vec![some; rounds].concat());
            let budget = TokenBudget { tokens_max, form };
            let (first, second) = (fit(&sheet, budget), fit(&sheet, budget));
            prop_assert_eq!(&first, &second);
            let got = budget.cost(&first);
            prop_assert!(got <= tokens_max, "{} of {}", got, tokens_max);
            let items = sheet.items();
            let whole = budget.cost(&sheet.output(Shown::whole(items), sheet.0.clone())) <= tokens_max;
            prop_assert_eq!(first.shown == items, whole);
            prop_assert!(whole || got * 100 >= tokens_max * 98, "only {} of {}", got, tokens_max);
        }
    }
}
