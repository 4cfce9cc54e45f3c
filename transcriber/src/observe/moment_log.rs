//! The moments that were found so far, and what all windows of a replay share while they are looked for.

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::{Change, Coverage, DefectCode, GapReason, MomentKind, NavigationKind, Page};
use playhead_schemas::upload::Size;

use super::draft::{Draft, DraftIndex};
use super::secrets::SecretFields;
use crate::Options;
use crate::coverage::Lapse;
use crate::defects::Defects;
use crate::dialects::Way;
use crate::dom::build::BuildNotes;
use crate::recorded::Belonging;
use crate::scrub::Known;

/// Times without a recording that are remembered.
const LAPSES_MAX: usize = 1000;
/// Hidden values that are compared, so that the same one is said to be the same.
const HIDDEN_MAX: usize = 100;
/// The same notice within this time is one.
const NOTICE_MS: f64 = 30_000.0;
/// Notices of one replay that are told.
const NOTICES_MAX: usize = 200;
/// Drafts that are looked at for what was entered before.
const EARLIER_MAX: usize = 1000;

/// What a pass over the events found.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) pages: Vec<Page>,
    pub(crate) viewport: Option<Size>,
    pub(crate) windows: u16,
    /// Names and values that are secret in this recording.
    pub(crate) known: Known,
    /// How the user came to pages, as recorders noted it.
    pub(crate) arrivals: Vec<Arrival>,
    /// How pages were reached, as Playhead's recorder saw it.
    pub(crate) reached: Vec<ReachedPage>,
}

/// How a page was reached.
#[derive(Clone, Debug)]
pub(crate) struct ReachedPage {
    pub(crate) window: WindowNo,
    /// Epoch milliseconds.
    pub(crate) at: f64,
    pub(crate) way: Option<Way>,
    /// The cleaned address of a change without a load; `None` for a page that was loaded.
    pub(crate) address: Option<String>,
    pub(crate) by: Option<Belonging>,
}

/// A note of a recorder that the user came to a page by means of the browser.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) window: WindowNo,
    /// Epoch milliseconds.
    pub(crate) at: f64,
    pub(crate) how: NavigationKind,
}

/// What is known of the whole recording before the pass.
#[derive(Debug)]
pub(crate) struct Recording<'r> {
    pub(crate) options: &'r Options,
    /// Start and end of each known request, by start: an outcome is watched for until its answers are in.
    pub(crate) requests: &'r [(f64, f64)],
    /// Addresses that requests say they were sent from, by time.
    pub(crate) referrers: &'r [Referrer],
    /// Everything that the page asks for is known: requests were captured, and it has no open connection.
    pub(crate) sees_requests: bool,
    /// Times in which nothing was recorded, epoch milliseconds.
    pub(crate) gaps: Vec<Lapse>,
    /// The time of the first event, epoch milliseconds.
    pub(crate) started_at: f64,
    /// How many windows were recorded.
    pub(crate) windows: u16,
}

/// The address that a script's request was sent from.
#[derive(Clone, Debug)]
pub(crate) struct Referrer {
    /// Epoch milliseconds.
    pub(crate) at: f64,
    pub(crate) url: String,
    /// A document was fetched from that address before: it is a page that was loaded, or a frame's.
    pub(crate) fetched: bool,
}

/// The moments found so far.
pub(crate) struct MomentLog<'r> {
    pub(crate) options: &'r Options,
    pub(crate) requests: &'r [(f64, f64)],
    pub(crate) sees_requests: bool,
    pub(crate) gaps: Vec<Lapse>,
    pub(crate) started_at: f64,
    pub(crate) found: Observed,
    pub(crate) coverage: &'r mut Coverage,
    pub(crate) defects: &'r mut Defects,
    /// Typing was seen key by key somewhere in the recording.
    pub(crate) keys_seen: bool,
    /// Which fields hold secrets.
    pub(crate) secrets: SecretFields,
    /// What the page showed unasked of late, and how much more of it is told.
    notices: Vec<(f64, Change)>,
    notices_left: usize,
    /// The last user action of any window.
    pub(crate) last_action: Option<DraftIndex>,
    /// Values that the moments show hidden, with the first draft of each.
    hidden: Vec<(String, DraftIndex)>,
    last_activity: f64,
}

