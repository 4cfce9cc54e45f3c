//! How often a failure happened: only what is equal is counted together, the rest is listed with what it has of its own.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Failure, Moment};

use crate::failures::find;
use crate::render::phrases;

/// Repeats that are listed.
const REPEATS_MAX: usize = 5;
/// Characters of what a repeat has of its own.
const OWN_CHARS_MAX: usize = 80;
/// Slower answers are told with their time.
const SLOW_MS: u64 = 1000;

/// `, 3 times, again m74, m93`; repeats that say something else each with that: `; also m34 ?q=linen (3050 ms)`.
pub(super) fn repeats(all: &[Moment], failure: &Failure, first: &Moment) -> String {
    if failure.count <= 1 {
        return String::new();
    }
    let related = failure.related.iter().filter_map(|id| find(all, *id)).filter(|moment| moment.kind == first.kind);
    let (equal, others): (Vec<&Moment>, Vec<&Moment>) = related.partition(|moment| own(first, moment).is_empty());
    let told: u32 = others.iter().map(|moment| moment.count).sum();
    let count = failure.count.saturating_sub(told);
    let mut out = if count > 1 { format!(", {count} times") } else { String::new() };
    let id = |moment: &&Moment| match moment.count {
        0 | 1 => moment.id.to_string(),
        count => format!("{} x{count}", moment.id),
    };
    if !equal.is_empty() {
        let ids: Vec<String> = equal.iter().take(REPEATS_MAX).map(id).collect();
        out.push_str(&format!(", again {}{}", ids.join(", "), more(equal.len())));
    }
    if !others.is_empty() {
        let words = |moment: &&Moment| format!("{} {}", id(moment), own(first, moment));
        let told: Vec<String> = others.iter().take(REPEATS_MAX).map(words).collect();
        out.push_str(&format!("; also {}{}", told.join(", "), more(others.len())));
    }
    out
}

fn more(count: usize) -> String {
    if count > REPEATS_MAX { format!(" and {} more", count - REPEATS_MAX) } else { String::new() }
}

/// What a repeat has of its own; empty for what is equal.
fn own(first: &Moment, moment: &Moment) -> String {
    match (&first.request, &moment.request) {
        (Some(a), Some(b)) => {
            let (path, query) =
                b.url.split_once('?').map_or((b.url.as_str(), None), |(path, query)| (path, Some(query)));
            let is_slow = |ms: &u64| *ms >= SLOW_MS;
            let same_path = a.url.split('?').next() == Some(path);
            if a.url == b.url && a.status == b.status && !b.duration_ms.as_ref().is_some_and(is_slow) {
                return String::new();
            }
            let address = match query {
                _ if a.url == b.url => String::new(),
                Some(query) if same_path => format!("?{}", distinct(&a.url, query, '&')),
                _ => phrases::address(&b.url, moment.url.as_deref()),
            };
            let status =
                b.status.filter(|_| a.status != b.status).map_or_else(String::new, |status| format!(" {status}"));
            let ms = b.duration_ms.filter(is_slow).map_or_else(String::new, |ms| format!(" ({ms} ms)"));
            one_line(format!("{}{status}{ms}", one_line(&address, OWN_CHARS_MAX)).trim_start(), OWN_CHARS_MAX + 20)
        }
        _ => {
            let text = |moment: &Moment| moment.message.clone().unwrap_or_default();
            let (a, b) = (text(first), text(moment));
            if a == b { String::new() } else { one_line(&distinct(&a, &b, ' '), OWN_CHARS_MAX) }
        }
    }
}

/// The words of `b` between what it begins and ends with as `a` does, with the name before a value: `request_id: "r2"`.
fn distinct(a: &str, b: &str, between: char) -> String {
    let words = |text: &'_ str| {
        text.split([between, '?']).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    let (a, b) = (words(a), words(b));
    // Keys of a query stand anywhere.
    if between == '&' {
        let own: Vec<String> = b.into_iter().filter(|word| !a.contains(word)).collect();
        return own.join("&");
    }
    let start = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let rest = a.len().min(b.len()) - start;
    let end = a.iter().rev().zip(b.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let named = start.checked_sub(1).and_then(|before| b.get(before)).is_some_and(|word| word.ends_with([':', '=']));
    let start = start - usize::from(named);
    b.get(start..b.len() - end).unwrap_or_default().join(" ")
}
