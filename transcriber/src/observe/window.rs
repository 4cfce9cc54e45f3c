//! One window (tab): the state of each observer, and what the observers share.
//!
//! Each observer keeps its own state to itself. What it is given beside that is a [`Context`], and where one
//! concerns another, that other one as an argument.

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::{Change, Doubt, MomentKind};

use super::address::Address;
use super::draft::{ChangeList, Draft, DraftIndex, DraftOutcome, TimedChange};
use super::fields::Fields;
use super::moment_log::MomentLog;
use super::outcome::Outcomes;
use super::page::PageState;
use super::pointer::Pointer;
use super::viewport::Viewport;
use crate::dialects::rrweb::EventType;
use crate::dom::{Mirror, NodeIndex};

/// Two recorders on one page see the same event within this time.
const REPEAT_MS: f64 = 5.0;
/// Longest event that is compared with those before it.
const REPEAT_BYTES_MAX: usize = 300;
/// Events that an event is compared with: two recorders write theirs in turn.
const REPEAT_EVENTS: usize = 4;

/// The state of one window.
#[derive(Debug, Default)]
pub(crate) struct Window {
    pub(crate) no: WindowNo,
    pub(crate) mirror: Mirror,
    pub(crate) page: PageState,
    pub(crate) outcomes: Outcomes,
    pub(crate) pointer: Pointer,
    pub(crate) fields: Fields,
    pub(crate) viewport: Viewport,
    pub(crate) address: Address,
    /// Something was done there or changed, with a snapshot or without.
    pub(crate) is_used: bool,
    /// When the recorder was paused, epoch milliseconds.
    pub(crate) paused_at: Option<f64>,
    /// Times and data of the last short events.
    recent: [(f64, Vec<u8>); REPEAT_EVENTS],
    /// The place of the oldest of them.
    oldest: usize,
}

/// What the observers of one window share.
pub(crate) struct Context<'a, 'r> {
    pub(crate) no: WindowNo,
    pub(crate) mirror: &'a mut Mirror,
    pub(crate) page: &'a mut PageState,
    pub(crate) outcomes: &'a mut Outcomes,
    pub(crate) log: &'a mut MomentLog<'r>,
}

/// The observers of one window, each with its own state.
pub(crate) struct Observers<'a> {
    pub(crate) pointer: &'a mut Pointer,
    pub(crate) fields: &'a mut Fields,
    pub(crate) viewport: &'a mut Viewport,
    pub(crate) address: &'a mut Address,
}

impl Window {
    pub(crate) fn new(no: WindowNo, mirror: Mirror) -> Self {
        Self { no, mirror, ..Self::default() }
    }

    /// What the observers share, and the observers.
    pub(crate) fn parts<'a, 'r>(&'a mut self, log: &'a mut MomentLog<'r>) -> (Context<'a, 'r>, Observers<'a>) {
        let Self { no, mirror, page, outcomes, pointer, fields, viewport, address, .. } = self;
        (Context { no: *no, mirror, page, outcomes, log }, Observers { pointer, fields, viewport, address })
    }

    /// Gives the memory of nodes that are out of the document back, while no outcome refers to any.
    pub(crate) fn collect_nodes(&mut self) {
        if self.outcomes.refers_to_nodes() {
            return;
        }
        let mut held: Vec<&mut NodeIndex> = self.fields.nodes().collect();
        if let Some(moved) = self.mirror.collect(held.iter().map(|nx| **nx)) {
            held.iter_mut().for_each(|nx| moved.apply(nx));
        }
    }

    /// True when an event is one of those just before once more: two recorders on a page write everything twice.
    pub(crate) fn is_repeat(&mut self, event_type: EventType, at: f64, data: &[u8]) -> bool {
        // Only what a user does is short; repeated mutations change nothing a second time.
        if event_type != EventType::IncrementalSnapshot || data.len() > REPEAT_BYTES_MAX {
            return false;
        }
        if self.recent.iter().any(|(then, known)| at - then <= REPEAT_MS && known == data) {
            return true;
        }
        let (then, known) = &mut self.recent[self.oldest];
        self.oldest = (self.oldest + 1) % REPEAT_EVENTS;
        *then = at;
        known.clear();
        known.extend_from_slice(data);
        false
    }
}

impl Context<'_, '_> {
    /// A draft of something that happened in this window.
    pub(crate) fn draft(&self, kind: MomentKind, at: f64) -> Draft {
        Draft::new(kind, at, self.no)
    }

    /// The user did something in this window: an idle time ends.
    pub(crate) fn active(&mut self, at: f64) {
        if let Some(idle) = self.log.end_idle(at, self.no) {
            self.push(idle);
        }
    }

    /// Adds a draft of something that isn't a user action.
    pub(crate) fn push(&mut self, mut draft: Draft) -> DraftIndex {
        if draft.url.is_none() {
            draft.url.clone_from(&self.page.url);
        }
        self.log.push(draft)
    }

    /// Adds what the page showed unasked.
    pub(crate) fn push_notices(&mut self, at: f64, shown: Vec<Change>) {
        for change in shown {
            if !self.log.is_new_notice(at, &change) {
                continue;
            }
            let mut draft = self.draft(MomentKind::Notice, at);
            let reported = vec![TimedChange { change, at, edge: None }];
            draft.outcome =
                Some(DraftOutcome { changes: ChangeList { reported, omitted: 0 }, ..DraftOutcome::default() });
            self.push(draft);
        }
    }

    /// Adds what the page showed without an action that is recorded, when that is over.
    pub(crate) fn push_aside(&mut self, now: f64) {
        if let Some((at, shown)) = self.outcomes.end_aside(self.mirror, now) {
            self.push_notices(at, shown);
        }
    }

    /// Adds a draft of a user action and watches the page for its outcome. Typing that goes on must have been ended,
    /// unless the action is the typing.
    pub(crate) fn act(&mut self, mut draft: Draft) -> DraftIndex {
        let (at, kind) = (draft.at, draft.kind);
        self.read_page_now(at);
        self.doubt_target(&mut draft);
        self.push_aside(f64::INFINITY);
        self.active(at);
        self.outcomes.close(self.mirror, self.log, at);
        let action = self.push(draft);
        self.log.last_action = Some(action);
        self.outcomes.begin(action, kind, at);
        action
    }

    /// Says when the document that an action was done in is not surely known.
    fn doubt_target(&self, draft: &mut Draft) {
        if !self.page.has_snapshot {
            draft.doubt(Doubt::NoSnapshot);
        } else if self.log.gaps.iter().any(|gap| gap.to <= draft.at && gap.to > self.page.snapshot_at) {
            draft.doubt(Doubt::AfterGap);
        }
    }
}
