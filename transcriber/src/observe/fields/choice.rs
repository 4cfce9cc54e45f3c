//! Boxes that are set, files and options that are chosen.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::MomentKind;

use super::typing::clip;
use super::users::may_answer;
use super::{CLICK_TO_CHANGE_MS, Fields, VALUE_CHARS_MAX, click_on};
use crate::dom::name::{is_masked, visible_text};
use crate::dom::{AttrName, Mirror, NodeIndex};
use crate::observe::contents::chosen;
use crate::observe::draft::{DraftIndex, Note};
use crate::observe::outcome::FieldSet;
use crate::observe::pointer::Pointer;
use crate::observe::target::{Described, describe};
use crate::observe::window::Context;
use crate::scrub::clean_text;

/// A page fills its fields in one go: changes this close together are not a person's.
const FILLING_MS: f64 = 20.0;
/// Arrow keys in a list follow each other within this time.
const KEYS_MS: f64 = 1500.0;
/// Elements between an option and its list.
const OPTION_LEVELS_MAX: usize = 4;
/// Options of one list that are looked through.
const OPTIONS_MAX: usize = 2000;

/// A choice in a list that did not have the focus, held back because it may still turn out to be the page's doing.
#[derive(Clone, Debug)]
pub(super) struct HeldChoice {
    at: f64,
    nx: NodeIndex,
    value: String,
    /// The page made it: another field changed in the same go.
    is_filled: bool,
}

impl HeldChoice {
    pub(super) fn node(&mut self) -> &mut NodeIndex {
        &mut self.nx
    }

    /// Another field changed before this choice was settled.
    pub(super) fn another_changed(&mut self) {
        self.is_filled = true;
    }
}

impl Fields {
    /// Lists are chosen from without a focus event where they are not native or a tool chose. Held back
    /// until it is known that the page didn't fill several fields at once.
    pub(super) fn selected_unfocused(
        &mut self,
        cx: &mut Context<'_, '_>,
        pointer: &Pointer,
        at: f64,
        nx: NodeIndex,
        value: String,
    ) {
        let settled = cx.page.settled(at) && !may_answer(cx, pointer, at);
        let filled = self.held_choice.as_ref().is_some_and(|other| other.nx != nx && at - other.at < FILLING_MS);
        self.settle_choice(cx, at + if filled { 0.0 } else { FILLING_MS });
        self.held_choice = Some(HeldChoice { at, nx, value, is_filled: filled || !settled });
    }

    /// Ends the wait of a held back choice.
    pub(crate) fn settle_choice(&mut self, cx: &mut Context<'_, '_>, now: f64) {
        if self.held_choice.as_ref().is_some_and(|held| now - held.at >= FILLING_MS)
            && let Some(held) = self.held_choice.take()
            && !held.is_filled
        {
            self.selected(cx, held.at, held.nx, &held.value);
        }
    }

    /// A box was set or cleared.
    pub(super) fn checked(&mut self, cx: &mut Context<'_, '_>, at: f64, nx: NodeIndex, on: bool) {
        let what = describe(cx.mirror, nx);
        let state = if on { "on" } else { "off" };
        if let Some(action) = click_on(cx, at, &what, CLICK_TO_CHANGE_MS) {
            // The click is the act, the new state its value. It keeps the name that it had when it was clicked:
            // some boxes are called after what a click would do.
            let draft = cx.log.draft_mut(action);
            draft.value = Some(state.to_owned());
            draft.end = draft.end.max(at);
            return;
        }
        let mut draft = cx.draft(MomentKind::Check, at);
        draft.value = Some(state.to_owned());
        draft.aim(Some(what));
        self.end_typing(cx);
        cx.act(draft);
    }

    /// A file was chosen: no script can do that. The browser gives a path that is none (HTML, section 4.10.5.1.17).
    pub(super) fn file_chosen(&mut self, cx: &mut Context<'_, '_>, at: f64, nx: NodeIndex, path: &str) {
        let name = path.rsplit(['\\', '/']).next().unwrap_or_default();
        if name.is_empty() {
            return;
        }
        let mut draft = cx.draft(MomentKind::Input, at);
        draft.value = Some(clip(&clean_text(name)));
        draft.aim(Some(describe(cx.mirror, nx)));
        draft.masked = is_masked(name);
        cx.act(draft);
    }

