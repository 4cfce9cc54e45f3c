//! Text that is typed, options that are chosen, boxes that are set.
//!
//! rrweb writes an Input event for each change of a field, by the user or by a script, and for each
//! radio that another one unset. Only changes of a field that the user is at count as the user's.

mod choice;
mod typing;
mod users;

use playhead_json::{Cursor, Read};
use playhead_schemas::text::prefix;
use playhead_schemas::timeline::MomentKind;

use super::draft::DraftIndex;
use super::outcome::FieldSet;
use super::pointer::Pointer;
use super::target::{Described, describe};
use super::window::Context;
use crate::dom::editor::lines_of_field;
use crate::dom::name::is_masked;
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, NodeIndex};
use crate::scrub::clean_text;
pub(crate) use choice::option_text;
use choice::{HeldChoice, set_by_page};
use typing::Typing;
use users::answers_request;

/// Characters of a value that are kept.
const VALUE_CHARS_MAX: usize = 500;
/// A click on a box, radio or list belongs to the change that follows it within this time.
const CLICK_TO_CHANGE_MS: f64 = 1000.0;
/// What a page enters in answer to a click is there by then; nobody clicks and types a letter so fast.
const CLICK_TO_FILLING_MS: f64 = 150.0;
/// Nobody types this soon after a field got the focus.
const FOCUS_TO_TYPING_MS: f64 = 25.0;
/// The focus moves this soon after a click, or for another reason (PostHog: 1 s).
const FOCUS_ANSWER_MS: f64 = 1000.0;

/// The fields of one window: where the focus is, and what is being entered.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    /// The rrweb id of the focused node; 0 for none.
    focus: u32,
    /// When the focus came to where it is, epoch milliseconds.
    focused_at: f64,
    /// The focus is on an element whose id the recorder didn't know.
    focus_unseen: bool,
    /// The rrweb id of the field that was typed into since it got the focus; 0 for none.
    typed_in: u32,
    typing: Option<Typing>,
    /// The editor that has the focus, by rrweb id, and its text when nothing was typed there yet.
    edited: Option<(u32, String)>,
    held_choice: Option<HeldChoice>,
}

impl Fields {
    /// The focus came to the node with this id.
    pub(crate) fn focused(&mut self, cx: &mut Context<'_, '_>, pointer: &Pointer, at: f64, id: u32) {
        if self.focus != id {
            self.focused_at = at;
        }
        self.focus = id;
        self.note_edited(cx);
        self.typed_in = 0;
        self.focus_unseen = false;
        cx.outcomes.answered(pointer, at, FOCUS_ANSWER_MS);
        cx.outcomes.focus_moved(cx.log, pointer, at, id);
    }

    /// The focus came to something that the recorder hadn't seen yet.
    pub(crate) fn focused_unseen(&mut self, at: f64) {
        self.focus = 0;
        self.focus_unseen = true;
        self.focused_at = at;
    }

    /// The node with this id lost the focus.
    pub(crate) fn blurred(&mut self, id: u32) {
        if self.focus == id {
            self.focus = 0;
        }
    }

    /// True when the focus is on the node with this id, or on what that one means.
    pub(crate) fn has_focus(&self, id: u32, what: Option<&Described>) -> bool {
        self.focus != 0 && (self.focus == id || what.is_some_and(|what| what.id == self.focus))
    }

    /// A new document: nothing of it has the focus.
    pub(crate) fn forget_focus(&mut self) {
        self.focus = 0;
    }

    /// The nodes that are remembered.
    pub(crate) fn nodes(&mut self) -> impl Iterator<Item = &mut NodeIndex> {
        let host = self.typing.as_mut().and_then(Typing::host);
        host.into_iter().chain(self.held_choice.as_mut().map(HeldChoice::node))
    }

    /// An Input event.
    pub(crate) fn input(
        &mut self,
        cx: &mut Context<'_, '_>,
        pointer: &Pointer,
        at: f64,
        mut cursor: Cursor<'_>,
    ) -> Read<()> {
        let event = read_input(&mut cursor)?;
        let Some(nx) = event.id.and_then(|id| cx.mirror.by_id(id)) else { return Ok(()) };
        let tag = cx.mirror.tag(nx).to_owned();
        let role = role(cx.mirror, nx).to_owned();
        let text = event.text.as_deref().unwrap_or_default();
        match (tag.as_str(), role.as_str()) {
            ("input", "checkbox" | "radio" | "switch") if is_box(cx.mirror, nx) => {
                self.box_set(cx, pointer, at, nx, &event, role == "radio");
            }
            ("input", _) if is_file(cx.mirror, nx) => self.file_chosen(cx, at, nx, text),
            ("select", _) => {
                // Tools that drive a browser choose by a script, too: what the page did shows in the answer that it used.
                let is_pages =
                    event.user != Some(true) && self.focus != cx.mirror.node(nx).id && answers_request(cx, at);
                if is_pages {
                    set_by_page(cx, pointer, at, nx, text, event.user == Some(false));
                } else if self.is_users(pointer, at, cx.mirror.node(nx).id, event.user) {
                    self.selected(cx, at, nx, text);
                } else {
                    let text = event.text.unwrap_or_default();
                    self.selected_unfocused(cx, pointer, at, nx, text);
                    return Ok(());
                }
            }
            _ => self.text_changed(cx, pointer, at, nx, text, event.user),
        }
        if let Some(held) = &mut self.held_choice {
            held.another_changed();
        }
        Ok(())
    }

