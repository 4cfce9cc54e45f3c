//! Token counting: the only place that knows how.
//!
//! Counts are exact for the o200k vocabulary. Other models count differently by some percent, which
//! the distance between the result limit and what clients accept leaves room for. The counter is
//! linear in its input for every text, so a hostile page can't make it slow.
//!
//! Lines are counted once and remembered by their hash: the answers about a replay show the same lines again and again,
//! and counting 10 KB anew takes half a millisecond. The vocabulary's splitting joins a line end to what follows only if
//! that is white space or a slash, so the counts of other lines add up to that of the text.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use playhead_schemas::text;
use quick_cache::sync::Cache;

/// Lines whose counts are remembered: about 12 MB.
const LINES_MAX: usize = 200_000;

/// Counts by the hashes of lines. Two keys that no page knows make 128 bits of each.
struct Counts {
    keys: [RandomState; 2],
    lines: Cache<[u64; 2], u32>,
}

static COUNTS: LazyLock<Counts> =
    LazyLock::new(|| Counts { keys: [RandomState::new(), RandomState::new()], lines: Cache::new(LINES_MAX) });

/// The tokens of `text` (o200k).
pub fn count(text: &str) -> usize {
    let (mut tokens, mut rest) = (0, text);
    while !rest.is_empty() {
        let (line, after) = rest.split_at(line_end(rest));
        tokens += count_line(line);
        rest = after;
    }
    tokens
}

/// Where the first line of `text` ends: after a line end that is not joined to what follows.
fn line_end(text: &str) -> usize {
    text.match_indices('\n')
        .map(|(at, _)| at + 1)
        .find(|end| text[*end..].chars().next().is_some_and(|c| !c.is_whitespace() && c != '/'))
        .unwrap_or(text.len())
}

fn count_line(line: &str) -> usize {
    let key = COUNTS.keys.each_ref().map(|key| key.hash_one(line));
    if let Some(known) = COUNTS.lines.get(&key) {
        return known as usize;
    }
    let tokens = bpe_openai::o200k_base().count(line);
    COUNTS.lines.insert(key, u32::try_from(tokens).unwrap_or(u32::MAX));
    tokens
}

/// Loads the vocabulary (about 50 ms) on a thread of its own, so that no call has to wait for it.
pub(crate) fn warm() {
    std::thread::spawn(|| count("warm"));
}

/// The longest prefix of `text` found with at most `tokens_max` tokens; all of it when it fits.
pub(crate) fn prefix(text: &str, tokens_max: usize) -> &str {
    // A token is at least one byte, so a text that short needs no counting.
    if text.len() <= tokens_max || count(text) <= tokens_max {
        return text;
    }
    let (mut fits, mut too_long) = (0, text.len());
    while too_long - fits > 8 {
        let middle = text::prefix(text, fits + (too_long - fits) / 2).len();
        if middle <= fits {
            break;
        }
        if count(&text[..middle]) <= tokens_max {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    &text[..fits]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn counts_are_those_of_o200k() {
        // Reference values of the published o200k_base vocabulary.
        for (text, tokens) in [("", 0), ("hello world", 2), ("tiktoken is great!", 6), ("お誕生日おめでとう", 8)]
        {
            assert_eq!(count(text), tokens, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn lines_add_up_to_the_text(parts in proptest::collection::vec(part(), 0..40)) {
            let text = parts.concat();
            let whole = bpe_openai::o200k_base().count(&text);
            prop_assert_eq!(count(&text), whole, "{:?}", text);
            prop_assert_eq!(count(&text), whole, "from memory: {:?}", text);
        }
    }

    /// Pieces of answers, and what may stand around a line end.
    fn part() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => proptest::sample::select(&["\n", "\n\n", "\r\n", "\n ", " \n", "\t\n", "\u{85}", "\u{2028}", "\u{a0}\n"][..])
                .prop_map(str::to_owned),
            2 => proptest::sample::select(&["m17 00:12.4 click", "'s", "/", "...", "-> ", "§1", "漢字", "12345", "\u{300}", "\u{200d}"][..])
                .prop_map(str::to_owned),
            1 => "\\PC{0,20}",
            1 => "\\s{0,4}",
        ]
    }

    #[test]
    fn prefixes_fit_and_end_at_characters() {
        let text = "m17 00:12.4 click button \"Pay now\" für 3 €\n".repeat(200);
        for max in [0, 1, 7, 100, 1000] {
            let cut = prefix(&text, max);
            assert!(count(cut) <= max);
            assert!(text.starts_with(cut));
        }
        assert!(count(prefix(&text, 1000)) > 980);
        assert_eq!(prefix("abc", 3), "abc");
    }
}
