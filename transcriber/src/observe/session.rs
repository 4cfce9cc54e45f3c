//! One pass over the events of a replay.

use std::borrow::Cow;
use std::collections::HashMap;

use playhead_json::{Cursor, Read};
use playhead_schemas::WindowNo;
use playhead_schemas::timeline::{Coverage, DefectCode, Doubt, GapReason, MomentKind, Page};
use playhead_schemas::upload::Size;

use super::draft::{Draft, Dx};
use super::input::{Typing, Unfocused};
use super::outcome::Watch;
use super::page::PageState;
use super::pointer::Pointer;
use super::viewport::Viewport;
use crate::Options;
use crate::coverage::{self, Lapse};
use crate::defects::Defects;
use crate::dialects::rrweb::{EventType, IncrementalSource, source_of};
use crate::dom::apply::{self, Applied, Changes};
use crate::dom::{Mirror, Nx};

/// Two recorders on one page see the same event within this time.
const REPEAT_MS: f64 = 5.0;
/// Times without a recording that are remembered.
const LAPSES_MAX: usize = 1000;
/// Longest event that is compared with the one before.
const REPEAT_BYTES_MAX: usize = 300;

/// The state of one window (tab).
#[derive(Debug, Default)]
pub(crate) struct Window {
    pub(crate) no: WindowNo,
    pub(crate) mirror: Mirror,
    pub(crate) page: PageState,
    pub(crate) pointer: Pointer,
    pub(crate) typing: Option<Typing>,
    pub(crate) viewport: Viewport,
    /// The rrweb id of the focused node; 0 for none.
    pub(crate) focus: u32,
    pub(crate) watch: Option<Watch>,
    /// What changed since a button or finger was pressed whose action is not known yet.
    pub(crate) pressing: Option<Watch>,
    /// When an element last changed without the user's doing, and how often: clocks, feeds, animations.
    pub(crate) noise: HashMap<u32, (u32, f64)>,
    /// The last change of the document, epoch milliseconds.
    pub(crate) changed_at: f64,
    /// The rrweb id of the field that was typed into since it got the focus; 0 for none.
    pub(crate) typed_in: u32,
    /// The last time that text was selected, epoch milliseconds.
    pub(crate) selected_at: f64,
    /// The focus is on an element whose id the recorder didn't know.
    pub(crate) focus_unseen: bool,
    /// When the focus came to where it is.
    pub(crate) focused_at: f64,
    /// A list that changed without the focus, and may still turn out to be the page's doing.
    pub(crate) unfocused: Option<Unfocused>,
    /// Something was done there or changed, with a snapshot or without.
    pub(crate) is_used: bool,
    /// When the recorder was paused, epoch milliseconds.
    pub(crate) paused_at: Option<f64>,
    /// Type, time and data of the event before.
    last: (Option<EventType>, f64, Vec<u8>),
}

impl Window {
    /// Forgets nodes that are out of the document, while no outcome is looked for in any.
    fn forget(&mut self) {
        let Self { mirror, watch, typing, unfocused, .. } = self;
        if watch.as_ref().is_some_and(|watch| !watch.is_blank()) {
            return;
        }
        let mut held: Vec<&mut Nx> = typing.iter_mut().filter_map(Typing::node).collect();
        held.extend(unfocused.iter_mut().map(Unfocused::node));
        if let Some(moved) = mirror.collect(held.iter().map(|nx| **nx)) {
            held.into_iter().for_each(|nx| moved.apply(nx));
        }
    }
}

/// The address that a script's request was sent from.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// Epoch milliseconds.
    pub(crate) at: f64,
    pub(crate) url: String,
    /// A document was fetched from that address before: it is a page that was loaded, or a frame's.
    pub(crate) fetched: bool,
}

/// What a pass over the events found.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) pages: Vec<Page>,
    pub(crate) viewport: Option<Size>,
    pub(crate) windows: u16,
}

