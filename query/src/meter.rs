//! How much of a list fits into a result.

use crate::args::MAX_TOKENS_MIN;
use crate::llm_tokens;

/// Tokens that are kept back for what stands around a list in both forms: header, labels, cut, cursor.
const RESERVED: usize = 480;
/// What joining a piece to its neighbours may add in both forms together: commas, line ends, merges.
const JOINT: usize = 6;
/// The size of a result for which heads are made short.
const SMALLEST: usize = MAX_TOKENS_MIN as usize;

/// Admits pieces, in both of their forms, until a result is full.
///
/// Counting is put off: a token is at least one byte, so as long as the bytes fit, so do the tokens.
#[derive(Debug)]
pub(crate) struct Meter {
    scale: usize,
    left: usize,
    pending: String,
    pending_cost_max: usize,
}

impl Meter {
    /// A meter over a result of `tokens`.
    pub(crate) fn new(tokens: usize) -> Self {
        Self {
            scale: (tokens / SMALLEST).clamp(1, 4),
            left: tokens.saturating_sub(RESERVED),
            pending: String::new(),
            pending_cost_max: 0,
        }
    }

    /// How much longer than in the smallest result the short texts of a head may be: 1 to 4.
    pub(crate) fn scale(&self) -> usize {
        self.scale
    }

    /// True, and the room taken, when a piece of these two forms still fits.
    pub(crate) fn admit(&mut self, text: &str, json: &str) -> bool {
        let cost_max = text.len() + json.len() + JOINT;
        if self.pending_cost_max + cost_max > self.left {
            self.settle();
        }
        if cost_max <= self.left {
            self.pending.push_str(text);
            self.pending.push('\n');
            self.pending.push_str(json);
            self.pending.push('\n');
            self.pending_cost_max += cost_max;
            return true;
        }
        let cost = llm_tokens::count(text) + llm_tokens::count(json) + JOINT;
        let fits = cost <= self.left;
        if fits {
            self.left -= cost;
        }
        fits
    }

    /// The longest prefix of `text` that fits in both of its forms, with the room taken.
    pub(crate) fn admit_prefix<'t>(&mut self, text: &'t str) -> &'t str {
        self.admit_prefix_of(text, usize::MAX)
    }

    /// The same, but at most `tokens_max` of the room, both forms together.
    pub(crate) fn admit_prefix_of<'t>(&mut self, text: &'t str, tokens_max: usize) -> &'t str {
        self.settle();
        let room = self.left.min(tokens_max).saturating_sub(JOINT);
        let mut each = room / 2;
        loop {
            let cut = llm_tokens::prefix(text, each);
            let cost = cost_of(cut);
            if cost <= room || cut.is_empty() {
                self.left = self.left.saturating_sub(cost + JOINT);
                return cut;
            }
            // The JSON form of a text with many escapes is longer than the text.
            each = (each * room / cost.max(1)).min(each * 9 / 10);
        }
    }

    /// Takes room for something that is there in any case.
    pub(crate) fn spend(&mut self, text: &str, json: &str) {
        self.settle();
        self.left = self.left.saturating_sub(llm_tokens::count(text) + llm_tokens::count(json) + JOINT);
    }

    /// Tokens that are left, both forms together.
    pub(crate) fn left(&mut self) -> usize {
        self.settle();
        self.left
    }

    /// Counts what was admitted on the strength of its bytes.
    fn settle(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let lines = self.pending.bytes().filter(|byte| *byte == b'\n').count();
        let cost = llm_tokens::count(&self.pending) + lines / 2 * JOINT;
        self.left = self.left.saturating_sub(cost);
        self.pending.clear();
        self.pending_cost_max = 0;
    }
}

fn cost_of(text: &str) -> usize {
    llm_tokens::count(text) + llm_tokens::count(&serde_json::Value::from(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_admitted_fits() {
        for piece in ["m17 00:12.4 click button \"Pay now\" [#pay]", "漢字漢字漢字", "\u{1F469}\u{1F469}\"\\\"\\", "a"]
        {
            for tokens in [1_000, 4_000, 20_000] {
                let json = serde_json::Value::from(piece).to_string();
                let mut meter = Meter::new(tokens);
                let mut count = 0;
                while count < 50_000 && meter.admit(piece, &json) {
                    count += 1;
                }
                let text = format!("{piece}\n").repeat(count);
                let array = serde_json::Value::from(vec![piece; count]).to_string();
                let total = llm_tokens::count(&text) + llm_tokens::count(&array);
                assert!(total <= tokens - RESERVED, "{piece}: {total} of {tokens}");
                assert!(total > tokens / 8, "{piece}: only {total} of {tokens} used");
            }
        }
    }

    #[test]
    fn prefixes_fit_in_both_forms() {
        for text in ["plain words ".repeat(20_000), "\"\\\n".repeat(50_000), "漢".repeat(30_000)] {
            let mut meter = Meter::new(5_000);
            let cut = meter.admit_prefix(&text);
            assert!(!cut.is_empty());
            assert!(cost_of(cut) <= 5_000 - RESERVED);
            assert!(cost_of(cut) > 2_500, "{}", cost_of(cut));
        }
        assert_eq!(Meter::new(0).admit_prefix("abc"), "");
    }
}
