//! The words of bugs as PostgreSQL searches them. SQLite's FTS5 cuts texts by itself; here the same is done for a
//! `tsvector`, because PostgreSQL's own parser keeps addresses, paths and numbers with signs in one piece.
//!
//! A word is a run of letters and digits, in lower case and without diacritics.

use playhead_schemas::ProjectId;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters of a word that are kept: more than a search text may have.
const WORD_CHARS_MAX: usize = 200;

/// The literal of a `tsvector` of texts. No phrase goes from one text over to the next. The project is a word too, which
/// no text has: so the index alone finds what a project has of a common word.
pub(super) fn tsvector<'t>(project: ProjectId, texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut out = format!("'{project}' ");
    let mut position = 0;
    for text in texts {
        for word in words(text) {
            position += 1;
            // PostgreSQL takes a greater position for the greatest that it has.
            out.push_str(&format!("'{word}':{position} "));
        }
        position += 1;
    }
    out
}

/// The literal of a `tsquery`: all terms must be found in one of the projects, each as its words one after the other, of
/// which the last may go on. `None` when no term has a word.
pub(super) fn tsquery(projects: &[ProjectId], terms: &[&str]) -> Option<String> {
    let phrases: Vec<String> = terms
        .iter()
        .map(|term| words(term).map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" <-> "))
        .filter(|phrase| !phrase.is_empty())
        .map(|phrase| format!("{phrase}:*"))
        .collect();
    let projects: Vec<String> = projects.iter().map(|project| format!("'{project}'")).collect();
    (!phrases.is_empty()).then(|| format!("({}) & {}", projects.join(" | "), phrases.join(" & ")))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let plain: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let words: Vec<String> = plain
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| word.chars().take(WORD_CHARS_MAX).collect())
        .collect();
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: ProjectId = ProjectId(ulid::Ulid(1));
    const OTHER: ProjectId = ProjectId(ulid::Ulid(2));

    #[test]
    fn texts_are_cut_as_fts5_cuts_them() {
        for (text, want) in [
            ("Crème brûlée", "'creme':1 'brulee':2 "),
            ("at https://shop.example/cart.js:42", "'at':1 'https':2 'shop':3 'example':4 'cart':5 'js':6 '42':7 "),
            ("it's O'Brien\\n", "'it':1 's':2 'o':3 'brien':4 'n':5 "),
            ("İstanbul 日本語 ½", "'istanbul':1 '日本語':2 '½':3 "),
            ("-- !", ""),
        ] {
            assert_eq!(tsvector(SHOP, [text]), format!("'{SHOP}' {want}"), "{text}");
        }
        assert_eq!(tsvector(SHOP, ["a b", "", "c"]), format!("'{SHOP}' 'a':1 'b':2 'c':5 "));
        assert_eq!(tsvector(SHOP, [&*"x".repeat(5000)]).len(), 29 + WORD_CHARS_MAX + 5);
        assert!(words("01J").all(|word| word == "01j"), "no text has the word of a project");
    }

    #[test]
    fn terms_are_phrases_with_an_open_end() {
        for (terms, want) in [
            (vec!["coupon"], Some("'coupon':*")),
            (vec!["does nothing", "Cart.js"], Some("'does' <-> 'nothing':* & 'cart' <-> 'js':*")),
            (vec!["'; DROP"], Some("'drop':*")),
            (vec!["--", "%"], None),
        ] {
            let want = want.map(|want| format!("('{SHOP}' | '{OTHER}') & {want}"));
            assert_eq!(tsquery(&[SHOP, OTHER], &terms), want, "{terms:?}");
        }
    }
}
