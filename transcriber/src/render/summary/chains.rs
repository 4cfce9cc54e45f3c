//! Failures as chains: the action, its requests, their responses, the errors, what the page showed. What was only slow
//! stands in a part of its own.

use std::collections::BTreeMap;
use std::fmt::Write;

use playhead_schemas::MomentId;
use playhead_schemas::text::counted;
use playhead_schemas::timeline::{Failure, FailureKind, Timeline};

use super::alike;
use super::chain::{self, DETAILS, Detail};
use crate::failures::{find, root_cause};

/// Bytes that the heads of the two parts take.
const HEADS_BYTES: usize = 60;
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

/// The bytes that a fair account of all chains takes.
pub(super) fn bytes_wanted(timeline: &Timeline, chains: &[Chain<'_>]) -> usize {
    let text = |chain| chain::text(timeline, chain, 1, chain::WANTED).len();
    chains.iter().map(text).sum::<usize>() + HEADS_BYTES
}

/// Writes all chains in at most `room` bytes, the first ones at the greatest length.
pub(super) fn write(timeline: &Timeline, chains: &[Chain<'_>], out: &mut String, room: usize) {
    let start = out.len();
    let failed = chains.iter().filter(|chain| !chain.is_slow()).count();
    let is_slow = |failure: &&Failure| failure.kind == FailureKind::SlowRequest;
    let slow = timeline.failures.iter().filter(is_slow).count();
    let failures = timeline.failures.len() - slow;
    let _ = match failures {
        0 => writeln!(out, "\nNo failure was found."),
        count if count == failed => writeln!(out, "\nWhat failed ({count}):"),
        count => writeln!(out, "\nWhat failed ({count}, told in {}):", counted(failed as u64, "part", "parts")),
    };
    let tell = |at: usize, detail: Detail| {
        let head = if at == failed { format!("\nSlow ({slow}):\n") } else { String::new() };
        let number = if at < failed { at + 1 } else { at + 1 - failed };
        chains
            .get(at)
            .map_or_else(String::new, |chain| format!("{head}{}", chain::text(timeline, chain, number, detail)))
    };
    for (at, text) in fitted(chains.len(), room.saturating_sub(out.len() - start), tell).iter().enumerate() {
        let Some(text) = text else { return rest(chains.get(at..).unwrap_or_default(), out) };
        out.push_str(text);
    }
}

/// The texts of all chains at the greatest length at which they fit together, the first ones longer where there is room
/// for a few alone. When not even the shortest fit, the last ones have none.
fn fitted(count: usize, room: usize, tell: impl Fn(usize, Detail) -> String) -> Vec<Option<String>> {
    let [fuller @ .., least] = DETAILS;
    let mut texts: Vec<String> = (0..count).map(|at| tell(at, least)).collect();
    let mut total: usize = texts.iter().map(String::len).sum();
    if total > room {
        let mut left = room.saturating_sub(REST_BYTES);
        let told =
            texts.iter().take_while(|text| left.checked_sub(text.len()).map(|rest| left = rest).is_some()).count();
        return texts.into_iter().enumerate().map(|(at, text)| (at < told).then_some(text)).collect();
    }
    let mut is_full = vec![false; count];
    for detail in fuller.iter().rev() {
        for (at, (text, is_full)) in texts.iter_mut().zip(&mut is_full).enumerate().filter(|(_, (_, full))| !**full) {
            let longer = tell(at, *detail);
            if total - text.len() + longer.len() > room {
                *is_full = true;
                continue;
            }
            total = total - text.len() + longer.len();
            *text = longer;
        }
    }
    texts.into_iter().map(Some).collect()
}

/// Names the failures that there is no room for.
fn rest(chains: &[Chain<'_>], out: &mut String) {
    let rest: Vec<MomentId> = chains.iter().flat_map(|chain| &chain.failures).map(|failure| failure.moment).collect();
    let ids: Vec<String> = rest.iter().take(IDS_MAX).map(MomentId::to_string).collect();
    let more = if rest.len() > ids.len() { ", .." } else { "" };
    let failures = counted(rest.len() as u64, "more failure", "more failures");
    let _ = writeln!(out, "{failures}: {}{more}", ids.join(", "));
}