    /// An option was chosen.
    pub(super) fn selected(&mut self, cx: &mut Context<'_, '_>, at: f64, nx: NodeIndex, value: &str) {
        let option = option_text(cx.mirror, nx, value);
        let was = chosen(cx.mirror, nx).filter(|was| !is_masked(was));
        cx.mirror.set_value(nx, value);
        let what = describe(cx.mirror, nx);
        let value = option.unwrap_or_else(|| one_line(value, VALUE_CHARS_MAX));
        if self.option_clicked(cx, at, nx, &what, &value) {
            return;
        }
        // Opening the list and choosing from it is one act, and so is going through it with the arrow keys.
        let opened = click_on(cx, at, &what, f64::INFINITY).or_else(|| goes_on(cx, at, &what));
        let action = opened.unwrap_or_else(|| {
            let mut draft = cx.draft(MomentKind::Select, at);
            draft.aim(Some(what));
            self.end_typing(cx);
            cx.act(draft)
        });
        cx.outcomes.go_on(at);
        let draft = cx.log.draft_mut(action);
        draft.kind = MomentKind::Select;
        draft.end = draft.end.max(at);
        draft.masked |= is_masked(&value);
        let is_first = draft.value.is_none();
        if let Some(was) = was.filter(|was| is_first && *was != value) {
            draft.note.get_or_insert(Note::Was(was));
        }
        draft.value = Some(value);
    }
}

impl Fields {
    /// Takes a choice into the click on an option of the list just before; false when there was none. Of a list of which
    /// several options can be chosen the event tells the first one alone, whatever was clicked.
    fn option_clicked(
        &self,
        cx: &mut Context<'_, '_>,
        at: f64,
        list: NodeIndex,
        what: &Described,
        value: &str,
    ) -> bool {
        let Some(action) = cx.log.last_action_in(cx.no) else { return false };
        let draft = cx.log.draft(action);
        let is_click =
            matches!(draft.kind, MomentKind::Click | MomentKind::Touch) && at - draft.end <= CLICK_TO_CHANGE_MS;
        let option = cx.mirror.by_id(draft.node).filter(|nx| cx.mirror.tag(*nx) == "option");
        let is_in_list = |nx: NodeIndex| cx.mirror.self_and_ancestors(nx).take(OPTION_LEVELS_MAX).any(|up| up == list);
        if !is_click || !option.is_some_and(is_in_list) {
            return false;
        }
        let is_clicked = draft.target.as_ref().and_then(|target| target.name.as_deref()) == Some(value);
        if is_clicked {
            let draft = cx.log.draft_mut(action);
            draft.aim(Some(what.clone()));
            (draft.kind, draft.value) = (MomentKind::Select, Some(value.to_owned()));
            draft.end = draft.end.max(at);
        }
        true
    }
}

/// The choice from the same list just before, when nothing was done since: the arrow keys go on.
fn goes_on(cx: &Context<'_, '_>, at: f64, what: &Described) -> Option<DraftIndex> {
    let action = cx.log.last_action_in(cx.no)?;
    let draft = cx.log.draft(action);
    (draft.kind == MomentKind::Select && draft.node == what.id && at - draft.end <= KEYS_MS).then_some(action)
}

/// The page chose from a list.
pub(super) fn set_by_page(
    cx: &mut Context<'_, '_>,
    pointer: &Pointer,
    at: f64,
    nx: NodeIndex,
    value: &str,
    by_script: bool,
) {
    let shown = option_text(cx.mirror, nx, value).unwrap_or_else(|| one_line(value, VALUE_CHARS_MAX));
    cx.outcomes.field_changed(cx.mirror, cx.log, pointer, FieldSet { nx, at, value, shown: &shown, by_script });
    cx.mirror.set_value(nx, value);
}

/// What a list shows for one of its values.
pub(crate) fn option_text(mirror: &Mirror, list: NodeIndex, value: &str) -> Option<String> {
    let mut options = mirror.subtree(list).filter(|node| mirror.tag(*node) == "option").take(OPTIONS_MAX);
    let option = options.find(|option| {
        mirror
            .attr(*option, AttrName::Value)
            .map_or_else(|| visible_text(mirror, *option, VALUE_CHARS_MAX) == value, |own| own == value)
    })?;
    let label = mirror.attr(option, AttrName::Label).map(|label| one_line(label, VALUE_CHARS_MAX));
    let text = label.unwrap_or_else(|| visible_text(mirror, option, VALUE_CHARS_MAX));
    Some(text).filter(|text| !text.is_empty())
}