    fn box_set(
        &mut self,
        cx: &mut Context<'_, '_>,
        pointer: &Pointer,
        at: f64,
        nx: NodeIndex,
        event: &InputEvent,
        is_radio: bool,
    ) {
        let was = cx.mirror.has(nx, AttrName::Checked);
        let id = cx.mirror.node(nx).id;
        cx.mirror.set_checked(nx, event.checked);
        // A radio that another one unset is not something that was done.
        if (event.checked || !is_radio) && self.is_users(pointer, at, id, event.user) {
            self.checked(cx, at, nx, event.checked);
        } else if !is_radio && was != event.checked {
            let value = if event.checked { "on" } else { "off" };
            let set = FieldSet { nx, at, value, shown: value, by_script: event.user == Some(false) };
            cx.outcomes.field_changed(cx.mirror, cx.log, pointer, set);
        }
    }

    fn text_changed(
        &mut self,
        cx: &mut Context<'_, '_>,
        pointer: &Pointer,
        at: f64,
        nx: NodeIndex,
        text: &str,
        user: Option<bool>,
    ) {
        // An editor copies into its hidden field what it likes: what was typed is seen in its lines.
        if lines_of_field(cx.mirror, nx).is_some() {
            cx.mirror.set_value(nx, text);
            return;
        }
        let id = cx.mirror.node(nx).id;
        let at_once = at - self.focused_at < FOCUS_TO_TYPING_MS;
        let unseen = self.focus_unseen && user.is_none();
        if !at_once
            && (unseen || self.is_users(pointer, at, id, user))
            && !self.is_filled(cx, pointer, at, nx, text, unseen)
        {
            self.typed(cx, at, nx, text);
        } else {
            let mut shown = std::borrow::Cow::Borrowed(text);
            if cx.log.secrets.is_secret(cx.no, cx.mirror, nx) && !text.is_empty() {
                cx.log.secrets.note_hidden_field(cx.mirror, nx);
                cx.log.secrets.known.note_secret(text);
                shown = typing::stars(text);
            }
            let set = FieldSet { nx, at, value: text, shown: &shown, by_script: user == Some(false) };
            let has_cause = cx.outcomes.field_changed(cx.mirror, cx.log, pointer, set);
            if at_once && self.focus == id && !has_cause && cx.page.settled(at) {
                value_set(cx, at, nx, text, &shown);
            }
        }
        cx.mirror.set_value(nx, text);
    }
}

/// A field has another value right after it got the focus, and nothing led to that: a script or a tool set it, or the
/// browser filled it in.
fn value_set(cx: &mut Context<'_, '_>, at: f64, nx: NodeIndex, text: &str, shown: &str) {
    if text == cx.mirror.attr(nx, AttrName::Value).unwrap_or_default() {
        return;
    }
    let mut draft = cx.draft(MomentKind::ValueSet, at);
    draft.aim(Some(describe(cx.mirror, nx)));
    draft.masked = is_masked(shown);
    draft.value = Some(typing::clip(&clean_text(prefix(shown, VALUE_CHARS_MAX * 4))));
    cx.push(draft);
}

/// The last action, when it is a click on that element not longer ago than `within_ms`.
fn click_on(cx: &Context<'_, '_>, at: f64, what: &Described, within_ms: f64) -> Option<DraftIndex> {
    let action = cx.log.last_action_in(cx.no)?;
    let draft = cx.log.draft(action);
    let clicked = matches!(draft.kind, MomentKind::Click | MomentKind::Touch | MomentKind::Check);
    (clicked && draft.node == what.id && at - draft.end <= within_ms).then_some(action)
}

#[derive(Default)]
struct InputEvent {
    id: Option<u32>,
    text: Option<String>,
    checked: bool,
    /// Whether a user did it, as far as the recorder says.
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

fn is_box(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror
        .attr(nx, AttrName::Type)
        .is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox") || kind.eq_ignore_ascii_case("radio"))
}

fn is_file(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.attr(nx, AttrName::Type).is_some_and(|kind| kind.eq_ignore_ascii_case("file"))
}
