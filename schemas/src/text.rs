//! Cleaning of text that a page or a user controlled.
//!
//! Such text reaches models. Characters that a person can't see but a model reads (zero-width,
//! bidirectional overrides, Unicode tags, variation selectors) are removed before it is stored or
//! shown; who shows it also labels it untrusted.

use std::borrow::Cow;

/// How much longer than an excerpt a text may be so that its end is looked at, in excerpts.
const EXCERPT_LOOK: usize = 40;
/// Shorter excerpts are cut at their end.
const EXCERPT_CHARS_MIN: usize = 40;
/// Characters within which an excerpt is cut between words.
const EXCERPT_WORD: usize = 12;

/// True for characters that carry no visible text: C0 and C1 controls except tab and newline,
/// soft hyphen, zero-width and bidirectional formatting, invisible operators, variation selectors,
/// interlinear annotation, byte-order mark, Unicode tags (U+E0000 block) and unassigned fillers.
#[inline]
pub fn is_invisible(c: char) -> bool {
    // Nearly all text is ASCII that shows.
    if (' '..='~').contains(&c) {
        return false;
    }
    matches!(c,
        '\0'..='\u{8}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// `text` without invisible characters; newlines and tabs stay. Borrows when nothing had to go.
pub fn visible(text: &str) -> Cow<'_, str> {
    // Plain ASCII without controls is by far the most common text.
    if text.bytes().all(|b| (0x20..0x7f).contains(&b) || b == b'\n' || b == b'\t') {
        return Cow::Borrowed(text);
    }
    if text.chars().any(is_invisible) {
        Cow::Owned(text.chars().filter(|c| !is_invisible(*c)).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// `text` on one line: invisible characters removed, runs of white space folded to one space,
/// ends trimmed, and cut to at most `chars_max` characters, the last of which is then `…`.
pub fn one_line(text: &str, chars_max: usize) -> String {
    let mut out = String::with_capacity(text.len().min(chars_max.saturating_mul(4)));
    let (mut chars, mut gap) = (0, false);
    if is_one_line(text) && text.len() <= chars_max {
        out.push_str(text);
        return out;
    }
    for c in text.chars() {
        if c.is_whitespace() {
            gap = chars > 0;
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        let needed = 1 + usize::from(gap);
        if chars + needed > chars_max {
            while chars >= chars_max && out.pop().is_some() {
                chars -= 1;
            }
            out.push('…');
            return out;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        out.push(c);
        chars += needed;
    }
    out
}

/// `text` on one line, cut to at most `chars_max` characters so that what decides stays: at the end of a sentence where
/// one ends late enough, else in the middle, as reasons stand at the end of messages and names at the end of paths.
pub fn excerpt(text: &str, chars_max: usize) -> String {
    if text.len() <= chars_max {
        return one_line(text, chars_max);
    }
    let whole = one_line(text, chars_max.saturating_mul(EXCERPT_LOOK));
    let chars: Vec<char> = whole.chars().collect();
    if chars.len() <= chars_max || chars_max < EXCERPT_CHARS_MIN {
        return one_line(&whole, chars_max);
    }
    let is_end = |at: usize| matches!(chars[at], '.' | '!' | '?') && chars.get(at + 1) == Some(&' ');
    let late = chars_max * 2 / 3;
    if let Some(end) = (late..chars_max.saturating_sub(2)).rev().find(|at| is_end(*at)) {
        let head: String = chars[..=end].iter().collect();
        return format!("{head} …");
    }
    let room = chars_max - 3;
    let (head, tail) = (room * 3 / 5, room - room * 3 / 5);
    let cut_at_word = |from: usize, to: usize| (from..to).rev().find(|at| chars[*at] == ' ');
    let head_end = cut_at_word(head.saturating_sub(EXCERPT_WORD), head + 1).unwrap_or(head);
    let from = chars.len() - tail;
    let word = (from..(from + EXCERPT_WORD).min(chars.len())).find(|at| chars[*at] == ' ');
    let tail_start = word.map_or(from, |at| at + 1);
    let head: String = chars[..head_end].iter().collect();
    let tail: String = chars[tail_start..].iter().collect();
    format!("{} … {}", head.trim_end(), tail)
}

/// True for plain ASCII that [`one_line`] leaves as it is, but for its length.
fn is_one_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let single = |pair: &[u8]| pair != b"  ";
    bytes.iter().all(|b| (b' '..=b'~').contains(b))
        && !bytes.starts_with(b" ")
        && !bytes.ends_with(b" ")
        && bytes.windows(2).all(single)
}

/// `text` with the ASCII capitals as small letters. Borrows when there are none.
pub fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// A count with the right form of its noun: `1 request`, `2 requests`, `0 requests`.
pub fn counted(count: impl Into<u64>, one: &str, many: &str) -> String {
    let count = count.into();
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The longest prefix of `text` that has at most `bytes_max` bytes and ends at a character boundary.
pub fn prefix(text: &str, bytes_max: usize) -> &str {
    if text.len() <= bytes_max {
        return text;
    }
    let mut end = bytes_max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_go() {
        assert_eq!(visible("pay\u{200b}\u{202e}\u{e0041}\u{fe0f} now\n"), "pay now\n");
        assert!(matches!(visible("Grüße\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn one_line_folds_and_cuts() {
        assert_eq!(one_line("  a \n\t b  ", 10), "a b");
        assert_eq!(one_line("abcdef", 4), "abc…");
        assert_eq!(one_line("ab cdef", 3), "ab…");
        assert_eq!(one_line("abc", 3), "abc");
        assert_eq!(one_line("abc   ", 3), "abc");
        assert_eq!(one_line("anything", 0), "…");
        assert_eq!(one_line("a b c", 5), "a b c");
        assert_eq!(one_line("a  b", 5), "a b");
        assert_eq!(one_line(" a", 5), "a");
        assert_eq!(one_line("a\u{200b}b", 5), "ab");
    }

    #[test]
    fn excerpts_keep_what_decides() {
        let refused = "could not connect: connection to server at \"127.0.0.1\", port 5432 failed: Connection refused";
        for (text, chars_max, want) in [
            ("short", 40, "short"),
            (refused, 60, "could not connect: connection to … Connection refused"),
            (
                "The order was not saved, sorry. Please try again later or call us.",
                42,
                "The order was not saved, sorry. …",
            ),
            ("abcdef", 4, "abc…"),
            ("0123456789012345678901234567890123456789abcdefghij", 43, "012345678901234567890123 … 456789abcdefghij"),
        ] {
            let got = excerpt(text, chars_max);
            assert_eq!(got, want);
            assert!(got.chars().count() <= chars_max.max(text.len().min(chars_max) + 1), "{got}");
        }
    }

    #[test]
    fn counts_have_the_right_form_of_their_noun() {
        assert_eq!(counted(0u32, "box", "boxes"), "0 boxes");
        assert_eq!(counted(1u32, "box", "boxes"), "1 box");
        assert_eq!(counted(2u64, "box", "boxes"), "2 boxes");
    }

    #[test]
    fn prefixes_end_at_characters() {
        assert_eq!(prefix("aé", 2), "a");
        assert_eq!(prefix("aé", 3), "aé");
    }
}