/// The pass itself.
pub(crate) struct Session<'r> {
    pub(crate) options: &'r Options,
    pub(crate) windows: Vec<Window>,
    pub(crate) out: Observed,
    pub(crate) coverage: &'r mut Coverage,
    pub(crate) defects: &'r mut Defects,
    /// Start and end of each known request, by start: an outcome is watched for until its answers are in.
    pub(crate) requests: &'r [(f64, f64)],
    /// Addresses that requests say they were sent from, by time.
    pub(crate) sent_from: &'r [Sender],
    /// Times in which nothing was recorded, epoch milliseconds.
    pub(crate) gaps: Vec<Lapse>,
    /// Everything that the page asks for is known: requests were captured, and it has no open connection.
    pub(crate) sees_requests: bool,
    /// Values that the moments show hidden, with the first draft of each.
    pub(crate) hidden: Vec<(String, Dx)>,
    /// Typing was seen key by key somewhere in the recording.
    pub(crate) keys_seen: bool,
    changes: Changes,
    pub(crate) started_at: f64,
    last_activity: f64,
    pub(crate) last_at: f64,
    /// The last user action of any window.
    pub(crate) last_action: Option<Dx>,
}

impl<'r> Session<'r> {
    pub(crate) fn new(
        options: &'r Options,
        coverage: &'r mut Coverage,
        defects: &'r mut Defects,
        requests: &'r [(f64, f64)],
        sent_from: &'r [Sender],
        started_at: f64,
        windows: u16,
    ) -> Self {
        let looks = options.looks_max / u64::from(windows.max(1));
        let mirror = || Mirror::one_of(windows.into()).with_looks(looks);
        Self {
            options,
            windows: (1..=windows)
                .map(|no| Window { no: WindowNo(no), mirror: mirror(), ..Window::default() })
                .collect(),
            out: Observed::default(),
            coverage,
            defects,
            requests,
            sent_from,
            gaps: Vec::new(),
            sees_requests: false,
            hidden: Vec::new(),
            keys_seen: false,
            changes: Changes::default(),
            started_at,
            last_activity: started_at,
            last_at: started_at,
            last_action: None,
        }
    }

    /// One event. `at` is epoch milliseconds and never less than that of the event before.
    pub(crate) fn event(&mut self, w: usize, event_type: EventType, at: f64, data: &[u8]) {
        self.last_at = self.last_at.max(at);
        self.expire(at);
        self.take_senders(at);
        if self.is_repeat(w, event_type, at, data) {
            return;
        }
        let read = match event_type {
            EventType::DomContentLoaded => {
                self.windows[w].page.fresh = true;
                self.old_dialect_page(w, at, data)
            }
            EventType::Load => self.old_dialect_size(w, at, data),
            EventType::FullSnapshot => self.snapshot(w, at, data),
            EventType::IncrementalSnapshot => self.incremental(w, at, data),
            EventType::Meta => self.meta(w, at, data),
            // Read into facts before the pass.
            EventType::Custom | EventType::Plugin => Ok(()),
            // Assets are never replayed.
            EventType::Asset => Ok(()),
            EventType::Annotation => self.annotation(w, at, data),
            EventType::Undecoded => {
                self.coverage.events_skipped += 1;
                Ok(())
            }
            EventType::Unknown(number) => {
                self.coverage.events_skipped += 1;
                self.defects.add(DefectCode::UnknownEvent, || format!("event type {number}"));
                Ok(())
            }
        };
        if read.is_err() {
            self.coverage.events_skipped += 1;
            self.defects.add(DefectCode::BadEvent, || format!("an event of type {event_type} breaks off"));
        }
    }

    /// True when an event is the one before once more: two recorders on a page write everything twice.
    fn is_repeat(&mut self, w: usize, event_type: EventType, at: f64, data: &[u8]) -> bool {
        let last = &mut self.windows[w].last;
        let same = event_type == EventType::IncrementalSnapshot
            && last.0 == Some(event_type)
            && at - last.1 <= REPEAT_MS
            && last.2 == data;
        if !same {
            last.0 = Some(event_type);
            last.1 = at;
            last.2.clear();
            // Only what a user does is short; repeated mutations change nothing a second time.
            if data.len() <= REPEAT_BYTES_MAX {
                last.2.extend_from_slice(data);
            }
        }
        same
    }