impl<'r> MomentLog<'r> {
    pub(crate) fn new(recording: Recording<'r>, coverage: &'r mut Coverage, defects: &'r mut Defects) -> Self {
        let Recording { options, requests, sees_requests, gaps, started_at, .. } = recording;
        Self {
            options,
            requests,
            sees_requests,
            gaps,
            started_at,
            found: Observed::default(),
            coverage,
            defects,
            keys_seen: false,
            secrets: SecretFields::default(),
            notices: Vec::new(),
            notices_left: NOTICES_MAX,
            last_action: None,
            hidden: Vec::new(),
            last_activity: started_at,
        }
    }

    pub(crate) fn draft(&self, draft: DraftIndex) -> &Draft {
        &self.found.drafts[draft]
    }

    pub(crate) fn draft_mut(&mut self, draft: DraftIndex) -> &mut Draft {
        &mut self.found.drafts[draft]
    }

    /// Adds a draft; its place.
    pub(crate) fn push(&mut self, draft: Draft) -> DraftIndex {
        self.found.drafts.push(draft);
        self.found.drafts.len() - 1
    }

    /// The last action of any window, when it was done in this one.
    pub(crate) fn last_action_in(&self, window: WindowNo) -> Option<DraftIndex> {
        self.last_action.filter(|action| self.draft(*action).window == window)
    }

    /// The user did something: an idle time of at least the options' length ends, as the draft that is returned.
    pub(crate) fn end_idle(&mut self, at: f64, window: WindowNo) -> Option<Draft> {
        let from = self.last_activity;
        self.last_activity = from.max(at);
        (at - from >= self.options.idle_gap_ms).then(|| {
            let mut idle = Draft::new(MomentKind::Idle, from, window);
            idle.end = at;
            idle
        })
    }

    /// The first draft with the same hidden value, when there is one before `draft`.
    pub(crate) fn first_with_hidden(&mut self, value: String, draft: DraftIndex) -> Option<DraftIndex> {
        let first = self.hidden.iter().find(|(known, _)| *known == value).map(|(_, first)| *first);
        if first.is_none() && self.hidden.len() < HIDDEN_MAX {
            self.hidden.push((value, draft));
        }
        first
    }

    /// True for a notice that was not given just before, while there is room for more.
    pub(crate) fn is_new_notice(&mut self, at: f64, change: &Change) -> bool {
        self.notices.retain(|(then, _)| at - then <= NOTICE_MS);
        let is_known = self.notices.iter().any(|(_, known)| known == change);
        if is_known || self.notices_left == 0 {
            return false;
        }
        self.notices_left -= 1;
        self.notices.push((at, change.clone()));
        true
    }

    /// Hides what was entered into a field before it turned out to hold a secret.
    pub(crate) fn hide_earlier(&mut self, window: WindowNo, field: u32) {
        let is_load = |draft: &Draft| draft.kind == MomentKind::PageLoad && draft.window == window;
        let recent = self.found.drafts.iter_mut().rev().take(EARLIER_MAX).take_while(|draft| !is_load(draft));
        let own = recent.filter(|d| d.window == window && d.node == field && d.kind == MomentKind::Input && !d.masked);
        for draft in own {
            let Some(value) = &mut draft.value else { continue };
            self.secrets.known.note_secret(value);
            *value = "*".repeat(value.chars().count());
            draft.masked = true;
        }
    }

    /// Notes an event that could not be read.
    pub(crate) fn skip_event(&mut self, code: DefectCode, detail: impl FnOnce() -> String) {
        self.coverage.events_skipped += 1;
        self.defects.add(code, detail);
    }

    /// Notes what was left out when nodes were added to a mirror.
    pub(crate) fn note_built(&mut self, notes: BuildNotes) {
        self.coverage.blocked_elements = self.coverage.blocked_elements.saturating_add(notes.blocked);
        if notes.cut {
            self.coverage.truncated = true;
            self.defects.add(DefectCode::LimitReached, || "the document has too many nodes or levels".to_owned());
        }
    }

    /// Notes a time in which the recorder was paused.
    pub(crate) fn note_pause(&mut self, from: f64, to: f64) {
        if self.gaps.len() < LAPSES_MAX {
            self.gaps.push(Lapse { from, to, reason: GapReason::Paused });
        }
    }
}
