//! What Playhead's own recorder tells that rrweb can't: keys that act, presses on disabled controls, equal values, and what
//! happens outside of the page.
//!
//! In: its facts. Out: moments, and answers to the action that is watched. Never here: requests, lines, addresses.

use playhead_schemas::timeline::MomentKind;

use super::draft::Note;
use super::fields::Fields;
use super::pointer::{LEFT_MS, Pointer};
use super::target::describe_exact;
use super::window::Context;
use crate::dialects::{Chooser, Press, RecorderNote, Subject};
use crate::dom::role::editable_host;
use crate::dom::{AttrName, Mirror, NodeIndex};
use crate::recorded::{Belonging, Belongs};

/// Equal keys that follow each other within this time are one moment.
const KEYS_MS: f64 = 2000.0;
/// A choice of files is written right after the field got another value.
const CHOSEN_MS: f64 = 1000.0;
/// Long tasks below this are common, and no user notices them; from there on an interaction is rated as slow
/// (web.dev/articles/inp).
const LONG_TASK_MS: u64 = 200;
/// Moments that are looked through for what was entered.
const EARLIER_MAX: usize = 200;
/// Letters that edit a text with Control or Command: all, copy, paste, cut, undo, redo.
const EDITING: [&str; 6] = ["a", "c", "v", "x", "z", "y"];

impl Fields {
    /// A key that acts was pressed.
    pub(crate) fn key_pressed(&mut self, cx: &mut Context<'_, '_>, at: f64, press: &Press) {
        let Press { on: Subject { node, named }, key, modifiers } = press;
        let nx = node.and_then(|id| cx.mirror.by_id(id));
        let takes_text = nx.is_some_and(|nx| takes_text(cx.mirror, nx));
        let takes_lines = takes_text && nx.is_some_and(|nx| cx.mirror.tag(nx) != "input");
        let edits = match key.as_str() {
            "Enter" => takes_lines && modifiers.is_empty(),
            "Backspace" | "Delete" | "Home" | "End" => takes_text,
            key if key.starts_with("Arrow") => takes_lines,
            key => takes_text && !modifiers.is_empty() && EDITING.contains(&key),
        };
        if edits {
            return cx.active(at);
        }
        let value = if modifiers.is_empty() { key.clone() } else { format!("{modifiers}+{key}") };
        let id = node.unwrap_or_default();
        let last = cx.log.last_action_in(cx.no).filter(|action| cx.log.draft(*action).node == id);
        if let Some(action) = last {
            let draft = cx.log.draft_mut(action);
            let is_again = draft.kind == MomentKind::Key && draft.value.as_ref() == Some(&value);
            let sends = draft.kind == MomentKind::Input && value == "Enter";
            if sends || is_again && at - draft.end <= KEYS_MS {
                draft.end = at;
                if sends {
                    draft.note = Some(Note::PressedEnter);
                } else {
                    draft.count += 1;
                }
                cx.active(at);
                return cx.outcomes.go_on(at);
            }
        }
        let mut draft = cx.draft(MomentKind::Key, at);
        draft.value = Some(value);
        // Without a focus, keys go to the whole document, which is nothing to be told.
        if nx.is_some_and(|nx| !matches!(cx.mirror.tag(nx), "html" | "body")) {
            draft.aim(describe_exact(cx.mirror, id));
        }
        draft.call(named);
        draft.masked = false;
        draft.node = id;
        self.end_typing(cx);
        cx.act(draft);
    }
}

impl Context<'_, '_> {
    /// A masked value equals another one, or is the first of its kind.
    pub(crate) fn pseudonym(&mut self, node: u32, same: &str) {
        let no = self.no;
        let recent = self.log.found.drafts.iter().enumerate().rev().take(EARLIER_MAX);
        let entered = recent.filter(|(_, draft)| draft.window == no && draft.node == node && draft.kind.sets_value());
        let Some(action) = entered.map(|(index, _)| index).next() else { return };
        // A pseudonym is no text that a field can hold at the same time.
        let same_as = self.log.first_with_hidden(format!("\0{same}"), action);
        let draft = self.log.draft_mut(action);
        if draft.masked {
            draft.same_as = same_as.filter(|first| *first != action);
        }
    }

    /// Something that changes no document. What the browser shows or does outside of the page answers what was done.
    pub(crate) fn noted(
        &mut self,
        pointer: &Pointer,
        at: f64,
        note: &RecorderNote,
        subject: &Subject,
        by: Option<Belonging>,
    ) {
        let is_outside = is_outside(note);
        if is_outside {
            self.outcomes.answered(pointer, at, LEFT_MS);
        }
        if matches!(note, RecorderNote::LongTask { ms } if *ms < LONG_TASK_MS) {
            return;
        }
        let id = subject.node.unwrap_or_default();
        if matches!(note, RecorderNote::FileChooser(Chooser::Chosen { .. }))
            && let Some(action) = self.log.last_action_in(self.no)
        {
            let draft = self.log.draft_mut(action);
            if draft.kind == MomentKind::Input && draft.node == id && at - draft.end <= CHOSEN_MS {
                draft.note = Some(Note::Recorder(note.clone()));
                return;
            }
        }
        let kind = if is_outside { MomentKind::Browser } else { MomentKind::Custom };
        let mut draft = self.draft(kind, at);
        if let Some(id) = subject.node {
            draft.aim(describe_exact(self.mirror, id));
        }
        draft.call(&subject.named);
        if let RecorderNote::LongTask { ms } = note {
            draft.end = at + *ms as f64;
        }
        draft.note = Some(Note::Recorder(note.clone()));
        draft.belongs = by.map(|action| Belongs { action: Some(action) });
        self.push(draft);
    }
}

fn is_outside(note: &RecorderNote) -> bool {
    match note {
        RecorderNote::Download { .. }
        | RecorderNote::NewTab { .. }
        | RecorderNote::FileChooser(_)
        | RecorderNote::Popover { .. }
        | RecorderNote::Print { .. }
        | RecorderNote::Clipboard(_) => true,
        RecorderNote::LongTask { .. }
        | RecorderNote::SocketMessage { .. }
        | RecorderNote::Report { .. }
        | RecorderNote::User { .. }
        | RecorderNote::Metadata(_)
        | RecorderNote::ClockSetBack { .. }
        | RecorderNote::Lost { .. } => false,
    }
}

/// True for a field of text, or an element that is edited in place.
fn takes_text(mirror: &Mirror, nx: NodeIndex) -> bool {
    match mirror.tag(nx) {
        "textarea" => true,
        "input" => !mirror.attr(nx, AttrName::Type).is_some_and(|kind| {
            ["button", "submit", "reset", "image", "checkbox", "radio", "file", "range", "color"]
                .iter()
                .any(|other| kind.eq_ignore_ascii_case(other))
        }),
        _ => editable_host(mirror, nx),
    }
}