    fn incremental(&mut self, w: usize, at: f64, data: &[u8]) -> Read<()> {
        let Some((source, cursor)) = source_of(data)? else {
            self.coverage.events_skipped += 1;
            self.defects.add(DefectCode::BadEvent, || "an incremental event without a source".to_owned());
            return Ok(());
        };
        self.windows[w].is_used = true;
        if !self.windows[w].page.has_snapshot && !self.coverage.starts_without_snapshot {
            self.coverage.starts_without_snapshot = true;
            self.defects.add(DefectCode::NoSnapshot, || "changes come before the first full snapshot".to_owned());
        }
        match source {
            IncrementalSource::Mutation => self.mutation(w, at, cursor),
            IncrementalSource::MouseMove | IncrementalSource::TouchMove => {
                self.active(w, at);
                Ok(())
            }
            IncrementalSource::MouseInteraction => self.mouse(w, at, cursor),
            IncrementalSource::Scroll => self.scroll(w, at, cursor),
            IncrementalSource::ViewportResize => self.resize(w, at, cursor),
            IncrementalSource::Input => self.input(w, at, cursor),
            IncrementalSource::MediaInteraction => self.media(w, at, cursor),
            IncrementalSource::Drag => self.native_drag(w, at, cursor),
            IncrementalSource::Selection => self.selection(w, at, cursor),
            IncrementalSource::CanvasMutation => {
                self.canvas(w, at);
                Ok(())
            }
            // Styles change nothing that a moment tells, and logs were read before the pass.
            IncrementalSource::StyleSheetRule
            | IncrementalSource::Font
            | IncrementalSource::Log
            | IncrementalSource::StyleDeclaration
            | IncrementalSource::AdoptedStyleSheet
            | IncrementalSource::CustomElement => Ok(()),
            IncrementalSource::Unknown(number) => {
                self.coverage.events_skipped += 1;
                self.defects.add(DefectCode::UnknownEvent, || format!("incremental source {number}"));
                Ok(())
            }
        }
    }

    fn mutation(&mut self, w: usize, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
        // The page answers a choice that was held back: it was one.
        self.settle_unfocused(w, f64::INFINITY);
        let mut changes = std::mem::take(&mut self.changes);
        changes.clear();
        self.windows[w].forget();
        let applied = apply::mutation(&mut self.windows[w].mirror, &mut cursor, &mut changes);
        if let Ok(applied) = &applied {
            self.note_applied(w, applied);
        }
        self.typed_in_place(w, at, &changes);
        self.watch_changes(w, at, &changes);
        self.told_by_page(w, at, &changes);
        self.windows[w].changed_at = at;
        self.changes = changes;
        applied.map(|_| ())
    }

    fn note_applied(&mut self, w: usize, applied: &Applied) {
        // Before the first snapshot every node is unknown, which that defect already says.
        if self.windows[w].page.has_snapshot {
            self.defects.add_many(DefectCode::UnknownNode, applied.unknown, || {
                "a change of a node that is not in the document".to_owned()
            });
        }
        self.defects.add_many(DefectCode::BadTree, applied.cycles, || "a node below itself".to_owned());
        self.note_built(applied.notes);
    }

    pub(crate) fn note_built(&mut self, notes: crate::dom::build::BuildNotes) {
        self.coverage.blocked_elements = self.coverage.blocked_elements.saturating_add(notes.blocked);
        if notes.cut {
            self.coverage.truncated = true;
            self.defects.add(DefectCode::LimitReached, || "the document has too many nodes or levels".to_owned());
        }
    }

    /// The user did something in a window: an idle time ends.
    pub(crate) fn active(&mut self, w: usize, at: f64) {
        let quiet = at - self.last_activity;
        if quiet >= self.options.idle_gap_ms {
            let mut idle = Draft::new(MomentKind::Idle, self.last_activity, self.windows[w].no);
            idle.end = at;
            idle.url = self.windows[w].page.url.clone();
            self.out.drafts.push(idle);
        }
        self.last_activity = self.last_activity.max(at);
    }

    /// Adds a draft of something that isn't a user action.
    pub(crate) fn push(&mut self, mut draft: Draft) -> Dx {
        if draft.url.is_none()
            && let Some(window) = self.windows.iter().find(|window| window.no == draft.window)
        {
            draft.url.clone_from(&window.page.url);
        }
        self.out.drafts.push(draft);
        self.out.drafts.len() - 1
    }

