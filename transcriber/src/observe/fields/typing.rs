//! Text that is typed into fields, and into elements that are edited in place.

use std::borrow::Cow;

use playhead_schemas::text::{prefix, visible};
use playhead_schemas::timeline::{Entry, MomentKind};

use super::users::{DRAWN_MS, TYPED_AT_ONCE, inserted};
use super::{CLICK_TO_FILLING_MS, FOCUS_TO_TYPING_MS, Fields, VALUE_CHARS_MAX, click_on};
use crate::dom::apply::Changes;
use crate::dom::editor::{edit, edited_text, lines_of_field};
use crate::dom::name::is_masked;
use crate::dom::role::editable_host;
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};
use crate::observe::draft::{DraftIndex, Note};
use crate::observe::pointer::Pointer;
use crate::observe::target::{describe, describe_exact};
use crate::observe::window::Context;
use crate::scrub::clean_text;

/// A click into a field belongs to typing that begins within this time: nobody reads in between.
const CLICK_TO_TYPING_MS: f64 = 350.0;
/// Levels between an editor's lines and what holds both them and what takes the keys.
const EDITOR_LEVELS_MAX: usize = 6;
/// Levels between a text that is edited in place and the element that is edited.
const EDITED_LEVELS_MAX: usize = 24;
/// What was sent stands on the page so soon before or after the field was emptied.
const ECHO_MS: f64 = 400.0;
/// Shorter texts stand on the page by chance.
const ECHO_CHARS_MIN: usize = 2;
/// Added nodes that are looked at for what was sent.
const ECHO_NODES_MAX: usize = 60;
/// A request that sends what was entered begins so soon before the field is emptied.
const SENT_MS: f64 = 100.0;
/// Characters of an editor's text that are read.
const EDITED_CHARS_MAX: usize = 8000;
/// Characters of an edited text that is told whole.
const WHOLE_CHARS_MAX: usize = 100;
/// Nobody replaces more at once: another text is shown.
const REPLACED_CHARS_MAX: usize = 20;
/// Shorter hidden values are equal by chance.
const HIDDEN_CHARS_MIN: usize = 4;

/// Typing that goes on.
#[derive(Clone, Debug)]
pub(super) struct Typing {
    action: DraftIndex,
    pub(super) id: u32,
    last: f64,
    /// In-place editing: the value is what the element shows.
    host: Option<NodeIndex>,
    /// Changes as keys make them, and changes of many characters.
    keys: u32,
    at_once: u32,
    /// The value itself, when the moment shows it hidden.
    hidden: Option<String>,
    /// What the field held last.
    text: Option<String>,
    /// When the field was emptied at once: what is entered next is something else.
    emptied: Option<f64>,
    /// When the page last showed what was entered, outside of the field.
    echoed: f64,
}

impl Typing {
    pub(super) fn host(&mut self) -> Option<&mut NodeIndex> {
        self.host.as_mut()
    }

    /// True when typing into the node with this id continues it.
    pub(super) fn goes_on(&self, cx: &Context<'_, '_>, at: f64, id: u32) -> bool {
        self.id == id
            && self.emptied.is_none()
            && cx.log.last_action == Some(self.action)
            && at - self.last < cx.log.options.typing_gap_ms
    }
}

impl Fields {
    /// True while an element of the page is edited, not a field.
    pub(crate) fn types_in_place(&self) -> bool {
        self.typing.as_ref().is_some_and(|typing| typing.host.is_some())
    }

    /// Forgets the typing that goes on: it was something else.
    pub(crate) fn drop_typing(&mut self) {
        self.typing = None;
    }

