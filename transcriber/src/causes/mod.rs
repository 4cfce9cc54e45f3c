//! Causes: each request, error and navigation is linked to the drafts that led to it.
//!
//! In: all drafts in order of time. Out: the same, each with its edges, those of the highest confidence first, and
//! the outcomes of actions filled with what they began. Every edge has its evidence. Never here: an edge between
//! drafts that are only in the same recording.

mod changes;
mod errors;
mod navigations;
mod recorded;
mod requests;

use std::cmp::Reverse;
use std::collections::HashSet;

use playhead_schemas::timeline::{Confidence, Edge, Evidence, MomentKind};

use crate::Options;
use crate::network::RawRequest;
use crate::observe::{CauseEdge, Draft, DraftIndex, DraftOutcome, NONCONTROL_MS, is_click_on_noncontrol};
use crate::scrub::REDACTED;
use changes::link_changes;
use errors::link_line;
use navigations::{Asker, Askers, askers, link_navigation};
use recorded::Recorded;
use requests::{link_request, polling};

/// A request that starts this soon after a response may follow from it.
const CHAIN_AFTER_MS: f64 = 300.0;
/// An event this soon after an action comes from its handler.
const HANDLER_MS: f64 = 100.0;
/// An event this soon after another one probably follows from it.
const SOON_MS: f64 = 400.0;
/// Requests that are remembered, to find the one that a line or a request goes on from.
const RECENT_MAX: usize = 64;
/// Responses whose words are looked for in what follows.
const READ_MAX: usize = 8;
/// A part of an address or a text that is shorter is not distinctive.
const DISTINCTIVE_CHARS_MIN: usize = 4;

/// The state at the time that the linking has reached.
#[derive(Default)]
struct Now {
    action: Option<DraftIndex>,
    load: Option<DraftIndex>,
    recent: Vec<DraftIndex>,
    askers: Askers,
    recorded: Recorded,
    /// Requests were captured at all.
    requests_known: bool,
}

/// What is known of all requests together.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The pages from which some request tells that it was sent from there (without fragment). The lack of it tells
    /// something of a request that leaves such a page, and nothing where a page sends no `Referer` at all.
    referring: HashSet<String>,
}

impl Known {
    pub(crate) fn of(requests: &[RawRequest]) -> Self {
        let pages = requests.iter().filter_map(|request| request.referer.as_deref());
        Self { referring: pages.map(|page| bare(page).to_owned()).collect() }
    }

    /// True when some page tells where its requests are sent from.
    fn tells_referer(&self) -> bool {
        !self.referring.is_empty()
    }

    fn refers(&self, page: &str) -> bool {
        self.referring.contains(bare(page))
    }
}

/// Links every request, error and navigation to what led to it.
pub(crate) fn link(drafts: &mut [Draft], known: &Known, options: &Options) {
    let polling = polling(drafts);
    let askers = askers(drafts, known);
    let requests_known = drafts.iter().any(|draft| draft.kind == MomentKind::Request);
    let recorded = Recorded::of(drafts);
    let mut now = Now { requests_known, askers, recorded, ..Now::default() };
    for index in 0..drafts.len() {
        match drafts[index].kind {
            kind if kind.is_action() => now.action = Some(index),
            MomentKind::PageLoad | MomentKind::Navigate => link_navigation(drafts, &mut now, index),
            MomentKind::Request => {
                let is_told = drafts[index].belongs.is_some_and(|belongs| belongs.action.is_some());
                let is_browsers =
                    now.askers.of(index) == Some(Asker::Browser) || now.askers.is_loading(drafts[index].at);
                if is_told || !polling.contains(&index) && !is_browsers {
                    link_request(drafts, &now, index);
                }
                if now.recent.len() == RECENT_MAX {
                    now.recent.remove(0);
                }
                now.recent.push(index);
            }
            MomentKind::Console | MomentKind::Error => link_line(drafts, &now, index, options),
            _ => {}
        }
    }
    for index in 0..drafts.len() {
        link_changes(drafts, index);
        drafts[index].edges.sort_by_key(|edge| Reverse(edge.confidence));
    }
}

fn outcome_of(draft: &mut Draft) -> &mut DraftOutcome {
    draft.outcome.get_or_insert_with(DraftOutcome::default)
}

fn edge(from: DraftIndex, edge: Edge, evidence: &[Evidence], confidence: Confidence) -> CauseEdge {
    CauseEdge { from, edge, evidence: evidence.to_vec(), confidence }
}

/// True for a click on something that is not a control when what it led to must have begun before `at`.
fn is_past(action: &Draft, at: f64) -> bool {
    is_click_on_noncontrol(action) && at - action.end > NONCONTROL_MS
}

/// True when an address as the page writes it and a clean one are one but for the fragment.
fn is_same(href: &str, url: Option<&str>) -> bool {
    let Some(url) = url.filter(|_| !href.is_empty()) else { return false };
    // Where cleaning leaves marks there are none, so nothing has to be cleaned.
    let has_marks = url.contains(['[', '…']) || !href.bytes().all(|b| b.is_ascii_graphic() && b != b'@');
    if has_marks { bare(&crate::scrub::clean_url(href)) == bare(url) } else { bare(href) == bare(url) }
}

fn bare(url: &str) -> &str {
    url.split('#').next().unwrap_or_default().trim_end_matches('/')
}

/// True when a string of a response's JSON, long enough to be no chance, stands in a text.
fn shares_words(body: Option<&str>, text: &str) -> bool {
    const WORDS_BYTES_MIN: usize = 10;
    let Some(body) = body else { return false };
    let says = |said: &str| said.len() >= WORDS_BYTES_MIN && said != REDACTED && text.contains(said);
    body.split('"').skip(1).step_by(2).take(64).any(says)
}
