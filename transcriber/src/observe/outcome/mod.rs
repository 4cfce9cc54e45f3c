//! What followed on the page from an action.
//!
//! After each action the window is watched: until the next action there, or until nothing that it
//! began is still running. Elements that also change without the user (clocks, feeds, animations) are recognised by
//! their earlier changes and left out.

mod attributes;
mod changes;
mod feedback;
mod lists;
mod loading;
mod noise;
mod overlays;
mod take;
mod texts;
mod watch;

use playhead_schemas::timeline::{Change, Doubt, Element, MomentKind, Signal, Subject};

use super::draft::{DraftIndex, DraftOutcome};
use super::moment_log::MomentLog;
use super::pointer::Pointer;
use crate::dom::apply::Changes;
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};
pub(crate) use attributes::{REFUSING, message_of};
pub(crate) use feedback::{Reply, is_click_on_noncontrol};
use noise::Noise;
pub(crate) use overlays::kind_by_class;
pub(crate) use watch::NONCONTROL_MS;
use watch::Watch;

/// Changes of one kind that are kept for one action.
const CHANGES_MAX: usize = 300;
/// Characters of a quoted text.
const QUOTE_CHARS_MAX: usize = 80;
/// Characters of a message: its end says what to do.
const MESSAGE_CHARS_MAX: usize = 200;
/// Changes without a recorded action that are told of one time.
const ASIDE_MAX: usize = 3;
/// A press that lasts longer was released outside the window.
const PRESS_MS_MAX: f64 = 5000.0;
/// An address that changes this soon after another one goes on from it: a router's redirect.
const REDIRECT_MS: f64 = 1000.0;
/// Focus that moves this soon after a click was moved by the page: a person does not press a key so fast.
const FOCUS_MOVES_MS: f64 = 300.0;

/// The outcomes that are looked for in one window: that of the last action, and what a press has changed so far.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    watch: Option<Watch>,
    /// What changed since a button or finger was pressed whose action is not known yet.
    pressing: Option<Watch>,
    noise: Noise,
    /// What changes after an action was answered, and without another one.
    aside: Option<Watch>,
}

impl Outcomes {
    /// Ends the watch of an action that was answered when a mutation is no longer its own: what changes from here on is
    /// followed by itself.
    pub(crate) fn set_aside(&mut self, mirror: &Mirror, log: &mut MomentLog<'_>, at: f64, changes: &Changes) {
        let Some(watch) = self.watch.as_ref().filter(|_| self.pressing.is_none() && log.sees_requests) else { return };
        let noisy = || !noise::has_other_changes(mirror, &self.noise, watch.since, changes);
        if !watch.is_settled(at, log.requests) || watch.takes_back(mirror, changes) || noisy() {
            return;
        }
        let known_since = watch.since;
        self.close(mirror, log, at);
        // What changed before the action by itself goes on doing so.
        self.aside = Some(Watch { noise_since: known_since, ..Watch::new(usize::MAX, at) });
    }

    /// What nothing recorded led to, when it is over at that time.
    pub(crate) fn end_aside(&mut self, mirror: &Mirror, at: f64) -> Option<(f64, Vec<Change>)> {
        let aside = self.aside.take_if(|aside| at > aside.since + watch::ASIDE_MS)?;
        let told = changes::reported(mirror, &aside, 0, at).reported.into_iter().map(|told| told.change);
        Some((aside.since, told.filter(texts::is_event).take(ASIDE_MAX).collect()))
    }

    /// Watches for the outcome of an action that begins at `at`.
    pub(crate) fn begin(&mut self, action: DraftIndex, kind: MomentKind, at: f64) {
        let is_by_press = !kind.sets_value();
        self.watch = Some(match self.pressing.take() {
            Some(pressing) if is_by_press => pressing.of_press(action, at),
            _ => Watch::new(action, at),
        });
        if let Some(watch) = &mut self.watch {
            watch.is_drag = kind == MomentKind::Drag;
        }
    }

    /// The action that is watched goes on, with another key for example.
    pub(crate) fn go_on(&mut self, at: f64) {
        if let Some(watch) = &mut self.watch {
            watch.renew(at);
        }
    }

    /// A further click of the action that is watched; how the click before it was answered.
    pub(crate) fn click_again(&mut self, at: f64) -> Reply {
        let pressing = self.pressing.take();
        let Some(watch) = &mut self.watch else { return Reply::None };
        let reply = watch.reply;
        watch.renew(at);
        if let Some(pressing) = pressing {
            watch.absorb(pressing);
        }
        reply
    }

    /// What was done marked text, which is all that it was to do.
    pub(crate) fn marked_text(&mut self) {
        if let Some(watch) = &mut self.watch {
            (watch.answered, watch.reply) = (true, Reply::Told);
        }
    }

    /// Something other than a change of the document answered what was done, when it came within `within_ms`.
    pub(crate) fn answered(&mut self, pointer: &Pointer, at: f64, within_ms: f64) {
        if let Some(watch) = &mut self.watch
            && at >= watch.since
            // A press that came after belongs to the next action, and so does the focus that it moves.
            && !pointer.is_down_since(watch.since)
            && at <= watch.renewed + within_ms
        {
            watch.answered = true;
            watch.reply = watch.reply.max(Reply::Changed);
        }
    }

