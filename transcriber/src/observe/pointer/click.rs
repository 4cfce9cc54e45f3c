//! Clicks and taps: single, repeated, double; by the keyboard; those that the browser did not report.

use playhead_schemas::timeline::{MomentKind, Signal, Target};

use super::drag::set_by_press;
use super::{CLICK_AFTER_UP_MS, Interaction, LastClick, Pointer, Press};
use crate::dialects::Subject;
use crate::dom::name::labelled_field;
use crate::dom::role::is_widget;
use crate::dom::{AttrName, Mirror};
use crate::observe::address::Address;
use crate::observe::draft::Note;
use crate::observe::fields::Fields;
use crate::observe::outcome::Reply;
use crate::observe::target::{Described, describe_exact, describe_pointed};
use crate::observe::window::Context;

/// A tap's Click may wait for a second tap.
const TAP_CLICK_MS: f64 = 400.0;
/// A second Click within this time on the field of a clicked label is the browser's own.
const LABEL_CLICK_MS: f64 = 50.0;
/// Two clicks this close in time and place are a double click, also when the target was drawn anew between.
const DOUBLE_MS: f64 = 400.0;
/// See [`DOUBLE_MS`]; CSS pixels.
const DOUBLE_PX: f64 = 3.0;
/// A DoubleClick event this soon after a click is of that click.
const DOUBLE_EVENT_MS: f64 = 600.0;

/// A recorder tells one press by two events within this time.
const TOLD_MS: f64 = 100.0;
/// Clicks into a field that mark text: a word, a line, all of it.
const MARKING_CLICKS_MAX: u32 = 4;
/// A burst of clicks is one of rage when at least one in so many of them was not answered before the next.
const UNANSWERED_SHARE: u32 = 3;

/// A click of any kind.
struct Click {
    kind: MomentKind,
    at: f64,
    /// The rrweb id of what was hit.
    hit: u32,
    x: f64,
    y: f64,
    /// What it means.
    what: Option<Described>,
    /// By mouse, pen or finger; not by the keyboard.
    is_pressed: bool,
    /// When it was pressed, where that led to another address already.
    led_at: Option<f64>,
}

impl Click {
    /// The rrweb id of what it means.
    fn target(&self) -> u32 {
        self.what.as_ref().map_or(self.hit, |what| what.id)
    }
}

impl Pointer {
    /// A Click event.
    pub(super) fn click(
        &mut self,
        cx: &mut Context<'_, '_>,
        fields: &mut Fields,
        address: &mut Address,
        at: f64,
        id: u32,
        event: &Interaction,
    ) {
        let up = self.up.take();
        if up.as_ref().is_some_and(|(_, down)| self.is_told(down)) {
            return;
        }
        if self.dragged_until.take().is_some_and(|until| at <= until) {
            cx.outcomes.release();
            return;
        }
        if self.is_labels_own(cx.mirror, at, id) {
            return;
        }
        if let Some((_, down)) = &up
            && let Some(action) = set_by_press(cx, down)
        {
            cx.log.draft_mut(action).end = at;
            cx.outcomes.release();
            return;
        }
        let touched = event.pointer == 2 || self.touched_before(at);
        let by_pointer = up.is_some() || touched;
        let is_pressed = by_pointer || self.presses == 0;
        let led_at = up.as_ref().and_then(|(_, down)| down.answered_at.map(|_| down.at));
        let what = match up {
            // Released over something else, the browser clicks what holds both (UI Events, section 3.4.3); the
            // person meant what was pressed.
            Some((_, down)) if down.what.is_some() && is_or_holds(cx.mirror, id, down.id) => down.what,
            Some((_, down)) => describe_pointed(cx.mirror, id).or(down.what),
            None => describe_pointed(cx.mirror, id),
        };
        if !by_pointer && entered(cx, at, what.as_ref()) {
            return;
        }
        if !is_pressed && !fields.has_focus(id, what.as_ref()) {
            // Enter in a field makes the browser click the form's button; else a script clicked.
            if let Some(what) = what.filter(|what| what.target.role == "button") {
                pressed_enter(cx, at, what);
            }
            return;
        }
        let is_key = !is_pressed && (event.x, event.y) == (0.0, 0.0);
        let kind = if touched { MomentKind::Touch } else { MomentKind::Click };
        let click = Click { kind, at, hit: id, x: event.x, y: event.y, what, is_pressed, led_at };
        self.push_click(cx, fields, address, click);
        if is_key
            && let Some(last) = &self.last_click
            && last.at == at
        {
            cx.log.draft_mut(last.action).note.get_or_insert(Note::ByKeyboard);
        }
    }

    /// The click that a browser sends to the field of a clicked label.
    fn is_labels_own(&self, mirror: &Mirror, at: f64, id: u32) -> bool {
        let Some(last) = &self.last_click else { return false };
        at - last.at <= LABEL_CLICK_MS && id != last.hit && {
            let hit = mirror
                .by_id(last.hit)
                .and_then(|nx| mirror.self_and_ancestors(nx).find(|up| mirror.tag(*up) == "label"));
            hit.and_then(|label| labelled_field(mirror, label)).is_some_and(|field| mirror.node(field).id == id)
        }
    }

