//! Text that is typed, options that are chosen, boxes that are set.
//!
//! rrweb writes an Input event for each change of a field, by the user or by a script, and for each
//! radio that another one unset. Only changes of a field that the user is at count as his.

use playhead_json::{Cursor, Read};
use playhead_schemas::text::{one_line, prefix, visible};
use playhead_schemas::timeline::{Entry, MomentKind};

use super::draft::{Draft, Dx, Note};
use super::pointer::aim;
use super::session::Session;
use super::target::{Described, describe, exact, is_masked};
use crate::dom::apply::Changes;
use crate::dom::name::visible_text;
use crate::dom::role::{editable_host, role};
use crate::dom::{AttrName, Mirror, NodeKind, Nx};
use crate::scrub::clean_text;

/// Characters of a value that are kept.
const VALUE_CHARS_MAX: usize = 500;
/// A click on a box, radio or list belongs to the change that follows it within this time.
const CLICK_TO_CHANGE_MS: f64 = 1000.0;
/// A click into a field belongs to typing that begins within this time: nobody reads in between.
const CLICK_TO_TYPING_MS: f64 = 350.0;

/// A page fills its fields in one go: changes this close together are not a person's.
const FILLING_MS: f64 = 20.0;
/// Nobody types this soon after a field got the focus.
const FOCUS_TO_TYPING_MS: f64 = 25.0;

/// A page fills its fields this soon after what it does so for.
const ANSWER_MS: f64 = 200.0;
/// What a page enters in answer to a click is there by then; nobody clicks and types a letter so fast.
const CLICK_TO_FILLING_MS: f64 = 150.0;
/// rrweb notes what a script enters in a task of its own, right after the mutation that drew the page anew;
/// what a person enters comes before the mutation that answers it.
const DRAWN_MS: f64 = 8.0;
/// A press takes the focus from a field in the same task.
const LEAVING_MS: f64 = 5.0;
/// Levels between an editor's lines and what holds both them and what takes the keys.
const EDITOR_LEVELS_MAX: usize = 6;

/// Characters that one key enters at most, composed ones included.
const TYPED_AT_ONCE: usize = 2;

/// Hidden values that are compared, so that the same one is said to be the same.
const HIDDEN_MAX: usize = 100;
/// Shorter ones are equal by chance.
const HIDDEN_CHARS_MIN: usize = 4;

/// A list that changed while nobody had it in focus.
#[derive(Clone, Debug)]
pub(crate) struct Unfocused {
    at: f64,
    nx: Nx,
    value: String,
    /// Another field changed in the same go.
    filled: bool,
}

/// Typing that goes on.
#[derive(Clone, Debug)]
pub(crate) struct Typing {
    dx: Dx,
    id: u32,
    last: f64,
    /// In-place editing: the value is what the element shows.
    host: Option<Nx>,
    /// Changes as keys make them, and changes of many characters.
    keys: u32,
    at_once: u32,
    /// The value itself, when the moment shows it hidden.
    hidden: Option<String>,
    /// What the field held last.
    text: Option<String>,
}

impl Unfocused {
    pub(crate) fn node(&mut self) -> &mut Nx {
        &mut self.nx
    }
}

impl Typing {
    pub(crate) fn node(&mut self) -> Option<&mut Nx> {
        self.host.as_mut()
    }

    /// True when an element of the page is edited, not a field.
    pub(crate) fn is_in_place(&self) -> bool {
        self.host.is_some()
    }
}

#[derive(Default)]
struct InputEvent {
    id: Option<u32>,
    text: Option<String>,
    checked: bool,
    user: Option<bool>,
}

fn read_input(cursor: &mut Cursor<'_>) -> Read<InputEvent> {
    let mut read = InputEvent::default();
    while let Some(key) = cursor.key()? {
        match key {
            b"id" => read.id = cursor.node_id()?,
            b"text" => read.text = cursor.string_or_skip()?.map(|text| text.text().into_owned()),
            b"isChecked" => read.checked = cursor.is_true()?,
            b"userTriggered" => read.user = Some(cursor.is_true()?),
            _ => {
                cursor.skip()?;
            }
        }
    }
    Ok(read)
}

