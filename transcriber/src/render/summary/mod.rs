//! The summary: which pages were visited, what failed with its whole chain, and the steps of the user, in a few
//! kilobytes.
//!
//! Every failure is named before any is told at length; the steps are folded until they fit.

mod chains;
mod steps;

use std::fmt::Write;

use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::Timeline;

use super::phrases;

/// Share of the bytes that failures may take, in percent; the steps get the rest.
const FAILURES_PERCENT: usize = 70;
/// Pages that the first lines name.
const PAGES_MAX: usize = 8;

/// What the user did, what failed and where, in at most `bytes_max` bytes. What is left out is said.
pub fn summary(timeline: &Timeline, bytes_max: usize) -> String {
    let mut out = phrases::head(timeline);
    visited_pages(timeline, &mut out);
    let chains = chains::of(timeline);
    let room = (bytes_max * FAILURES_PERCENT / 100).saturating_sub(out.len());
    chains::write(timeline, &chains, &mut out, room);
    let room = bytes_max.saturating_sub(out.len());
    steps::write(timeline, &chains, &mut out, room);
    prefix(&out, bytes_max).to_owned()
}

/// The pages that the user went through.
fn visited_pages(timeline: &Timeline, out: &mut String) {
    let mut pages: Vec<String> = Vec::new();
    let first = timeline.replay.pages.first().map(|page| page.url.as_str());
    for page in timeline.replay.pages.iter().skip(1) {
        let address = one_line(&phrases::address(&page.url, first), 60);
        if pages.last() != Some(&address) {
            pages.push(address);
        }
    }
    if pages.is_empty() {
        return;
    }
    let shown = pages.len().min(PAGES_MAX);
    let more = if pages.len() > shown { format!(" and {} more", pages.len() - shown) } else { String::new() };
    let _ = writeln!(out, "Then went to {}{more}.", pages[..shown].join(", "));
}