    /// The focus moved to the node with this id. The page moved it when a click just before was on another one.
    pub(crate) fn focus_moved(&mut self, log: &MomentLog<'_>, pointer: &Pointer, at: f64, id: u32) {
        let Some(watch) = &mut self.watch else { return };
        let draft = log.draft(watch.action);
        let clicked = matches!(draft.kind, MomentKind::Click | MomentKind::Touch | MomentKind::DoubleClick);
        let own = draft.node == id || pointer.last_click().is_some_and(|click| click.is_on(id));
        if clicked && !own && !pointer.is_down_since(watch.since) && (0.0..=FOCUS_MOVES_MS).contains(&(at - draft.end))
        {
            watch.focus = Some((id, at));
        }
    }

    /// An action made the page scroll.
    pub(crate) fn scrolled_to(&mut self, at: f64, y: f64) {
        if let Some(watch) = &mut self.watch {
            watch.scrolled = Some((y, at));
        }
    }

    /// A field got another value that the user didn't enter; true when a press or an action led to it.
    pub(crate) fn field_changed(
        &mut self,
        mirror: &Mirror,
        log: &MomentLog<'_>,
        pointer: &Pointer,
        set: FieldSet<'_>,
    ) -> bool {
        let FieldSet { nx, at, value, shown, by_script } = set;
        if let Some(pressing) = self.pressing.as_mut().filter(|pressing| at - pressing.since <= PRESS_MS_MAX) {
            // Steppers and sliders answer the press; its click comes later.
            if !pointer.is_pressing(mirror.node(nx).id) && !is_same(mirror, nx, value) {
                pressing.note_field(nx, at, shown, by_script);
            }
            return true;
        }
        let until = |watch: &Watch| watch.own_until(log.requests, log.options);
        let Some(watch) = self.watch.as_mut().filter(|watch| at <= until(watch)) else { return false };
        if !is_same(mirror, nx, value) && log.draft(watch.action).node != mirror.node(nx).id {
            watch.note_field(nx, at, shown, by_script);
        }
        true
    }

    /// Takes the changes of one mutation into the watch, or counts them as noise. Gives the action that the page
    /// followed with its first change, when this was it.
    pub(crate) fn watch_changes(
        &mut self,
        mirror: &Mirror,
        log: &MomentLog<'_>,
        pointer: &Pointer,
        at: f64,
        changes: &Changes,
    ) -> Option<DraftIndex> {
        let Self { watch, pressing, noise, aside } = self;
        if pressing.as_ref().is_some_and(|pressing| at - pressing.since > PRESS_MS_MAX) {
            *pressing = None;
        }
        if let Some(pressing) = pressing {
            // Menus open and sliders move on the press, before the click.
            let since = pressing.since;
            let target = pointer.pressing().and_then(|id| mirror.by_id(id));
            pressing.take(mirror, at, changes, target, |nx: NodeIndex| noise::is_noisy(mirror, noise, since, nx));
            return None;
        }
        if let Some(watch) = watch
            && log.sees_requests
            && watch.is_too_late(at, log.requests)
            && feedback::is_click_on_noncontrol(log.draft(watch.action))
        {
            noise::note(mirror, noise, at, changes);
            return None;
        }
        if let Some(aside) = aside.as_mut().filter(|_| watch.is_none()) {
            let since = aside.noise_since;
            aside.take(mirror, at, changes, None, |nx: NodeIndex| noise::is_noisy(mirror, noise, since, nx));
            return None;
        }
        let own = watch.as_ref().is_some_and(|watch| at <= watch.own_until(log.requests, log.options));
        let Some(watch) = watch.as_mut().filter(|watch| own || watch.answers_late(mirror, noise, log, at, changes))
        else {
            noise::note(mirror, noise, at, changes);
            return None;
        };
        let since = watch.since;
        let noisy = |nx: NodeIndex| noise::is_noisy(mirror, noise, since, nx);
        let target = mirror.by_id(log.draft(watch.action).node);
        if !own && watch.first_change.is_some() {
            // After the answer only what calls for attention is still taken for the action's.
            watch.take_striking(mirror, at, changes);
            return None;
        }
        if !watch.take(mirror, at, changes, target, noisy) || watch.followed {
            return None;
        }
        watch.first_change.get_or_insert(at);
        if !own {
            watch.late = Some(at);
            return None;
        }
        watch.followed = true;
        Some(watch.action)
    }

    /// The dialogs and alerts that a mutation brings while no action is watched: the page shows them unasked.
    pub(crate) fn unasked(&self, mirror: &Mirror, at: f64, changes: &Changes) -> Vec<Change> {
        if self.watch.is_some() || self.pressing.is_some() || self.aside.is_some() {
            return Vec::new();
        }
        let is_new = |nx: &NodeIndex| !noise::is_noisy(mirror, &self.noise, at, *nx);
        let shown = overlays::striking(mirror, changes).into_iter().filter(is_new);
        shown
            .filter_map(|nx| overlays::overlay(mirror, nx, overlays::ClosedDialogs::Skip))
            .map(|what| Change::Appeared { what })
            .collect()
    }