impl Session<'_> {
    /// An Input event.
    pub(crate) fn input(&mut self, w: usize, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
        let event = read_input(&mut cursor)?;
        let Some(nx) = event.id.and_then(|id| self.windows[w].mirror.by_id(id)) else { return Ok(()) };
        let mirror = &self.windows[w].mirror;
        let id = mirror.node(nx).id;
        let tag = mirror.tag(nx).to_owned();
        let text = event.text.unwrap_or_default();
        let role = role(mirror, nx).to_owned();
        match (tag.as_str(), role.as_str()) {
            ("input", "checkbox" | "radio" | "switch") if is_box(mirror, nx) => {
                let was = mirror.has(nx, AttrName::Checked);
                self.windows[w].mirror.set_checked(nx, event.checked);
                // A radio that another one unset is not something that was done.
                if (event.checked || role != "radio") && self.is_users(w, at, id, event.user) {
                    self.checked(w, at, nx, event.checked);
                } else if role != "radio" && was != event.checked {
                    let state = if event.checked { "on" } else { "off" };
                    self.field_changed(w, at, nx, state, event.user == Some(false));
                }
            }
            ("input", _) if is_file(mirror, nx) => self.chosen(w, at, nx, &text),
            ("select", _) => {
                if self.is_users(w, at, id, event.user) {
                    self.selected(w, at, nx, &text);
                } else {
                    self.selected_unfocused(w, at, nx, text);
                    return Ok(());
                }
            }
            _ => {
                let window = &self.windows[w];
                let at_once = at - window.focused_at < FOCUS_TO_TYPING_MS;
                let unseen = window.focus_unseen && event.user.is_none();
                if !at_once
                    && (unseen || self.is_users(w, at, id, event.user))
                    && !self.is_filled(w, at, nx, &text, unseen)
                {
                    self.typed(w, at, nx, &text);
                } else {
                    self.field_changed(w, at, nx, &text, event.user == Some(false));
                }
                self.windows[w].mirror.set_value(nx, &text);
            }
        }
        if let Some(unfocused) = &mut self.windows[w].unfocused {
            unfocused.filled = true;
        }
        Ok(())
    }

    /// True when the user is at that field: he has the focus there, or has just pressed it or its label.
    fn is_users(&self, w: usize, at: f64, id: u32, recorded: Option<bool>) -> bool {
        if let Some(recorded) = recorded {
            return recorded;
        }
        let window = &self.windows[w];
        if window.focus == id || window.typing.as_ref().is_some_and(|typing| typing.id == id) {
            return true;
        }
        window
            .pointer
            .last()
            .is_some_and(|(hit, target, clicked, _)| at - clicked < CLICK_TO_CHANGE_MS && (hit == id || target == id))
    }

    /// True when a value came at once as a page fills it: a suggestion that was clicked, a field whose
    /// focus nobody saw, one that was drawn anew.
    fn is_filled(&self, w: usize, at: f64, nx: Nx, text: &str, unseen: bool) -> bool {
        let window = &self.windows[w];
        let id = window.mirror.node(nx).id;
        match &window.typing {
            Some(typing)
                if typing.id == id
                    && self.last_action == Some(typing.dx)
                    && at - typing.last < self.options.typing_gap_ms =>
            {
                return false;
            }
            _ => {}
        }
        let before = window.mirror.attr(nx, AttrName::Value).unwrap_or_default();
        if text == before {
            return true;
        }
        // One step of a slider, and one key in a date or colour, may change the whole value.
        let whole = window.mirror.attr(nx, AttrName::Type).is_some_and(is_whole);
        let jumps = whole || inserted(before, text) > TYPED_AT_ONCE;
        let pressing = window.pointer.is_pressing(id);
        let elsewhere = window.pointer.last().filter(|(hit, target, _, _)| *hit != id && *target != id);
        let since = elsewhere.map_or(f64::INFINITY, |(_, _, clicked, _)| at - clicked);
        let answers = since < CLICK_TO_FILLING_MS && window.focused_at < at - since;
        let drawn = at - window.changed_at <= DRAWN_MS && !pressing;
        // A field tells its value once more when it loses the focus (`change`): no key did that.
        let leaves = window.typed_in == id && at - window.pointer.pressed_at() <= LEAVING_MS && !pressing;
        answers || leaves || jumps && (unseen || since < CLICK_TO_CHANGE_MS && !whole || drawn)
    }

    /// Lists are chosen from without a focus event where they are not native or a tool chose. Held back
    /// until it is known that the page didn't fill several fields at once.
    fn selected_unfocused(&mut self, w: usize, at: f64, nx: Nx, value: String) {
        let settled = self.windows[w].page.settled(at) && !self.may_answer(w, at);
        let filled =
            self.windows[w].unfocused.as_ref().is_some_and(|other| other.nx != nx && at - other.at < FILLING_MS);
        self.settle_unfocused(w, at + if filled { 0.0 } else { FILLING_MS });
        self.windows[w].unfocused = Some(Unfocused { at, nx, value, filled: filled || !settled });
    }

    /// True when what a page does to its fields now may answer the last click: soon after it, or with something
    /// else that changed or came in.
    fn may_answer(&self, w: usize, at: f64) -> bool {
        let window = &self.windows[w];
        let since = at - window.pointer.pressed_at();
        let first = self.requests.partition_point(|(start, _)| *start < at - since - CLICK_TO_CHANGE_MS);
        let asked = self.requests[first..].iter().take_while(|(start, _)| *start <= at);
        let answered = asked.into_iter().any(|(_, end)| *end >= at - ANSWER_MS);
        since <= CLICK_TO_FILLING_MS * 2.0
            || since <= CLICK_TO_CHANGE_MS && (answered || at - window.changed_at < ANSWER_MS)
    }

    /// Ends the wait of a held back choice.
    pub(crate) fn settle_unfocused(&mut self, w: usize, now: f64) {
        if self.windows[w].unfocused.as_ref().is_some_and(|held| now - held.at >= FILLING_MS)
            && let Some(held) = self.windows[w].unfocused.take()
            && !held.filled
        {
            self.selected(w, held.at, held.nx, &held.value);
        }
    }

    fn checked(&mut self, w: usize, at: f64, nx: Nx, on: bool) {
        let what = describe(&self.windows[w].mirror, nx);
        let state = if on { "on" } else { "off" };
        if let Some(dx) = self.click_on(w, at, &what, CLICK_TO_CHANGE_MS) {
            // The click is the act, the new state its value. It keeps the name that it had when it was clicked:
            // some boxes are called after what a click would do.
            let draft = &mut self.out.drafts[dx];
            draft.value = Some(state.to_owned());
            draft.end = draft.end.max(at);
            return;
        }
        let mut draft = Draft::new(MomentKind::Check, at, self.windows[w].no);
        draft.value = Some(state.to_owned());
        aim(&mut draft, Some(what));
        self.push_action(w, draft);
    }

    /// A file was chosen: no script can do that. The browser tells a path that is none (HTML, section 4.10.5.1.17).
    fn chosen(&mut self, w: usize, at: f64, nx: Nx, path: &str) {
        let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
        if name.is_empty() {
            return;
        }
        let what = describe(&self.windows[w].mirror, nx);
        let mut draft = Draft::new(MomentKind::Input, at, self.windows[w].no);
        draft.value = Some(clip(&clean_text(name)));
        aim(&mut draft, Some(what));
        draft.masked = is_masked(name);
        self.push_action(w, draft);
    }

    fn selected(&mut self, w: usize, at: f64, nx: Nx, value: &str) {
        let mirror = &self.windows[w].mirror;
        let option = mirror
            .subtree(nx)
            .filter(|node| mirror.tag(*node) == "option")
            .take(2000)
            .find(|option| {
                mirror
                    .attr(*option, AttrName::Value)
                    .map_or_else(|| visible_text(mirror, *option, VALUE_CHARS_MAX) == value, |own| own == value)
            })
            .map(|option| {
                let label = mirror.attr(option, AttrName::Label).map(|label| one_line(label, VALUE_CHARS_MAX));
                label.unwrap_or_else(|| visible_text(mirror, option, VALUE_CHARS_MAX))
            })
            .filter(|text| !text.is_empty());
        let what = describe(mirror, nx);
        let value = option.unwrap_or_else(|| one_line(value, VALUE_CHARS_MAX));
        // Opening the list and choosing from it is one act.
        let opened = self.click_on(w, at, &what, f64::INFINITY);
        let dx = match opened {
            Some(dx) => dx,
            None => {
                let mut draft = Draft::new(MomentKind::Select, at, self.windows[w].no);
                aim(&mut draft, Some(what));
                self.push_action(w, draft)
            }
        };
        let draft = &mut self.out.drafts[dx];
        draft.kind = MomentKind::Select;
        draft.end = draft.end.max(at);
        draft.masked |= is_masked(&value);
        draft.value = Some(value);
    }

    /// The last action, when it is a click on that element not longer ago than `within_ms`.
    fn click_on(&self, w: usize, at: f64, what: &Described, within_ms: f64) -> Option<Dx> {
        let dx = self.last_action?;
        let draft = &self.out.drafts[dx];
        let clicked =
            matches!(draft.kind, MomentKind::Click | MomentKind::Touch | MomentKind::Select | MomentKind::Check);
        (clicked
            && draft.window == self.windows[w].no
            && draft.node == what.id
            && at - draft.end <= within_ms
            && draft.kind != MomentKind::Select)
            .then_some(dx)
    }

    fn typed(&mut self, w: usize, at: f64, nx: Nx, text: &str) {
        let mirror = &self.windows[w].mirror;
        let secret = mirror.attr(nx, AttrName::Type) == Some("password");
        let id = mirror.node(nx).id;
        // While typing goes on, what was last told is what was there: pages write the attribute as they like.
        let known = self.windows[w].typing.as_ref().filter(|typing| typing.id == id).and_then(|on| on.text.as_deref());
        let before = known.or(mirror.attr(nx, AttrName::Value)).unwrap_or_default();
        let (came, is_key) = (inserted(before, text), before.chars().count() != text.chars().count());
        let dx = self.typing_at(w, at, nx, id, None);
        self.windows[w].typed_in = id;
        let shown = if secret && !is_masked(text) {
            "*".repeat(text.chars().count().min(VALUE_CHARS_MAX))
        } else {
            clip(&clean_text(prefix(text, VALUE_CHARS_MAX * 4)))
        };
        let draft = &mut self.out.drafts[dx];
        draft.end = at;
        if text.is_empty()
            && draft.value.as_deref().is_some_and(|before| before.chars().count() > 1)
            && is_cleared(draft)
        {
            // Sent and emptied by the page, or wiped by the user: what was entered is the fact.
            draft.note = Some(Note::Cleared);
            return;
        }
        draft.masked = secret || is_masked(text);
        draft.note = None;
        let is_hidden = !text.is_empty() && !is_masked(text) && (secret || shown != clip(text));
        draft.value = Some(shown);
        if let Some(typing) = &mut self.windows[w].typing {
            typing.text = Some(prefix(text, VALUE_CHARS_MAX * 4).to_owned());
            typing.hidden = is_hidden.then(|| text.to_owned());
            typing.keys += u32::from(came <= TYPED_AT_ONCE && is_key);
            typing.at_once += u32::from(came >= self.options.at_once_chars_min as usize);
            self.out.drafts[dx].entry = match (typing.keys, typing.at_once) {
                (0, 0) => None,
                (_, 0) => Some(Entry::Typed),
                (0, _) => Some(Entry::AtOnce),
                _ => Some(Entry::Mixed),
            };
            // Recorders can be told to keep the last value alone; then nothing can be said of the way to it.
            self.keys_seen |= typing.keys > 1;
        }
    }

    /// The draft of the typing into this element, begun when it isn't the one that goes on.
    fn typing_at(&mut self, w: usize, at: f64, nx: Nx, id: u32, host: Option<Nx>) -> Dx {
        if let Some(typing) = &mut self.windows[w].typing
            && typing.id == id
            && at - typing.last < self.options.typing_gap_ms
            && self.last_action == Some(typing.dx)
        {
            typing.last = at;
            let dx = typing.dx;
            if let Some(watch) = &mut self.windows[w].watch {
                watch.renew(at);
            }
            self.active(w, at);
            return dx;
        }
        self.end_typing(w);
        let what = if host.is_some() {
            describe(&self.windows[w].mirror, nx)
        } else {
            exact(&self.windows[w].mirror, id).unwrap_or_else(|| describe(&self.windows[w].mirror, nx))
        };
        let clicked = self
            .click_on(w, at, &what, CLICK_TO_TYPING_MS)
            .filter(|dx| self.out.drafts[*dx].count == 1 && self.out.drafts[*dx].kind != MomentKind::Check);
        let dx = if let Some(dx) = clicked {
            self.out.drafts[dx].kind = MomentKind::Input;
            self.active(w, at);
            dx
        } else {
            let mut draft = Draft::new(MomentKind::Input, at, self.windows[w].no);
            aim(&mut draft, Some(what));
            draft.masked = false;
            self.push_action(w, draft)
        };
        self.windows[w].typing = Some(Typing { dx, id, last: at, host, keys: 0, at_once: 0, hidden: None, text: None });
        dx
    }

    /// Text that changes inside an element which is edited in place and has the focus was typed there.
    pub(crate) fn typed_in_place(&mut self, w: usize, at: f64, changes: &Changes) {
        let window = &self.windows[w];
        if changes.texts.is_empty() && changes.added.is_empty() && changes.removed.is_empty() {
            return;
        }
        let mirror = &window.mirror;
        let focused = mirror.by_id(window.focus).and_then(|focus| edited(mirror, focus));
        let host = focused.or_else(|| {
            let first = changes.texts.first().map(|(nx, _)| *nx).or(changes.added.first().copied())?;
            edited(mirror, first).filter(|_| window.focus_unseen && at - window.focused_at >= FOCUS_TO_TYPING_MS)
        });
        let Some(host) = host else { return self.typed_beside(w, at, changes) };
        let inside = |nx: Nx| mirror.lineage(nx).take(24).any(|up| up == host);
        // A tool of the editor was clicked, and formats what is there.
        let by_tool = window.pointer.last().is_some_and(|(hit, _, clicked, _)| {
            at - clicked < CLICK_TO_FILLING_MS && mirror.by_id(hit).is_some_and(|hit| !inside(hit))
        });
        if by_tool {
            return;
        }
        let touched = changes.texts.iter().any(|(nx, _)| inside(*nx))
            || changes.added.iter().any(|nx| inside(*nx) && has_text(mirror, *nx));
        if touched {
            let id = mirror.node(host).id;
            self.typing_at(w, at, host, id, Some(host));
        }
    }

    /// Text that is drawn beside the focused element was typed there, when that element takes text and shows
    /// none: Monaco takes keys through an `EditContext`, which fires no input events, and draws lines itself.
    fn typed_beside(&mut self, w: usize, at: f64, changes: &Changes) {
        let window = &self.windows[w];
        let mirror = &window.mirror;
        let Some(focus) = mirror.by_id(window.focus).filter(|nx| takes_keys(mirror, *nx)) else { return };
        if at - window.focused_at < FOCUS_TO_TYPING_MS {
            return;
        }
        let lines = changes.added.iter().filter(|nx| has_text(mirror, **nx)).find_map(|nx| {
            let lines = mirror.parent(*nx)?;
            let near = mirror.lineage(lines).take(EDITOR_LEVELS_MAX).any(|up| Some(up) == mirror.parent(focus));
            (near && mirror.attr(lines, AttrName::Role) == Some("presentation")).then_some(lines)
        });
        if let Some(lines) = lines {
            self.typing_at(w, at, focus, window.focus, Some(lines));
        }
    }

    /// Ends the typing that goes on in a window, if any.
    pub(crate) fn end_typing(&mut self, w: usize) {
        let Some(typing) = self.windows[w].typing.take() else { return };
        if let Some(hidden) = typing.hidden.filter(|hidden| hidden.chars().count() >= HIDDEN_CHARS_MIN) {
            match self.hidden.iter().find(|(value, _)| *value == hidden) {
                Some((_, first)) => self.out.drafts[typing.dx].same_as = Some(*first),
                None if self.hidden.len() < HIDDEN_MAX => self.hidden.push((hidden, typing.dx)),
                None => {}
            }
        }
        let draft = &mut self.out.drafts[typing.dx];
        draft.end = draft.end.max(typing.last);
        if let Some(host) = typing.host {
            let text = visible_text(&self.windows[w].mirror, host, VALUE_CHARS_MAX);
            draft.masked = is_masked(&text);
            draft.value = Some(text);
        }
    }
}