    /// Text was entered into a field.
    pub(super) fn typed(&mut self, cx: &mut Context<'_, '_>, at: f64, nx: NodeIndex, text: &str) {
        let secret = cx.log.secrets.is_secret(cx.no, cx.mirror, nx);
        let id = cx.mirror.node(nx).id;
        // While typing goes on, what was last told is what was there: pages write the attribute as they like.
        let known = self.typing.as_ref().filter(|typing| typing.id == id).and_then(|on| on.text.as_deref());
        let before = known.or(cx.mirror.attr(nx, AttrName::Value)).unwrap_or_default();
        let (came, is_key) = (inserted(before, text), before.chars().count() != text.chars().count());
        if text.is_empty() && self.typing.as_ref().is_some_and(|typing| typing.id == id && typing.emptied.is_some()) {
            return;
        }
        let action = self.typing_at(cx, at, nx, id, None);
        self.typed_in = id;
        let shown =
            if secret { stars(text).into_owned() } else { clip(&clean_text(prefix(text, VALUE_CHARS_MAX * 4))) };
        if (secret || is_masked(text)) && self.typing.as_ref().is_some_and(|typing| typing.text.is_none()) {
            cx.log.secrets.note_hidden_field(cx.mirror, nx);
        }
        let draft = cx.log.draft_mut(action);
        draft.end = at;
        if text.is_empty()
            && draft.value.as_deref().is_some_and(|before| before.chars().count() > 1)
            && draft.kind == MomentKind::Input
        {
            // Sent and emptied by the page, or wiped by the user: what was entered is the fact.
            draft.note = Some(Note::Cleared);
            self.emptied(cx, at, action);
            return;
        }
        draft.masked = secret || is_masked(text);
        draft.note = None;
        let is_hidden = !text.is_empty() && !is_masked(text) && (secret || shown != clip(text));
        draft.value = Some(shown);
        let Some(typing) = &mut self.typing else { return };
        typing.text = Some(prefix(text, VALUE_CHARS_MAX * 4).to_owned());
        typing.hidden = is_hidden.then(|| text.to_owned());
        typing.keys += u32::from(came <= TYPED_AT_ONCE && is_key);
        typing.at_once += u32::from(came >= cx.log.options.at_once_chars_min as usize);
        cx.log.draft_mut(action).entry = match (typing.keys, typing.at_once) {
            (0, 0) => None,
            (_, 0) => Some(Entry::Typed),
            (0, _) => Some(Entry::AtOnce),
            _ => Some(Entry::Mixed),
        };
        // Recorders can be told to keep the last value alone; then nothing can be said of the way to it.
        cx.log.keys_seen |= typing.keys > 1;
    }

    /// A field was emptied at once. When the page shows what was in it, or sent a request just before, it did that.
    fn emptied(&mut self, cx: &mut Context<'_, '_>, at: f64, action: DraftIndex) {
        let Some(typing) = &mut self.typing else { return };
        typing.emptied = Some(at);
        typing.text = Some(String::new());
        let requests = cx.log.requests;
        let first = requests.partition_point(|(start, _)| *start < at - SENT_MS);
        let is_sent = requests.get(first).is_some_and(|(start, _)| *start <= at);
        let is_drawn = at - cx.page.changed_at <= DRAWN_MS;
        cx.log.draft_mut(action).note = match () {
            () if at - typing.echoed <= ECHO_MS => Some(Note::Sent),
            () if is_sent || is_drawn => Some(Note::EmptiedByPage),
            () => Some(Note::Cleared),
        };
    }

    /// Notes that the page shows what is being entered, or what was entered until just now: a chat repeats what it sent.
    pub(crate) fn note_echo(&mut self, cx: &mut Context<'_, '_>, at: f64, changes: &Changes) {
        let Some(typing) =
            self.typing.as_mut().filter(|typing| typing.host.is_none() && at - typing.last <= ECHO_MS * 4.0)
        else {
            return;
        };
        let value = cx.log.draft(typing.action).value.as_deref().unwrap_or_default().trim();
        if value.chars().count() < ECHO_CHARS_MIN {
            return;
        }
        let mirror = &*cx.mirror;
        let shows = |nx: &NodeIndex| mirror.subtree(*nx).take(ECHO_NODES_MAX).any(|nx| mirror.text(nx).trim() == value);
        if !changes.added.iter().take(ECHO_NODES_MAX).any(shows) {
            return;
        }
        typing.echoed = at;
        if typing.emptied.is_some_and(|emptied| at - emptied <= ECHO_MS) {
            let action = typing.action;
            cx.log.draft_mut(action).note = Some(Note::Sent);
        }
    }

