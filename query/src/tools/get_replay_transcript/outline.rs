//! What lies outside of a focus, in a few lines: pages and failures stand, the moments between them are folded.

use std::collections::BTreeMap;

use playhead_schemas::clock::offset_label;
use playhead_schemas::fold::{self, Step};
use playhead_schemas::{MomentId, MomentKind};
use playhead_store::{MomentStep, Transcript};

use crate::untrusted;

/// Characters of an address or a failure's title.
const CHARS_MAX: usize = 100;

/// On which side of the focus the moments lie: what is near it is shown in more lines.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Before,
    After,
}

/// The moments of a replay as far as folds need them.
pub(super) struct Outline {
    steps: Vec<MomentStep>,
    /// Lines that stand for themselves, by the place of their moment among the steps.
    own_lines: BTreeMap<usize, String>,
    /// How many moments the replay has; the steps may be fewer.
    moments: u32,
}

impl Outline {
    pub(super) fn new(transcript: &Transcript, steps: Vec<MomentStep>) -> Self {
        let pages: BTreeMap<u64, &str> =
            transcript.info.pages.iter().map(|page| (page.t_ms, page.url.as_str())).collect();
        let failures: BTreeMap<MomentId, &str> =
            transcript.failures.iter().map(|failure| (failure.moment, failure.title.as_str())).collect();
        let said = |step: &MomentStep| {
            let what = match (failures.get(&step.id), step.kind) {
                (Some(title), _) => format!("failed: {}", untrusted::line(title, CHARS_MAX)),
                (None, MomentKind::PageLoad) => {
                    format!("page load {}", untrusted::line(pages.get(&step.t_ms)?, CHARS_MAX))
                }
                (None, MomentKind::Navigate) => {
                    format!("navigate to {}", untrusted::line(pages.get(&step.t_ms)?, CHARS_MAX))
                }
                _ => return None,
            };
            Some(format!("{} {} {what}", step.id, offset_label(step.t_ms)))
        };
        let own_lines = steps.iter().enumerate().filter_map(|(at, step)| Some((at, said(step)?))).collect();
        Self { steps, own_lines, moments: transcript.moments }
    }

    /// The last moment that began at that time or before it; the first one when none did.
    pub(super) fn at(&self, ms: u64) -> MomentId {
        let after = self.steps.partition_point(|step| step.t_ms <= ms);
        self.steps.get(after.saturating_sub(1)).map_or(MomentId(1), |step| step.id)
    }

    /// The moments from `first` to `last` in at most `lines_max` lines.
    pub(super) fn lines(&self, first: u32, last: u32, side: Side, lines_max: usize) -> Vec<String> {
        if first > last {
            return Vec::new();
        }
        let (from, to) = (first.max(1) as usize - 1, (last as usize).min(self.steps.len()));
        let mut rows = if from < to { self.rows(from, to) } else { Vec::new() };
        if rows.len() > lines_max {
            let merged = match side {
                Side::Before => 0..=rows.len() - lines_max,
                Side::After => lines_max - 1..=rows.len() - 1,
            };
            let (start, end) = (rows[*merged.start()].0, rows[*merged.end()].1);
            rows.splice(merged, [(start, end, self.fold(start, end))]);
        }
        let mut out: Vec<String> = rows.into_iter().map(|(.., line)| line).collect();
        // Of a replay beyond measure only the ids of the far end are known.
        let unknown = (self.steps.len() as u32 + 1).max(first);
        if last >= unknown && last <= self.moments {
            let ids = fold::span(MomentId(unknown), MomentId(last));
            out.push(format!("{ids} {} more moments", last - unknown + 1));
        }
        out
    }

    /// The steps of a range as lines, each with the range that it covers.
    fn rows(&self, from: usize, to: usize) -> Vec<(usize, usize, String)> {
        let mut rows = Vec::new();
        let mut at = from;
        for (place, line) in self.own_lines.range(from..to) {
            if at < *place {
                rows.push((at, *place, self.fold(at, *place)));
            }
            rows.push((*place, place + 1, line.clone()));
            at = place + 1;
        }
        if at < to {
            rows.push((at, to, self.fold(at, to)));
        }
        rows
    }

    fn fold(&self, from: usize, to: usize) -> String {
        let run = self.steps[from..to].iter();
        let steps: Vec<Step<'_>> = run
            .map(|step| Step {
                id: step.id,
                t_ms: step.t_ms,
                kind: step.kind,
                place: step.place.as_deref(),
                told: String::new(),
            })
            .collect();
        untrusted::clean(&fold::line(&steps, false))
    }
}
