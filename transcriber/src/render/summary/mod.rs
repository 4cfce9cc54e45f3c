//! The summary: which pages were visited, what failed with its whole chain, and the steps of the user, in a few
//! kilobytes.
//!
//! Every failure is named before any is told at length; the steps are put together until they fit.

mod alike;
mod chain;
mod chains;
mod compared;
mod decisive;
mod repeats;
mod steps;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use playhead_schemas::text::{counted, prefix};
use playhead_schemas::timeline::{Request, Timeline, Unanswered};

use super::phrases;
use steps::Steps;

/// Share of the bytes that failures may take at most, in percent; the steps get the rest.
const FAILURES_PERCENT: usize = 66;
/// Pages that the first lines name.
const PAGES_MAX: usize = 8;
/// Characters of the address of one of them.
const PAGE_CHARS_MAX: usize = 50;

/// What the user did, what failed and where, in at most `bytes_max` bytes. What is left out is said.
pub fn summary(timeline: &Timeline, bytes_max: usize) -> String {
    let mut out = phrases::head(timeline);
    visited_pages(timeline, &mut out);
    requests(timeline, &mut out);
    let chains = chains::of(timeline);
    let steps = Steps::of(timeline, &chains);
    let most = (bytes_max * FAILURES_PERCENT / 100).saturating_sub(out.len());
    let room = if chains.is_empty() {
        0
    } else {
        match bytes_max.saturating_sub(out.len() + steps.bytes_wanted()) {
            free if free >= most => most,
            free => free.max(chains::bytes_wanted(timeline, &chains).min(most)),
        }
    };
    chains::write(timeline, &chains, &mut out, room);
    let room = bytes_max.saturating_sub(out.len());
    steps.write(&mut out, room);
    prefix(&out, bytes_max).to_owned()
}

/// How many requests there were, so that what is not listed can be read as not failed.
fn requests(timeline: &Timeline, out: &mut String) {
    let requests: Vec<&Request> = timeline.moments.iter().filter_map(|moment| moment.request.as_ref()).collect();
    if requests.is_empty() {
        return;
    }
    let failed = requests.iter().filter(|request| request.is_trouble()).count();
    let cancelled = requests.iter().filter(|request| request.is_cancelled()).count();
    let unanswered = |r: &&&Request| r.unanswered == Some(Unanswered::BlockedByClient) && !r.is_trouble();
    let blocked = requests.iter().filter(unanswered).count();
    let mut parts = vec![if failed == 0 { "none failed".to_owned() } else { format!("{failed} failed") }];
    parts.extend((cancelled > 0).then(|| format!("{cancelled} cancelled")));
    parts.extend((blocked > 0).then(|| format!("{blocked} blocked by the browser")));
    let _ = writeln!(out, "{}, {}.", counted(requests.len() as u64, "request", "requests"), parts.join(", "));
}

/// The pages that the user went through.
fn visited_pages(timeline: &Timeline, out: &mut String) {
    let mut pages: Vec<String> = Vec::new();
    let first = timeline.replay.pages.first().map(|page| page.url.as_str());
    for page in timeline.replay.pages.iter().skip(1) {
        let address = phrases::brief_address(&page.url, first.and_then(phrases::origin), PAGE_CHARS_MAX);
        if pages.last() != Some(&address) {
            pages.push(address);
        }
    }
    if pages.is_empty() {
        return;
    }
    if pages.len() <= PAGES_MAX {
        let _ = writeln!(out, "Then went to {}.", pages.join(", "));
        return;
    }
    // Where it ended matters as much as where it began.
    let (head, tail) = (PAGES_MAX / 2, PAGES_MAX - PAGES_MAX / 2);
    let left_out = pages.len() - PAGES_MAX;
    let (first, last) = (pages[..head].join(", "), pages[pages.len() - tail..].join(", "));
    let _ = writeln!(out, "Then went to {first}, .. ({left_out} more), {last}.");
}