    /// The draft of the typing into this element, begun when it isn't the one that goes on.
    fn typing_at(
        &mut self,
        cx: &mut Context<'_, '_>,
        at: f64,
        nx: NodeIndex,
        id: u32,
        host: Option<NodeIndex>,
    ) -> DraftIndex {
        if let Some(typing) = &mut self.typing
            && typing.goes_on(cx, at, id)
        {
            typing.last = at;
            cx.outcomes.go_on(at);
            cx.active(at);
            return typing.action;
        }
        self.end_typing(cx);
        let what = if host.is_some() {
            describe(cx.mirror, nx)
        } else {
            describe_exact(cx.mirror, id).unwrap_or_else(|| describe(cx.mirror, nx))
        };
        let is_first = |action: &DraftIndex| {
            let draft = cx.log.draft(*action);
            draft.count == 1 && draft.kind != MomentKind::Check
        };
        let clicked = click_on(cx, at, &what, CLICK_TO_TYPING_MS).filter(is_first);
        let action = if let Some(action) = clicked {
            cx.log.draft_mut(action).kind = MomentKind::Input;
            cx.active(at);
            action
        } else {
            let mut draft = cx.draft(MomentKind::Input, at);
            draft.aim(Some(what));
            draft.masked = false;
            cx.act(draft)
        };
        self.typing = Some(Typing {
            action,
            id,
            last: at,
            host,
            keys: 0,
            at_once: 0,
            hidden: None,
            text: None,
            emptied: None,
            echoed: f64::NEG_INFINITY,
        });
        action
    }

    /// Text that changes inside an element which is edited in place and has the focus was typed there.
    pub(crate) fn typed_in_place(&mut self, cx: &mut Context<'_, '_>, pointer: &Pointer, at: f64, changes: &Changes) {
        if changes.texts.is_empty() && changes.added.is_empty() && changes.removed.is_empty() {
            return;
        }
        let mirror = &*cx.mirror;
        let focused = mirror.by_id(self.focus).and_then(|focus| edited(mirror, focus));
        let host = focused.or_else(|| {
            let first = changes.texts.first().map(|(nx, _)| *nx).or(changes.added.first().copied())?;
            edited(mirror, first).filter(|_| self.focus_unseen && at - self.focused_at >= FOCUS_TO_TYPING_MS)
        });
        let Some(host) = host else { return self.typed_beside(cx, at, changes) };
        let inside = |nx: NodeIndex| mirror.self_and_ancestors(nx).take(EDITED_LEVELS_MAX).any(|up| up == host);
        // A tool of the editor was clicked, and formats what is there.
        let by_tool = pointer.last_click().is_some_and(|click| {
            at - click.at < CLICK_TO_FILLING_MS && mirror.by_id(click.hit).is_some_and(|hit| !inside(hit))
        });
        if by_tool {
            return;
        }
        let touched = changes.texts.iter().any(|(nx, _)| inside(*nx))
            || changes.added.iter().any(|nx| inside(*nx) && has_text(mirror, *nx));
        if touched {
            let id = mirror.node(host).id;
            self.typing_at(cx, at, host, id, Some(host));
        }
    }

    /// Notes the text of the editor that has the focus: what is typed is what differs from it.
    pub(super) fn note_edited(&mut self, cx: &Context<'_, '_>) {
        let mirror = &*cx.mirror;
        let host =
            mirror.by_id(self.focus).and_then(|focus| lines_of_field(mirror, focus).or_else(|| edited(mirror, focus)));
        self.edited = host.map(|host| (mirror.node(host).id, edited_text(mirror, host, EDITED_CHARS_MAX)));
    }

    /// The lines of an editor of code changed while its hidden field had the focus: they were typed, unless they became
    /// others altogether, as when another file is shown or the lines are scrolled.
    fn typed_in_lines(&mut self, cx: &mut Context<'_, '_>, at: f64, lines: NodeIndex, changes: &Changes) {
        let mirror = &*cx.mirror;
        let inside = |nx: NodeIndex| mirror.self_and_ancestors(nx).take(EDITED_LEVELS_MAX).any(|up| up == lines);
        let touched = changes.texts.iter().any(|(nx, _)| inside(*nx)) || changes.added.iter().any(|nx| inside(*nx));
        if !touched {
            return;
        }
        let id = mirror.node(lines).id;
        let now = edited_text(mirror, lines, EDITED_CHARS_MAX);
        let before = match (&self.typing, &self.edited) {
            (Some(typing), _) if typing.host == Some(lines) => typing.text.as_deref(),
            (_, Some((known, text))) if *known == id => Some(text.as_str()),
            _ => None,
        };
        let Some(before) = before else {
            self.edited = Some((id, now));
            return;
        };
        let (came, went) = edit(before, &now);
        if came.is_empty() && went.is_empty() {
            return;
        }
        // All of it became something else at once, or much became much else.
        let (came_chars, went_chars) = (came.chars().count(), went.chars().count());
        let is_all = !before.is_empty() && (went == before || came == now && went_chars > 0);
        if came_chars > REPLACED_CHARS_MAX && (is_all || went_chars > REPLACED_CHARS_MAX) {
            self.end_typing(cx);
            self.edited = Some((id, now));
            return;
        }
        let field = self.focus;
        if let Some(nx) = cx.mirror.by_id(field) {
            self.typing_at(cx, at, nx, field, Some(lines));
            if let Some(typing) = &mut self.typing {
                typing.text = Some(now);
            }
        }
    }

