//! Addresses that a page only passed through: one for each key that was typed into a field which the address repeats.
//!
//! In: drafts in order of time, pages. Out: the same with the last of such addresses alone, which has their number. Never
//! here: pages that were loaded.

use playhead_schemas::timeline::{MomentKind, Page};

use crate::merge::reordered;
use crate::observe::{Draft, DraftIndex};

/// Two keys that belong together are pressed within this time.
const KEYS_MS: f64 = 3000.0;

/// Takes out the addresses that were passed through while something was typed.
pub(crate) fn without_passing(mut drafts: Vec<Draft>) -> Vec<Draft> {
    let mut last: Option<DraftIndex> = None;
    let mut passed: Vec<DraftIndex> = Vec::new();
    for index in 0..drafts.len() {
        match drafts[index].kind {
            MomentKind::Navigate => {
                if let Some(before) = last.filter(|before| goes_on(&drafts[*before], &drafts[index])) {
                    drafts[index].count += drafts[before].count;
                    passed.push(before);
                }
                last = Some(index);
            }
            MomentKind::PageLoad => last = None,
            // Typing that goes on began before.
            kind if kind.is_action() => last = None,
            _ => {}
        }
    }
    if passed.is_empty() {
        return drafts;
    }
    let kept = (0..drafts.len()).filter(|index| passed.binary_search(index).is_err()).collect();
    reordered(drafts, kept)
}

/// Takes the same pages out of the list of pages.
pub(crate) fn without_passed_pages(pages: &mut Vec<Page>) {
    let passes = |pages: &[Page]| {
        let [page, next] = pages else { return false };
        page.window == next.window
            && (next.t_ms.saturating_sub(page.t_ms) as f64) <= KEYS_MS
            && is_longer_value(&page.url, &next.url)
    };
    let passed: Vec<bool> = pages.windows(2).map(passes).chain([false]).collect();
    let mut passed = passed.into_iter();
    pages.retain(|_| passed.next() != Some(true));
}

fn goes_on(before: &Draft, draft: &Draft) -> bool {
    let (Some(from), Some(to)) = (&before.url, &draft.url) else { return false };
    before.window == draft.window && draft.at - before.at <= KEYS_MS && is_longer_value(from, to)
}

/// True when two addresses differ in one value of their query alone, which goes on where it was or was shortened.
fn is_longer_value(from: &str, to: &str) -> bool {
    let common = from.bytes().zip(to.bytes()).take_while(|(a, b)| a == b).count();
    let (short, long) = if from.len() < to.len() { (from, to) } else { (to, from) };
    let same_end = short.bytes().rev().zip(long.bytes().rev()).take_while(|(a, b)| a == b).count();
    // What differs is an insertion at one place.
    if common + same_end < short.len() || short.len() == long.len() || !long.is_char_boundary(common) {
        return false;
    }
    let head = &long[..common];
    let Some(query) = head.find('?') else { return false };
    // The insertion stands in a value, and goes on to its end.
    let value = head[query..].rfind(['&', '?']).map_or("", |at| &head[query + at + 1..]);
    let inserted = &long.as_bytes()[common..long.len() - (short.len() - common)];
    let rest = &short[common..];
    value.contains('=') && !inserted.contains(&b'&') && (rest.is_empty() || rest.starts_with(['&', '#']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_grows_is_one_address() {
        for (from, to, want) in [
            ("http://a.test/?search=zzz-n", "http://a.test/?search=zzz-no", true),
            ("http://a.test/#/x?q=a&page=1", "http://a.test/#/x?q=ab&page=1", true),
            ("http://a.test/?q=", "http://a.test/?q=a", true),
            ("http://a.test/?q=ab", "http://a.test/?q=a", true),
            ("http://a.test/?page=1", "http://a.test/?page=2", false),
            ("http://a.test/?q=a", "http://a.test/?q=a&page=1", false),
            ("http://a.test/orders/1", "http://a.test/orders/12", false),
            ("http://a.test/?q=a", "http://a.test/?q=a", false),
            ("http://a.test/", "http://a.test/?q=a", false),
        ] {
            assert_eq!(is_longer_value(from, to), want, "{from} {to}");
        }
    }
}