    /// The address changed. The first time the action under watch may have led there; a further change is
    /// another step (back, forward, a timer), and what follows is no longer the action's.
    pub(crate) fn address_changed(&mut self, mirror: &Mirror, log: &mut MomentLog<'_>, at: f64) {
        let Some(watch) = &mut self.watch else { return };
        if *watch.arrived.get_or_insert(at) + REDIRECT_MS < at {
            self.close(mirror, log, at);
        }
    }

    /// A button or finger was pressed: changes from here on are those of the action that the press begins.
    pub(crate) fn press(&mut self, mirror: &Mirror, log: &MomentLog<'_>, at: f64) {
        if let Some(watch) = &mut self.watch {
            // What the press closes was open until then.
            let target = log.draft(watch.action).node;
            watch.at_press = Some(changes::reported(mirror, watch, target, at));
        }
        self.pressing = Some(Watch::new(usize::MAX, at));
    }

    /// The press ended without an action.
    pub(crate) fn release(&mut self) {
        self.pressing = None;
    }

    /// Another document is shown: what was pressed and what changed by itself is gone.
    pub(crate) fn forget_page(&mut self) {
        self.pressing = None;
        self.aside = None;
        self.noise.clear();
    }

    /// True while nodes are remembered.
    pub(crate) fn refers_to_nodes(&self) -> bool {
        [&self.watch, &self.aside].into_iter().flatten().any(|watch| !watch.is_blank())
    }

    /// True when nothing more is to be expected of the action that is watched.
    pub(crate) fn is_over(&self, log: &MomentLog<'_>, at: f64) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.is_over(at, log.requests, log.options))
    }

    /// Ends the watch and writes its outcome.
    pub(crate) fn close(&mut self, mirror: &Mirror, log: &mut MomentLog<'_>, at: f64) {
        let Some(mut watch) = self.watch.take() else { return };
        let target = log.draft(watch.action).node;
        let pressed = self.pressing.as_ref().is_some_and(|pressing| pressing.first_change.is_some());
        let changes =
            watch.at_press.take_if(|_| pressed).unwrap_or_else(|| changes::reported(mirror, &watch, target, at));
        let options = log.options;
        let draft = log.draft_mut(watch.action);
        if draft.kind != MomentKind::Input && draft.kind != MomentKind::Drag && watch.is_thrashing(options) {
            draft.signal(Signal::LayoutThrash);
        }
        draft.outcome = Some(DraftOutcome {
            changes,
            first_change: watch.first_change,
            watched_until: at,
            answered_otherwise: watch.answered || watch.answered_by_load,
            answered_by_load: watch.answered_by_load && !watch.answered,
            ..DraftOutcome::default()
        });
        let end = draft.end;
        if log.gaps.iter().any(|gap| gap.from < at && gap.to > end) {
            log.draft_mut(watch.action).doubt(Doubt::BeforeGap);
        }
    }

    /// Ends the watch because a new document replaces the page. That answers the action, except a click on something
    /// that is not a control after which no request was made.
    pub(crate) fn close_for_load(&mut self, mirror: &Mirror, log: &mut MomentLog<'_>, at: f64) {
        if let Some(watch) = &mut self.watch {
            let unasked = log.sees_requests && watch.is_too_late(at, log.requests);
            watch.answered_by_load = !(unasked && feedback::is_click_on_noncontrol(log.draft(watch.action)));
        }
        self.close(mirror, log, at);
    }
}

/// A field that got another value without the user's doing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FieldSet<'v> {
    pub(crate) nx: NodeIndex,
    /// Epoch milliseconds.
    pub(crate) at: f64,
    pub(crate) value: &'v str,
    /// The value as it is told: that of a secret is hidden.
    pub(crate) shown: &'v str,
    /// The recorder says that a script set it.
    pub(crate) by_script: bool,
}

/// True for the value that a field has already. Of a box it is its state, which the mirror keeps.
fn is_same(mirror: &Mirror, nx: NodeIndex, value: &str) -> bool {
    mirror.attr(nx, AttrName::Value).unwrap_or_default() == value
}

/// The element whose content a change is.
fn container(mirror: &Mirror, nx: NodeIndex) -> NodeIndex {
    mirror.parent(nx).unwrap_or(nx)
}

fn is_element(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.node(nx).kind == NodeKind::Element
}

/// An element by its role and a name; an empty name is none.
fn element(mirror: &Mirror, nx: NodeIndex, name: Option<String>) -> Element {
    Element { role: role(mirror, nx).to_owned(), name: name.filter(|name| !name.is_empty()) }
}

fn visibility(what: Subject, visible: bool) -> Change {
    if visible { Change::Appeared { what } } else { Change::Disappeared { what } }
}