    fn push_click(&mut self, cx: &mut Context<'_, '_>, fields: &mut Fields, address: &mut Address, click: Click) {
        if self.repeats_last(cx, &click) {
            self.repeat(cx, &click);
            return;
        }
        let target = click.target();
        let Click { kind, at, hit, x, y, what, led_at, .. } = click;
        let mut draft = cx.draft(kind, at);
        draft.aim(what);
        draft.node = target;
        draft.hit = hit;
        let says = |target: &Target| target.name.as_deref().is_some_and(|name| name.contains("new tab"));
        if opens_new_tab(cx.mirror, target) && !draft.target.as_ref().is_some_and(says) {
            draft.note = Some(Note::OpensNewTab);
        }
        fields.end_typing(cx);
        let action = cx.act(draft);
        if let Some(pressed) = led_at {
            cx.log.draft_mut(action).at = pressed;
        }
        let options = cx.log.options;
        let before = self.last_click.as_ref().filter(|last| {
            at - last.at < options.rage_gap_ms && (x - last.x).hypot(y - last.y) <= options.rage_radius_px
        });
        let burst = before.map_or(0, |last| last.burst) + 1;
        self.last_click = Some(LastClick { action, at, hit, target, x, y, is_inferred: false, burst, unanswered: 0 });
        address.jumped(cx, at, action);
    }

    /// True when a click repeats the last one: the same thing at the same place, shortly after.
    fn repeats_last(&self, cx: &Context<'_, '_>, click: &Click) -> bool {
        let Some(last) = self.last_click.as_ref().filter(|last| cx.log.last_action == Some(last.action)) else {
            return false;
        };
        let draft = cx.log.draft(last.action);
        let (gap, distance) = (click.at - last.at, (click.x - last.x).hypot(click.y - last.y));
        if last.target != click.target() {
            return gap < DOUBLE_MS && distance <= DOUBLE_PX && draft.count == 1 && draft.kind == MomentKind::Click;
        }
        // A row that was filled anew is another thing, and a second double click another act.
        let name = |target: &Target| target.name.clone().or(target.text.clone());
        let what = click.what.as_ref();
        let same = draft.target.as_ref().map(name) == what.map(|what| name(&what.target)) || gap < DOUBLE_MS;
        let options = cx.log.options;
        same && gap < options.rage_gap_ms
            && distance <= options.rage_radius_px
            && (draft.kind != MomentKind::DoubleClick || gap < DOUBLE_MS)
    }

    /// Counts a click with the last one.
    fn repeat(&mut self, cx: &mut Context<'_, '_>, click: &Click) {
        let at = click.at;
        cx.active(at);
        let reply = cx.outcomes.click_again(at);
        let rage_clicks = cx.log.options.rage_clicks;
        let Some(last) = self.last_click.as_mut() else { return };
        let draft = cx.log.draft_mut(last.action);
        let role = draft.target.as_ref().map_or("", |target| target.role.as_str());
        // What is no control, such as a picture, marks what was clicked. That is what a click there is not about.
        let expected = if is_widget(role) { Reply::Changed } else { Reply::Told };
        (last.at, last.hit, last.burst) = (at, click.hit, last.burst + 1);
        last.unanswered += u32::from(reply < expected);
        // Clicks that mark text do what they are for. What is marked inside of a field, no event tells.
        let marks =
            self.selected_at >= draft.at && !is_widget(role) || takes_text(role) && last.burst <= MARKING_CLICKS_MAX;
        draft.end = at;
        draft.node = last.target;
        match draft.kind {
            MomentKind::DoubleClick => (draft.kind, draft.count) = (click.kind, draft.count.max(2) + 1),
            _ => draft.count += 1,
        }
        // One who is answered each time is counting up, not angry.
        let is_ignored = last.unanswered * UNANSWERED_SHARE >= draft.count - 1;
        draft.signals.retain(|signal| *signal != Signal::RageClick);
        if click.is_pressed && draft.count >= rage_clicks && is_ignored && !marks {
            draft.signal(Signal::RageClick);
        }
        if marks {
            cx.outcomes.marked_text();
        }
    }

    /// A DoubleClick event.
    pub(super) fn double_click(
        &mut self,
        cx: &mut Context<'_, '_>,
        fields: &mut Fields,
        address: &mut Address,
        at: f64,
        id: u32,
        event: &Interaction,
    ) {
        if let Some(last) = &self.last_click
            && at - last.at < DOUBLE_EVENT_MS
        {
            let draft = cx.log.draft_mut(last.action);
            if draft.count <= 2 {
                (draft.kind, draft.count) = (MomentKind::DoubleClick, 1);
                draft.end = at;
            }
            return;
        }
        let what = describe_pointed(cx.mirror, id);
        let kind = MomentKind::DoubleClick;
        let click = Click { kind, at, hit: id, x: event.x, y: event.y, what, is_pressed: true, led_at: None };
        self.push_click(cx, fields, address, click);
    }

