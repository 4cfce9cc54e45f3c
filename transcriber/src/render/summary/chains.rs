//! Failures as chains: the action, its requests, their responses, the errors, what the page showed. What was only slow
//! stands in a part of its own.

use std::collections::BTreeMap;
use std::fmt::Write;

use playhead_schemas::MomentId;
use playhead_schemas::text::counted;
use playhead_schemas::timeline::{Failure, FailureKind, Timeline};

use super::alike;
use super::chain::{self, DETAILS};
use crate::failures::{find, root_cause};

/// Ids of failures that are listed when there is no room for more.
const IDS_MAX: usize = 12;
/// Bytes that the line takes which names the failures that there is no room for.
const REST_BYTES: usize = 120;

/// Failures that began with one action, or that are alike, the most severe first.
pub(super) struct Chain<'a> {
    /// The action; the moment of the only failure when no action led to it.
    pub(super) root: MomentId,
    pub(super) failures: Vec<&'a Failure>,
    /// What failures have in common that are told as one.
    pub(super) alike: Option<String>,
}

impl Chain<'_> {
    /// True when nothing failed and something took long.
    fn is_slow(&self) -> bool {
        self.failures.iter().all(|failure| failure.kind == FailureKind::SlowRequest)
    }
}

/// The chains, the one with the most severe failure first; those that were only slow last.
pub(super) fn of(timeline: &Timeline) -> Vec<Chain<'_>> {
    let all = &timeline.moments;
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for key in timeline.failures.iter().filter_map(|failure| alike::key(all, failure)) {
        *groups.entry(key).or_default() += 1;
    }
    groups.retain(|_, count| *count >= alike::ALIKE_MIN);
    let mut chains: Vec<Chain<'_>> = Vec::new();
    for failure in &timeline.failures {
        let root = failure.action.unwrap_or(failure.moment);
        let alike = alike::key(all, failure).filter(|key| groups.contains_key(key));
        let is_slow = failure.kind == FailureKind::SlowRequest;
        let same = |chain: &&mut Chain<'_>| match &alike {
            Some(_) => chain.alike == alike,
            None => chain.root == root && chain.alike.is_none() && chain.is_slow() == is_slow,
        };
        match chains.iter_mut().find(same) {
            Some(chain) => chain.failures.push(failure),
            None => chains.push(Chain { root, failures: vec![failure], alike }),
        }
    }
    chains.sort_by_key(Chain::is_slow);
    chains
}

/// What the steps are called among the failures: ` (failure 2)`, ` (slow 1)`; repeats ` (failure 2 again)`.
pub(super) fn marks(timeline: &Timeline, chains: &[Chain<'_>]) -> BTreeMap<MomentId, String> {
    let mut marks: BTreeMap<MomentId, String> = BTreeMap::new();
    let names: Vec<String> = numbered(chains);
    for (chain, name) in chains.iter().zip(&names) {
        marks.entry(chain.root).or_insert_with(|| format!(" ({name})"));
    }
    for (chain, name) in chains.iter().zip(&names).filter(|(chain, _)| chain.alike.is_none()) {
        let related = chain.failures.iter().flat_map(|failure| failure.related.iter().map(|id| (failure.moment, *id)));
        for (first, id) in related {
            let kind = find(&timeline.moments, first).map(|moment| moment.kind);
            let Some(moment) = find(&timeline.moments, id).filter(|moment| Some(moment.kind) == kind) else { continue };
            let by = if moment.kind.is_action() { Some(id) } else { root_cause(&timeline.moments, moment) };
            marks.entry(by.unwrap_or(id)).or_insert_with(|| format!(" ({name} again)"));
        }
    }
    marks
}

/// `failure 1`, `failure 2`, `slow 1`.
fn numbered(chains: &[Chain<'_>]) -> Vec<String> {
    let failed = chains.iter().filter(|chain| !chain.is_slow()).count();
    let name =
        |at: usize| if at < failed { format!("failure {}", at + 1) } else { format!("slow {}", at + 1 - failed) };
    (0..chains.len()).map(name).collect()
}

/// Writes all chains in at most `room` bytes, the first ones at the greatest length.
pub(super) fn write(timeline: &Timeline, chains: &[Chain<'_>], out: &mut String, room: usize) {
    let failed = chains.iter().filter(|chain| !chain.is_slow()).count();
    let is_slow = |failure: &&Failure| failure.kind == FailureKind::SlowRequest;
    let slow = timeline.failures.iter().filter(is_slow).count();
    let failures = timeline.failures.len() - slow;
    let _ = match failures {
        0 => writeln!(out, "\nNo failure was found."),
        count if count == failed => writeln!(out, "\nWhat failed ({count}):"),
        count => writeln!(out, "\nWhat failed ({count}, told in {}):", counted(failed as u64, "part", "parts")),
    };
    let [fuller @ .., least] = DETAILS;
    let tell = |at: usize, detail| {
        let head = if at == failed { format!("\nSlow ({slow}):\n") } else { String::new() };
        let number = if at < failed { at + 1 } else { at + 1 - failed };
        format!("{head}{}", chain::text(timeline, &chains[at], number, detail))
    };
    let shortest: Vec<String> = (0..chains.len()).map(|at| tell(at, least)).collect();
    // Bytes that the chains from each one on take when they are told in the shortest way.
    let mut reserved: Vec<usize> = vec![0; chains.len() + 1];
    for at in (0..chains.len()).rev() {
        reserved[at] = reserved[at + 1] + shortest[at].len();
    }
    let end = out.len() + room;
    for at in 0..chains.len() {
        let left = end.saturating_sub(out.len());
        let fits = |text: &String| text.len() + reserved[at + 1] <= left;
        let full = fuller.iter().map(|detail| tell(at, *detail)).find(fits);
        // When not even the short forms fit together, the first ones are told and the others named.
        let short = || Some(&shortest[at]).filter(|text| fits(text) || text.len() + REST_BYTES <= left).cloned();
        let Some(text) = full.or_else(short) else { return rest(&chains[at..], out) };
        out.push_str(&text);
    }
}

/// Names the failures that there is no room for.
fn rest(chains: &[Chain<'_>], out: &mut String) {
    let rest: Vec<MomentId> = chains.iter().flat_map(|chain| &chain.failures).map(|failure| failure.moment).collect();
    let ids: Vec<String> = rest.iter().take(IDS_MAX).map(MomentId::to_string).collect();
    let more = if rest.len() > ids.len() { ", .." } else { "" };
    let failures = counted(rest.len() as u64, "more failure", "more failures");
    let _ = writeln!(out, "{failures}: {}{more}", ids.join(", "));
}
