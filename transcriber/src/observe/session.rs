//! One pass over the events of a replay: each event goes to the observer that it concerns.

use playhead_json::{Cursor, Read};
use playhead_schemas::WindowNo;
use playhead_schemas::timeline::{Coverage, DefectCode};

use super::moment_log::{MomentLog, Observed, Recording, Referrer};
use super::window::{Context, Observers, Window};
use crate::coverage;
use crate::defects::Defects;
use crate::dialects::rrweb::{EventType, IncrementalSource, source_of};
use crate::dom::Mirror;
use crate::dom::apply::{self, Applied, Changes};

/// The pass itself.
pub(crate) struct Session<'r> {
    windows: Vec<Window>,
    log: MomentLog<'r>,
    /// Addresses that requests say they were sent from and that were not looked at yet, by time.
    referrers: &'r [Referrer],
    /// Kept so that its memory is used again.
    changes: Changes,
    /// The time of the last event, epoch milliseconds.
    last_at: f64,
}

impl<'r> Session<'r> {
    pub(crate) fn new(recording: Recording<'r>, coverage: &'r mut Coverage, defects: &'r mut Defects) -> Self {
        let windows = recording.windows;
        let looks = recording.options.node_visits_max / u64::from(windows.max(1));
        let mirror = || Mirror::one_of(windows.into()).with_visits(looks);
        Self {
            windows: (1..=windows).map(|no| Window::new(WindowNo(no), mirror())).collect(),
            referrers: recording.referrers,
            changes: Changes::default(),
            last_at: recording.started_at,
            log: MomentLog::new(recording, coverage, defects),
        }
    }

    /// What the observers of a window share, and the observers.
    pub(crate) fn at(&mut self, w: usize) -> (Context<'_, 'r>, Observers<'_>) {
        self.windows[w].parts(&mut self.log)
    }

    /// One event. `at` is epoch milliseconds and never less than that of the event before.
    pub(crate) fn event(&mut self, w: usize, event_type: EventType, at: f64, data: &[u8]) {
        self.last_at = self.last_at.max(at);
        self.expire(at);
        self.take_senders(at);
        if self.windows[w].is_repeat(event_type, at, data) {
            return;
        }
        let read = match event_type {
            EventType::DomContentLoaded => {
                self.windows[w].page.old_dialect_address(at, data);
                Ok(())
            }
            EventType::Load => self.at(w).0.old_dialect_size(at, data),
            EventType::FullSnapshot => self.snapshot(w, at, data),
            EventType::IncrementalSnapshot => self.incremental(w, at, data),
            EventType::Meta => self.at(w).0.meta(at, data),
            // Read into facts before the pass.
            EventType::Custom | EventType::Plugin => Ok(()),
            // Assets are never replayed.
            EventType::Asset => Ok(()),
            EventType::Annotation => {
                self.at(w).0.annotation(at, data);
                Ok(())
            }
            EventType::Undecoded => {
                self.log.coverage.events_skipped += 1;
                Ok(())
            }
            EventType::Unknown(number) => {
                self.log.skip_event(DefectCode::UnknownEvent, || format!("event type {number}"));
                Ok(())
            }
        };
        if read.is_err() {
            self.log.skip_event(DefectCode::BadEvent, || format!("an event of type {event_type} breaks off"));
        }
    }

    fn incremental(&mut self, w: usize, at: f64, data: &[u8]) -> Read<()> {
        let Some((source, cursor)) = source_of(data)? else {
            self.log.skip_event(DefectCode::BadEvent, || "an incremental event without a source".to_owned());
            return Ok(());
        };
        self.note_use(w);
        let (mut cx, on) = self.at(w);
        match source {
            IncrementalSource::Mutation => return self.mutation(w, at, cursor),
            IncrementalSource::MouseMove | IncrementalSource::TouchMove => cx.active(at),
            IncrementalSource::MouseInteraction => {
                on.pointer.interaction(&mut cx, on.fields, on.address, at, cursor)?
            }
            IncrementalSource::Drag => on.pointer.native_drag(&mut cx, on.fields, at, cursor)?,
            IncrementalSource::Selection => on.pointer.selection(&mut cx, at, cursor)?,
            IncrementalSource::Input => on.fields.input(&mut cx, on.pointer, at, cursor)?,
            IncrementalSource::Scroll => on.viewport.scroll(&mut cx, on.pointer, at, cursor)?,
            IncrementalSource::ViewportResize => on.viewport.resize(&mut cx, at, cursor)?,
            IncrementalSource::MediaInteraction => on.viewport.media(&mut cx, on.pointer, at, cursor)?,
            // The page drew something, which answers an action.
            IncrementalSource::CanvasMutation => {
                cx.outcomes.answered(on.pointer, at, cx.log.options.outcome_ms);
            }
            // Styles change nothing that a moment tells, and logs were read before the pass.
            IncrementalSource::StyleSheetRule
            | IncrementalSource::Font
            | IncrementalSource::Log
            | IncrementalSource::StyleDeclaration
            | IncrementalSource::AdoptedStyleSheet
            | IncrementalSource::CustomElement => {}
            IncrementalSource::Unknown(number) => {
                self.log.skip_event(DefectCode::UnknownEvent, || format!("incremental source {number}"));
            }
        }
        Ok(())
    }

    fn note_use(&mut self, w: usize) {
        self.windows[w].is_used = true;
        if !self.windows[w].page.has_snapshot && !self.log.coverage.starts_without_snapshot {
            self.log.coverage.starts_without_snapshot = true;
            let detail = || "changes come before the first full snapshot".to_owned();
            self.log.defects.add(DefectCode::NoSnapshot, detail);
        }
    }