    /// Adds a draft of a user action and watches the page for its outcome.
    pub(crate) fn push_action(&mut self, w: usize, mut draft: Draft) -> Dx {
        let at = draft.at;
        self.doubt_target(w, &mut draft);
        self.active(w, draft.at);
        self.close_watch(w, at);
        if !matches!(draft.kind, MomentKind::Input) {
            self.end_typing(w);
        }
        let by_press = !matches!(draft.kind, MomentKind::Input | MomentKind::Select | MomentKind::Check);
        let dx = self.push(draft);
        self.last_action = Some(dx);
        self.windows[w].watch = Some(match self.windows[w].pressing.take() {
            Some(pressing) if by_press => pressing.of_press(dx, at),
            _ => Watch::new(dx, at),
        });
        dx
    }

    /// Says when the document that an action was done in is not surely known.
    fn doubt_target(&self, w: usize, draft: &mut Draft) {
        let page = &self.windows[w].page;
        if !page.has_snapshot {
            draft.doubt(Doubt::NoSnapshot);
        } else if self.gaps.iter().any(|gap| gap.to <= draft.at && gap.to > page.snapshot_at) {
            draft.doubt(Doubt::AfterGap);
        }
    }

    /// The recorder was paused.
    pub(crate) fn paused(&mut self, w: usize, at: f64) {
        self.windows[w].paused_at.get_or_insert(at);
    }

    /// The recorder goes on.
    pub(crate) fn resumed(&mut self, w: usize, at: f64) {
        if let Some(from) = self.windows[w].paused_at.take()
            && self.gaps.len() < LAPSES_MAX
        {
            self.gaps.push(Lapse { from, to: at, reason: GapReason::Paused });
        }
    }

    /// Ends what has waited long enough: typing pauses, outcomes.
    fn expire(&mut self, at: f64) {
        for w in 0..self.windows.len() {
            self.settle_pointer(w, at);
            self.settle_unfocused(w, at);
            self.settle_title(w, at);
            if self.windows[w].watch.as_ref().is_some_and(|watch| watch.is_over(at, self.requests, self.options)) {
                self.close_watch(w, at);
            }
        }
    }

    /// Ends the pass.
    pub(crate) fn finish(mut self) -> Observed {
        let at = self.last_at;
        for w in 0..self.windows.len() {
            self.settle_pointer(w, f64::INFINITY);
            self.settle_unfocused(w, f64::INFINITY);
            self.settle_title(w, f64::INFINITY);
            self.end_typing(w);
            self.close_watch(w, at);
            self.leave_page(w, at);
        }
        if at - self.last_activity >= self.options.idle_gap_ms && !self.windows.is_empty() {
            let mut idle = Draft::new(MomentKind::Idle, self.last_activity, self.windows[0].no);
            idle.end = at;
            self.push(idle);
        }
        if self.windows.iter().any(|window| window.mirror.is_looked_through()) {
            self.defects.add(DefectCode::LimitReached, || {
                "so many actions in so large a document that the last ones' targets are told without selectors"
                    .to_owned()
            });
        }
        let unseen = self.windows.iter().filter(|window| window.is_used && !window.page.has_snapshot).count();
        self.coverage.windows_without_snapshot = unseen as u32;
        self.coverage.gaps = coverage::gaps(&self.gaps, self.started_at);
        if !self.keys_seen {
            self.out.drafts.iter_mut().for_each(|draft| draft.entry = None);
        }
        self.out.windows = self.windows.len() as u16;
        self.out.pages.sort_by_key(|page| (page.t_ms, page.window));
        self.out
    }
}

/// A text field of an object, decoded.
pub(crate) fn text_field<'a>(data: &'a [u8], wanted: &[u8]) -> Option<Cow<'a, str>> {
    let mut cursor = Cursor::new(data);
    cursor.object().ok()?;
    while let Some(key) = cursor.key().ok()? {
        if key == wanted {
            return cursor.string_or_skip().ok()?.map(|text| text.text());
        }
        cursor.skip().ok()?;
    }
    None
}