/// How many characters came in one go between what stayed at the start and at the end of a value.
fn inserted(before: &str, now: &str) -> usize {
    let start = before.chars().zip(now.chars()).take_while(|(a, b)| a == b).count();
    let (old, new) = (before.chars().count(), now.chars().count());
    let left = old.min(new) - start;
    let end = before.chars().rev().zip(now.chars().rev()).take(left).take_while(|(a, b)| a == b).count();
    new - start - end
}

fn is_box(mirror: &Mirror, nx: Nx) -> bool {
    mirror
        .attr(nx, AttrName::Type)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox") || kind.eq_ignore_ascii_case("radio"))
}

fn is_file(mirror: &Mirror, nx: Nx) -> bool {
    mirror.attr(nx, AttrName::Type).is_some_and(|kind| kind.eq_ignore_ascii_case("file"))
}

/// Fields whose value isn't typed letter by letter.
fn is_whole(kind: &str) -> bool {
    matches!(kind, "range" | "color" | "date" | "time" | "month" | "week" | "datetime-local")
}

fn is_cleared(draft: &Draft) -> bool {
    draft.kind == MomentKind::Input
}

/// The element that is edited in place at or around a node.
fn edited(mirror: &Mirror, nx: Nx) -> Option<Nx> {
    mirror
        .lineage(nx)
        .take(32)
        .filter(|up| mirror.node(*up).kind == NodeKind::Element)
        .find(|up| editable_host(mirror, *up))
}

/// An element that takes text by its role alone.
fn takes_keys(mirror: &Mirror, nx: Nx) -> bool {
    mirror.attr(nx, AttrName::Role) == Some("textbox")
        && !matches!(mirror.tag(nx), "input" | "textarea")
        && !editable_host(mirror, nx)
}

fn has_text(mirror: &Mirror, nx: Nx) -> bool {
    mirror.subtree(nx).take(20).any(|node| !mirror.text(node).trim().is_empty())
}

/// A value as it is kept: line breaks stay, length is bounded.
fn clip(text: &str) -> String {
    let text = visible(text);
    if text.chars().count() <= VALUE_CHARS_MAX {
        return text.into_owned();
    }
    let mut cut: String = text.chars().take(VALUE_CHARS_MAX - 1).collect();
    cut.push('…');
    cut
}