    fn mutation(&mut self, w: usize, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
        let mut changes = std::mem::take(&mut self.changes);
        changes.clear();
        let (mut cx, on) = self.at(w);
        // The page answers a choice that was held back: it was one.
        on.fields.settle_choice(&mut cx, f64::INFINITY);
        self.windows[w].collect_nodes();
        let applied = apply::mutation(&mut self.windows[w].mirror, &mut cursor, &mut changes);
        if let Ok(applied) = &applied {
            self.note_applied(w, applied);
        }
        let (mut cx, on) = self.at(w);
        for field in cx.log.secrets.note_changes(cx.no, cx.mirror, &changes) {
            cx.log.hide_earlier(cx.no, field);
        }
        on.fields.typed_in_place(&mut cx, on.pointer, at, &changes);
        on.fields.note_echo(&mut cx, at, &changes);
        cx.outcomes.set_aside(cx.mirror, cx.log, at, &changes);
        let unasked = cx.outcomes.unasked(cx.mirror, at, &changes);
        if let Some(action) = cx.outcomes.watch_changes(cx.mirror, cx.log, on.pointer, at, &changes) {
            on.address.followed(&mut cx, at, action);
        }
        if cx.page.settled(at) {
            cx.push_notices(at, unasked);
        }
        on.address.infer_from_mutation(&mut cx, at, &changes);
        cx.page.changed_at = at;
        self.changes = changes;
        applied.map(|_| ())
    }

    fn note_applied(&mut self, w: usize, applied: &Applied) {
        // Before the first snapshot every node is unknown, which that defect already says.
        if self.windows[w].page.has_snapshot {
            self.log.defects.add_many(DefectCode::UnknownNode, applied.unknown, || {
                "a change of a node that is not in the document".to_owned()
            });
        }
        self.log.defects.add_many(DefectCode::BadTree, applied.cycles, || "a node below itself".to_owned());
        self.log.note_built(applied.notes);
    }

    fn snapshot(&mut self, w: usize, at: f64, data: &[u8]) -> Read<()> {
        let windows = self.windows.len();
        self.windows[w].snapshot(&mut self.log, windows, at, data)
    }

    /// Takes what requests tell about the address up to a time. With several windows it isn't known which one
    /// sent them.
    fn take_senders(&mut self, until: f64) {
        let (now, later) = self.referrers.split_at(self.referrers.partition_point(|referrer| referrer.at <= until));
        self.referrers = later;
        if self.windows.len() == 1 {
            let (mut cx, on) = self.at(0);
            now.iter().for_each(|referrer| on.address.note_referrer(&mut cx, referrer));
        }
    }

    /// The recorder was paused.
    pub(crate) fn paused(&mut self, w: usize, at: f64) {
        self.windows[w].paused_at.get_or_insert(at);
    }

    /// The recorder goes on.
    pub(crate) fn resumed(&mut self, w: usize, at: f64) {
        if let Some(from) = self.windows[w].paused_at.take() {
            self.log.note_pause(from, at);
        }
    }

    /// Notes an event of which nothing could be read.
    pub(crate) fn skip_event(&mut self, code: DefectCode, detail: &str) {
        self.log.skip_event(code, || detail.to_owned());
    }

    /// Ends what has waited long enough: presses without a click, choices, titles, outcomes.
    fn expire(&mut self, at: f64) {
        for w in 0..self.windows.len() {
            self.settle(w, at);
            let (mut cx, _) = self.at(w);
            cx.push_aside(at);
            if cx.outcomes.is_over(cx.log, at) {
                cx.outcomes.close(cx.mirror, cx.log, at);
            }
        }
    }

    fn settle(&mut self, w: usize, at: f64) {
        let (mut cx, on) = self.at(w);
        on.pointer.settle(&mut cx, on.fields, on.address, at);
        on.fields.settle_choice(&mut cx, at);
        on.address.settle_title(&mut cx, at);
        cx.settle_page(at);
    }

    /// Ends the pass.
    pub(crate) fn finish(mut self) -> Observed {
        let at = self.last_at;
        for w in 0..self.windows.len() {
            self.settle(w, f64::INFINITY);
            let (mut cx, on) = self.at(w);
            on.fields.end_typing(&mut cx);
            cx.push_aside(f64::INFINITY);
            cx.outcomes.close(cx.mirror, cx.log, at);
            on.address.leave_page(&mut cx, at);
        }
        if let Some(window) = self.windows.first_mut() {
            let (mut cx, _) = window.parts(&mut self.log);
            cx.active(at);
        }
        if self.windows.iter().any(|window| window.mirror.is_out_of_visits()) {
            self.log.defects.add(DefectCode::LimitReached, || {
                "so many actions in so large a document that the last ones' targets are told without selectors"
                    .to_owned()
            });
        }
        let unseen = self.windows.iter().filter(|window| window.is_used && !window.page.has_snapshot).count();
        self.log.coverage.windows_without_snapshot = unseen as u32;
        self.log.coverage.gaps = coverage::gaps(&self.log.gaps, self.log.started_at);
        let mut found = self.log.found;
        if !self.log.keys_seen {
            found.drafts.iter_mut().for_each(|draft| draft.entry = None);
        }
        found.windows = self.windows.len() as u16;
        found.known = self.log.secrets.known;
        found.pages.sort_by_key(|page| (page.t_ms, page.window));
        found
    }
}
