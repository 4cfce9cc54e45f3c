//! What followed on the page from an action.
//!
//! After each action the window is watched: until the next action there, or until nothing that it
//! began is still running. Changes that go on without the user (clocks, feeds, animations) are told
//! by having happened before, and left out.

mod attributes;
mod changes;
mod feedback;
mod lists;
mod loading;
mod noise;
mod overlays;
mod watch;

use playhead_schemas::timeline::{Change, Doubt, Element, MomentKind, Signal, Subject};

use super::draft::Effects;
use super::session::{Session, Window};
use crate::dom::apply::Changes;
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, NodeKind, Nx};
pub(crate) use feedback::is_inert;
pub(crate) use watch::{INERT_MS, Watch};

/// Changes of one kind that are kept for one action.
const CHANGES_MAX: usize = 300;
/// Characters of a quoted text.
const QUOTE_CHARS_MAX: usize = 80;
/// A press that lasts longer was let go outside the window.
const PRESS_MS_MAX: f64 = 5000.0;
/// An address that changes this soon after another one goes on from it: a router's redirect.
const REDIRECT_MS: f64 = 1000.0;
/// The focus that moves this soon after a click was moved by the page: nobody presses a key so fast.
const FOCUS_MOVES_MS: f64 = 300.0;

impl Session<'_> {
    /// Something other than a change of the document answered what was done, when it came within `within_ms`.
    pub(crate) fn answered(&mut self, w: usize, at: f64, within_ms: f64) {
        let Window { watch, pointer, .. } = &mut self.windows[w];
        if let Some(watch) = watch
            && at >= watch.since
            // A press that came after belongs to the next action, and so does the focus that it moves.
            && !pointer.is_down_since(watch.since)
            && at <= watch.renewed + within_ms
        {
            watch.answered = true;
        }
    }

    /// The focus came to the node with this id: the page's doing, when a click just before was on another one.
    pub(crate) fn focus_moved(&mut self, w: usize, at: f64, id: u32) {
        let Window { watch, pointer, .. } = &mut self.windows[w];
        let Some(watch) = watch else { return };
        let draft = &self.out.drafts[watch.dx];
        let clicked = matches!(draft.kind, MomentKind::Click | MomentKind::Touch | MomentKind::DoubleClick);
        let own = draft.node == id || pointer.last().is_some_and(|(hit, target, ..)| hit == id || target == id);
        if clicked && !own && !pointer.is_down_since(watch.since) && (0.0..=FOCUS_MOVES_MS).contains(&(at - draft.end))
        {
            watch.focus = Some((id, at));
        }
    }

    /// An action made the page scroll.
    pub(crate) fn scrolled_to(&mut self, w: usize, at: f64, y: f64) {
        if let Some(watch) = &mut self.windows[w].watch {
            watch.scrolled = Some((y, at));
        }
    }

    /// A field got another value that the user didn't enter. `by_script` when the recorder says so.
    pub(crate) fn field_changed(&mut self, w: usize, at: f64, nx: Nx, value: &str, by_script: bool) {
        let (requests, options) = (self.requests, self.options);
        let Window { mirror, watch, pressing, pointer, .. } = &mut self.windows[w];
        if let Some(pressing) = pressing.as_mut().filter(|pressing| at - pressing.since <= PRESS_MS_MAX) {
            // Steppers and sliders answer the press; its click comes later.
            if !pointer.is_pressing(mirror.node(nx).id) && !is_same(mirror, nx, value) {
                pressing.note_field(nx, at, value, by_script);
            }
            return;
        }
        let Some(watch) = watch.as_mut().filter(|watch| at <= watch.own_until(requests, options)) else { return };
        if is_same(mirror, nx, value) || self.out.drafts[watch.dx].node == mirror.node(nx).id {
            return;
        }
        watch.note_field(nx, at, value, by_script);
    }

    /// Takes the changes of one mutation into the watch, or counts them as noise.
    pub(crate) fn watch_changes(&mut self, w: usize, at: f64, changes: &Changes) {
        let requests = self.requests;
        let options = self.options;
        let Window { mirror, watch, noise, pressing, pointer, .. } = &mut self.windows[w];
        if pressing.as_ref().is_some_and(|pressing| at - pressing.since > PRESS_MS_MAX) {
            *pressing = None;
        }
        if let Some(pressing) = pressing {
            // What follows from a press comes before its click: menus open that way, sliders move.
            let since = pressing.since;
            let target = pointer.pressing().and_then(|id| mirror.by_id(id));
            pressing.take(mirror, at, changes, target, |nx: Nx| noise::is_noisy(mirror, noise, since, nx));
            return;
        }
        if let Some(watch) = watch
            && self.sees_requests
            && watch.is_too_late(at, requests)
            && feedback::is_inert(&self.out.drafts[watch.dx])
        {
            noise::note(mirror, noise, at, changes);
            return;
        }
        let own = watch.as_ref().is_some_and(|watch| at <= watch.own_until(requests, options));
        let Some(watch) = watch.as_mut().filter(|_| own) else {
            if let Some(watch) = watch
                && watch.first_change.is_none()
                && noise::has_news(mirror, noise, watch.since, changes)
            {
                watch.first_change = Some(at);
            }
            noise::note(mirror, noise, at, changes);
            return;
        };
        let since = watch.since;
        let noisy = |nx: Nx| noise::is_noisy(mirror, noise, since, nx);
        let target = mirror.by_id(self.out.drafts[watch.dx].node);
        if watch.take(mirror, at, changes, target, noisy) && !watch.followed {
            watch.followed = true;
            watch.first_change.get_or_insert(at);
            let dx = watch.dx;
            self.followed(w, at, dx);
        }
    }

    /// The address changed. The first time the action under watch may have led there; a further change is
    /// another step (back, forward, a timer), and what follows is no longer the action's.
    pub(crate) fn turn_watch(&mut self, w: usize, at: f64) {
        let Some(watch) = &mut self.windows[w].watch else { return };
        if *watch.arrived.get_or_insert(at) + REDIRECT_MS < at {
            self.close_watch(w, at);
        }
    }

    /// A button or finger was pressed: changes from here on are those of the action that the press begins.
    pub(crate) fn press(&mut self, w: usize, at: f64) {
        let Window { mirror, watch, .. } = &mut self.windows[w];
        if let Some(watch) = watch {
            // What the press closes was open until then.
            let target = self.out.drafts[watch.dx].node;
            watch.at_press = Some(changes::told(mirror, watch, target, at));
        }
        self.windows[w].pressing = Some(Watch::new(usize::MAX, at));
    }

    /// The press that went on led to nothing.
    pub(crate) fn release(&mut self, w: usize) {
        self.windows[w].pressing = None;
    }

    /// Ends the watch of a window and writes its outcome.
    pub(crate) fn close_watch(&mut self, w: usize, at: f64) {
        let Some(mut watch) = self.windows[w].watch.take() else { return };
        let target = self.out.drafts[watch.dx].node;
        let pressed = self.windows[w].pressing.as_ref().is_some_and(|pressing| pressing.first_change.is_some());
        let told = watch
            .at_press
            .take_if(|_| pressed)
            .unwrap_or_else(|| changes::told(&self.windows[w].mirror, &watch, target, at));
        let draft = &mut self.out.drafts[watch.dx];
        if draft.kind != MomentKind::Input && draft.kind != MomentKind::Drag && watch.is_thrashing(self.options) {
            draft.signal(Signal::LayoutThrash);
        }
        if self.gaps.iter().any(|gap| gap.from < at && gap.to > draft.end) {
            draft.doubt(Doubt::BeforeGap);
        }
        draft.outcome = Some(Effects {
            told,
            first_change: watch.first_change,
            watched_until: at,
            answered_otherwise: watch.answered,
            ..Effects::default()
        });
    }

    /// Ends the watch because a new document replaces the page: that is the answer, but to a click on plain text that
    /// nothing was asked for after.
    pub(crate) fn close_watch_for_load(&mut self, w: usize, at: f64) {
        if let Some(watch) = &mut self.windows[w].watch {
            let unasked = self.sees_requests && watch.is_too_late(at, self.requests);
            watch.answered |= !(unasked && feedback::is_inert(&self.out.drafts[watch.dx]));
        }
        self.close_watch(w, at);
    }
}

/// True for the value that a field has already. Of a box it is its state, which the mirror keeps.
fn is_same(mirror: &Mirror, nx: Nx, value: &str) -> bool {
    mirror.attr(nx, AttrName::Value).unwrap_or_default() == value
}

/// The element whose content a change is.
fn container(mirror: &Mirror, nx: Nx) -> Nx {
    mirror.parent(nx).unwrap_or(nx)
}

fn is_element(mirror: &Mirror, nx: Nx) -> bool {
    mirror.node(nx).kind == NodeKind::Element
}

/// An element by its role and a name; an empty name is none.
fn element(mirror: &Mirror, nx: Nx, name: Option<String>) -> Element {
    Element { role: role(mirror, nx).to_owned(), name: name.filter(|name| !name.is_empty()) }
}

fn visibility(what: Subject, visible: bool) -> Change {
    if visible { Change::Appeared { what } } else { Change::Disappeared { what } }
}
