//! How much of a list fits into an answer.

use serde::Serialize;

use crate::args::MAX_TOKENS_MIN;
use crate::form::Form;
use crate::llm_tokens;
use crate::tool::Output;

/// Tokens that are kept back for what stands around a list: header, labels, cut, cursor.
const RESERVED: usize = 300;
/// What joining a piece to its neighbours may add: a comma, a line end, another merge.
const JOINT: usize = 3;
/// Tokens of an answer for each step of [`Meter::scale`].
const SCALE_TOKENS: usize = MAX_TOKENS_MIN as usize / 2;

/// How large an answer may be, in tokens of the one form that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenBudget {
    pub(crate) tokens_max: usize,
    pub(crate) form: Form,
}

impl TokenBudget {
    /// The same form with so many percent of the size.
    pub(crate) fn percent(self, percent: usize) -> Self {
        Self { tokens_max: self.tokens_max.saturating_mul(percent) / 100, ..self }
    }

    /// The tokens of a whole answer in the form that counts.
    pub(crate) fn cost(self, output: &impl Output) -> usize {
        if self.form.is_typed() {
            // As it will be sent: with its keys in the order of JSON values.
            llm_tokens::count(&serde_json::to_value(output).unwrap_or_default().to_string())
        } else {
            llm_tokens::count(&output.text())
        }
    }
}

/// Admits pieces, in the form that counts, until an answer is full.
///
/// Counting is put off: a token is at least one byte, so as long as the bytes fit, so do the tokens.
#[derive(Debug)]
pub(crate) struct Meter {
    form: Form,
    scale: usize,
    left: usize,
    pending: String,
    pending_cost_max: usize,
}

impl Meter {
    /// A meter over an answer of `budget`.
    pub(crate) fn new(budget: TokenBudget) -> Self {
        Self::with_reserve(budget, RESERVED)
    }

    /// The same for an answer that takes room itself for all that stands around its pieces but for `reserved` tokens.
    pub(crate) fn with_reserve(budget: TokenBudget, reserved: usize) -> Self {
        Self {
            form: budget.form,
            scale: (budget.tokens_max / SCALE_TOKENS).clamp(1, 4),
            left: budget.tokens_max.saturating_sub(reserved),
            pending: String::new(),
            pending_cost_max: 0,
        }
    }

    /// How many times longer the short texts of a head may be than they are at least: 1 to 4.
    pub(crate) fn scale(&self) -> usize {
        self.scale
    }

    /// True, and the room taken, when a piece that is `text` in the one form and `data` in the other still fits.
    pub(crate) fn admit(&mut self, text: &str, data: &(impl Serialize + ?Sized)) -> bool {
        if self.form.is_typed() { self.admit_piece(&json(data)) } else { self.admit_piece(text) }
    }

    /// The same for a line of text, which in JSON is a string.
    pub(crate) fn admit_line(&mut self, line: &str) -> bool {
        self.admit(line, line)
    }

    fn admit_piece(&mut self, piece: &str) -> bool {
        let cost_max = piece.len() + JOINT;
        if self.pending_cost_max + cost_max > self.left {
            self.settle();
        }
        if cost_max <= self.left {
            self.pending.push_str(piece);
            self.pending.push('\n');
            self.pending_cost_max += cost_max;
            return true;
        }
        let cost = llm_tokens::count(piece) + JOINT;
        let fits = cost <= self.left;
        if fits {
            self.left -= cost;
        }
        fits
    }

    /// The longest prefix of `text` that fits, with the room taken.
    pub(crate) fn admit_prefix<'t>(&mut self, text: &'t str) -> &'t str {
        self.admit_prefix_of(text, usize::MAX)
    }

    /// The same, but at most `tokens_max` of the room.
    pub(crate) fn admit_prefix_of<'t>(&mut self, text: &'t str, tokens_max: usize) -> &'t str {
        self.settle();
        let room = self.left.min(tokens_max).saturating_sub(JOINT);
        let mut tried = room;
        loop {
            let cut = llm_tokens::prefix(text, tried);
            let cost = self.cost(cut);
            if cost <= room || cut.is_empty() {
                self.left = self.left.saturating_sub(cost + JOINT);
                return cut;
            }
            // The JSON form of a text with many escapes is longer than the text.
            tried = (tried * room / cost.max(1)).min(tried * 9 / 10);
        }
    }

    /// Takes room for a line that is there in any case.
    pub(crate) fn spend_line(&mut self, line: &str) {
        let cost = self.cost(line);
        self.spend(cost);
    }

    /// Takes room for what an answer holds already.
    pub(crate) fn spend_output(&mut self, output: &impl Output) {
        let cost = if self.form.is_typed() { json(output) } else { output.text() };
        self.spend(llm_tokens::count(&cost));
    }

    /// What a line would cost.
    pub(crate) fn price(&self, line: &str) -> usize {
        self.cost(line) + JOINT
    }

    /// Tokens that are left.
    pub(crate) fn left(&mut self) -> usize {
        self.settle();
        self.left
    }

    fn spend(&mut self, tokens: usize) {
        self.settle();
        self.left = self.left.saturating_sub(tokens + JOINT);
    }

    fn cost(&self, text: &str) -> usize {
        if self.form.is_typed() { llm_tokens::count(&json(text)) } else { llm_tokens::count(text) }
    }

    /// Counts what was admitted on the strength of its bytes.
    fn settle(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let pieces = self.pending.bytes().filter(|byte| *byte == b'\n').count();
        let cost = llm_tokens::count(&self.pending) + pieces * JOINT;
        self.left = self.left.saturating_sub(cost);
        self.pending.clear();
        self.pending_cost_max = 0;
    }
}

fn json(data: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(data).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMS: [Form; 2] = [Form::Text, Form::Structured];

    fn meter(tokens_max: usize, form: Form) -> Meter {
        Meter::new(TokenBudget { tokens_max, form })
    }

    #[test]
    fn what_was_admitted_fits() {
        for piece in ["m17 00:12.4 click button \"Pay now\" [#pay]", "漢字漢字漢字", "\u{1F469}\u{1F469}\"\\\"\\", "a"]
        {
            for (tokens, form) in [1_000, 4_000, 20_000].into_iter().flat_map(|tokens| FORMS.map(|form| (tokens, form)))
            {
                let mut meter = meter(tokens, form);
                let mut count = 0;
                while count < 50_000 && meter.admit_line(piece) {
                    count += 1;
                }
                let total = match form {
                    Form::Text => llm_tokens::count(&format!("{piece}\n").repeat(count)),
                    _ => llm_tokens::count(&serde_json::Value::from(vec![piece; count]).to_string()),
                };
                assert!(total <= tokens - RESERVED, "{piece}: {total} of {tokens}");
                assert!(total > tokens / 8, "{piece}: only {total} of {tokens} used");
            }
        }
    }

    #[test]
    fn prefixes_fit_in_each_form() {
        for form in FORMS {
            for text in ["plain words ".repeat(20_000), "\"\\\n".repeat(50_000), "漢".repeat(30_000)] {
                let mut meter = meter(5_000, form);
                let cut = meter.admit_prefix(&text);
                assert!(!cut.is_empty());
                let cost = meter.cost(cut);
                assert!(cost <= 5_000 - RESERVED);
                assert!(cost > 2_500, "{cost}");
            }
            assert_eq!(meter(0, form).admit_prefix("abc"), "");
        }
    }
}