    /// Text that is drawn beside the focused element was typed there, when that element takes text and shows
    /// none: Monaco takes keys through an `EditContext`, which fires no input events, and draws lines itself.
    fn typed_beside(&mut self, cx: &mut Context<'_, '_>, at: f64, changes: &Changes) {
        let mirror = &*cx.mirror;
        if let Some(lines) = mirror.by_id(self.focus).and_then(|focus| lines_of_field(mirror, focus)) {
            return self.typed_in_lines(cx, at, lines, changes);
        }
        let Some(focus) = mirror.by_id(self.focus).filter(|nx| takes_keys(mirror, *nx)) else { return };
        if at - self.focused_at < FOCUS_TO_TYPING_MS {
            return;
        }
        let lines = changes.added.iter().filter(|nx| has_text(mirror, **nx)).find_map(|nx| {
            let lines = mirror.parent(*nx)?;
            let near =
                mirror.self_and_ancestors(lines).take(EDITOR_LEVELS_MAX).any(|up| Some(up) == mirror.parent(focus));
            (near && mirror.attr(lines, AttrName::Role) == Some("presentation")).then_some(lines)
        });
        if let Some(lines) = lines {
            self.typing_at(cx, at, focus, self.focus, Some(lines));
        }
    }

    /// Ends the typing that goes on, if any.
    pub(crate) fn end_typing(&mut self, cx: &mut Context<'_, '_>) {
        let Some(typing) = self.typing.take() else { return };
        if let Some(hidden) = typing.hidden.filter(|hidden| hidden.chars().count() >= HIDDEN_CHARS_MIN) {
            cx.log.secrets.known.note_secret(&hidden);
            let same_as = cx.log.first_with_hidden(hidden, typing.action);
            cx.log.draft_mut(typing.action).same_as = same_as;
        }
        let before = typing.host.and_then(|host| {
            let (known, text) = self.edited.take()?;
            (known == cx.mirror.node(host).id).then_some(text)
        });
        let shown = typing.host.map(|host| {
            let now = edited_text(cx.mirror, host, EDITED_CHARS_MAX);
            // A short text is told whole, as that of a field is.
            let is_long = now.chars().count() > WHOLE_CHARS_MAX;
            let came = before.as_deref().filter(|_| is_long).map(|before| edit(before, &now).0.trim());
            let came = came.filter(|came| !came.is_empty());
            let text = clip(came.unwrap_or(&now));
            if self.focus > 0 {
                self.edited = Some((cx.mirror.node(host).id, now));
            }
            if cx.log.secrets.is_secret(cx.no, cx.mirror, host) { stars(&text).into_owned() } else { text }
        });
        let draft = cx.log.draft_mut(typing.action);
        draft.end = draft.end.max(typing.last);
        if let Some(text) = shown {
            draft.masked = is_masked(&text);
            draft.value = Some(text);
        }
    }
}

/// The element that is edited in place at or around a node.
fn edited(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    mirror
        .self_and_ancestors(nx)
        .take(32)
        .filter(|up| mirror.node(*up).kind == NodeKind::Element)
        .find(|up| editable_host(mirror, *up))
}

/// An element that takes text by its role alone.
fn takes_keys(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.attr(nx, AttrName::Role) == Some("textbox")
        && !matches!(mirror.tag(nx), "input" | "textarea")
        && !editable_host(mirror, nx)
}

fn has_text(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.subtree(nx).take(20).any(|node| !mirror.text(node).trim().is_empty())
}

/// A secret value as it is shown: a star for each character.
pub(crate) fn stars(value: &str) -> Cow<'_, str> {
    if is_masked(value) {
        return Cow::Borrowed(value);
    }
    Cow::Owned("*".repeat(value.chars().count().min(VALUE_CHARS_MAX)))
}

/// A value as it is kept: line breaks stay, length is bounded.
pub(super) fn clip(text: &str) -> String {
    let text = visible(text);
    if text.chars().count() <= VALUE_CHARS_MAX {
        return text.into_owned();
    }
    let mut cut: String = text.chars().take(VALUE_CHARS_MAX - 1).collect();
    cut.push('…');
    cut
}
