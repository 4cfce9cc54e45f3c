//! Token counting: the only place that knows how.
//!
//! Counts are exact for the o200k vocabulary. Other models count differently by some percent, which
//! the distance between the result limit and what clients accept leaves room for. The counter is
//! linear in its input for every text, so a hostile page can't make it slow.

use playhead_schemas::text;

/// The tokens of `text` (o200k).
pub fn count(text: &str) -> usize {
    bpe_openai::o200k_base().count(text)
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
    use super::*;

    #[test]
    fn counts_are_those_of_o200k() {
        // Reference values of the published o200k_base vocabulary.
        for (text, tokens) in [("", 0), ("hello world", 2), ("tiktoken is great!", 6), ("お誕生日おめでとう", 8)]
        {
            assert_eq!(count(text), tokens, "{text}");
        }
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