    /// A press whose Click never came is a click to the one who pressed: what was under the pointer moved
    /// or was removed.
    pub(crate) fn settle(&mut self, cx: &mut Context<'_, '_>, fields: &mut Fields, address: &mut Address, now: f64) {
        let Some((at, _)) = self.up.as_ref() else { return };
        let touched = self.touched_before(*at);
        let wait = if touched { TAP_CLICK_MS } else { CLICK_AFTER_UP_MS };
        if now - at <= wait {
            return;
        }
        if let Some((_, down)) = self.up.take()
            && !self.is_told(&down)
            && let Some(what) = down.what
        {
            let kind = if touched { MomentKind::Touch } else { MomentKind::Click };
            let (at, hit, what) = (down.at, down.id, Some(what));
            let click = Click { kind, at, hit, x: down.x, y: down.y, what, is_pressed: true, led_at: None };
            self.push_click(cx, fields, address, click);
            self.inferred(cx, at);
        }
    }

    /// The last click has no Click event. Two of them at one place and in quick succession are a double click,
    /// of which there is no event then either.
    fn inferred(&mut self, cx: &mut Context<'_, '_>, at: f64) {
        let Some(last) = &mut self.last_click else { return };
        let again = std::mem::replace(&mut last.is_inferred, true);
        let draft = cx.log.draft_mut(last.action);
        if again && draft.kind == MomentKind::Click && draft.count == 2 && at - draft.at < DOUBLE_MS {
            (draft.kind, draft.count) = (MomentKind::DoubleClick, 1);
        }
    }
}

impl Pointer {
    /// A press on a disabled control, which Playhead's recorder tells because browsers send no click then.
    pub(crate) fn pressed_disabled(
        &mut self,
        cx: &mut Context<'_, '_>,
        fields: &mut Fields,
        at: f64,
        (x, y): (f64, f64),
        subject: &Subject,
    ) {
        let Some(what) = subject.node.and_then(|id| describe_exact(cx.mirror, id)) else { return };
        let hit = what.id;
        self.disabled = Some((at, x, y));
        let click = Click { kind: MomentKind::Click, at, hit, x, y, what: Some(what), is_pressed: true, led_at: None };
        if self.repeats_last(cx, &click) {
            return self.repeat(cx, &click);
        }
        let mut draft = cx.draft(MomentKind::Click, at);
        draft.aim(click.what);
        draft.call(&subject.named);
        draft.hit = hit;
        fields.end_typing(cx);
        let action = cx.act(draft);
        let (is_inferred, burst, unanswered) = (false, 1, 0);
        self.last_click = Some(LastClick { action, at, hit, target: hit, x, y, is_inferred, burst, unanswered });
    }

    /// True for a press that is told already, as one on a disabled control.
    fn is_told(&self, down: &Press) -> bool {
        let near = |(at, x, y): (f64, f64, f64)| {
            (down.at - at).abs() <= TOLD_MS && (down.x - x).hypot(down.y - y) <= DOUBLE_PX
        };
        self.disabled.is_some_and(near)
    }
}

/// True for the click that a browser makes of Enter on a control or in a field: the key was told, and is what was done.
fn entered(cx: &mut Context<'_, '_>, at: f64, what: Option<&Described>) -> bool {
    let Some(action) = cx.log.last_action_in(cx.no) else { return false };
    let draft = cx.log.draft_mut(action);
    let is_enter = match draft.kind {
        MomentKind::Key => draft.value.as_deref() == Some("Enter"),
        MomentKind::Input => draft.note == Some(Note::PressedEnter),
        _ => false,
    };
    if !is_enter || at - draft.end > TOLD_MS {
        return false;
    }
    draft.end = at;
    if let Some(what) = what {
        draft.href.clone_from(&what.href);
        draft.form = what.form;
    }
    cx.active(at);
    cx.outcomes.go_on(at);
    true
}

/// Enter was pressed in a field: what was typed was sent.
fn pressed_enter(cx: &mut Context<'_, '_>, at: f64, button: Described) {
    let Some(action) = cx.log.last_action_in(cx.no) else { return };
    let draft = cx.log.draft_mut(action);
    if draft.kind != MomentKind::Input {
        return;
    }
    draft.note = Some(Note::PressedEnter);
    draft.end = at;
    draft.href = button.href;
    cx.active(at);
    cx.outcomes.go_on(at);
}

/// True for a field in which several clicks mark a word or a line.
fn takes_text(role: &str) -> bool {
    matches!(role, "textbox" | "searchbox" | "spinbutton")
}

/// True when one node is the other or stands above it.
pub(super) fn is_or_holds(mirror: &Mirror, outer: u32, inner: u32) -> bool {
    outer == inner
        || mirror.by_id(inner).is_some_and(|nx| mirror.self_and_ancestors(nx).any(|up| mirror.node(up).id == outer))
}

/// True for a link whose page comes in a window of its own.
fn opens_new_tab(mirror: &Mirror, id: u32) -> bool {
    mirror.by_id(id).is_some_and(|nx| {
        mirror.tag(nx) == "a"
            && mirror.has(nx, AttrName::Href)
            && mirror.attr(nx, AttrName::Target).is_some_and(|target| target.eq_ignore_ascii_case("_blank"))
    })
}
