//! What a user did, in words: the action, its target, what was entered, how often.

use std::fmt::Write;

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Moment, MomentKind, Target};

use super::text::Text;
use super::{phrases, recorder};
use crate::dialects::RecorderNote;
use crate::observe::{Axis, Note};

/// Characters of a selector in a line.
const SELECTOR_CHARS_MAX: usize = 120;

/// How much of an action is told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Characters of a value.
    pub(super) value: usize,
    /// Characters of a target's name, and of what it was dragged onto.
    pub(super) name: usize,
}

impl Limits {
    /// What a line of its own tells.
    pub(super) const LINE: Self = Self { value: 200, name: 80 };
}

/// The action and its target with the selector.
pub(super) fn write_located(out: &mut Text, moment: &Moment, note: Option<&Note>) {
    write(out, moment, note, Limits::LINE);
    let Some(target) = moment.target.as_ref().filter(|_| moment.kind != MomentKind::Scroll) else { return };
    if !target.selector.is_empty() {
        out.push(" ");
        write_selector(out, target);
    }
    write_within(out, target);
}

/// What holds the target, where that is not most of the page: a row, a card, a dialog, a group.
fn write_narrow_within(out: &mut Text, target: &Target) {
    let role = target.within.as_deref().and_then(|within| within.split(' ').next());
    if role.is_some_and(|role| !matches!(role, "form" | "region")) {
        write_within(out, target);
    }
}

/// What holds the target: ` in dialog "Edit order"`.
fn write_within(out: &mut Text, target: &Target) {
    if let Some(within) = &target.within {
        out.push(" in ");
        out.unit(within);
    }
}

/// The action and its target with what holds it, without a selector.
pub(super) fn placed(moment: &Moment, limits: Limits) -> String {
    Text::written(|out| {
        write(out, moment, None, limits);
        if let Some(target) = &moment.target {
            write_narrow_within(out, target);
        }
    })
}

/// The action, its target and its count. A box is told with the question that it answers.
pub(super) fn counted_words(moment: &Moment, limits: Limits) -> String {
    Text::written(|out| {
        write(out, moment, None, limits);
        if let Some(target) = moment.target.as_ref().filter(|_| moment.sets_value() && is_box(moment)) {
            write_narrow_within(out, target);
        }
        write_count(out, moment);
    })
}

/// How often it was done, where that is more than once.
pub(super) fn write_count(out: &mut Text, moment: &Moment) {
    if moment.count > 1 && !is_switched(moment) {
        let _ = write!(out, " x{}", moment.count);
    }
}

/// True for a box or a radio that was set.
fn is_box(moment: &Moment) -> bool {
    let role = moment.target.as_ref().map_or("", |target| target.role.as_str());
    moment.kind == MomentKind::Check || matches!(role, "checkbox" | "radio" | "switch")
}

/// True for a box that was set more than once: each time it is another value.
fn is_switched(moment: &Moment) -> bool {
    let role = moment.target.as_ref().map_or("", |target| target.role.as_str());
    let has_state = matches!(moment.value.as_deref(), Some("on" | "off"));
    moment.count > 1 && has_state && is_box(moment) && role != "radio"
}

/// The state that a box was given: `on`, `on, then off`.
fn write_state(out: &mut Text, moment: &Moment) {
    let now = moment.value.as_deref().unwrap_or_default();
    let other = if now == "on" { "off" } else { "on" };
    let _ = match moment.count {
        _ if !is_switched(moment) => write!(out, " {now}"),
        2 => write!(out, " {other}, then {now}"),
        count => write!(out, " {now} at the end of {count} times"),
    };
}

/// A selector in brackets, and how many elements it matches when that is not one: `[#pay]`, `[button, 3 matches]`.
/// One that is an attribute has its own brackets: `[data-testid="pay"]`.
fn write_selector(out: &mut Text, target: &Target) {
    let css = one_line(&target.selector, SELECTOR_CHARS_MAX);
    let is_attribute = css.starts_with('[') && css.find(']').is_some_and(|end| end + 1 == css.len());
    match (target.matches, is_attribute) {
        (1, true) => out.unit(&css),
        (1, false) => out.unit(&format!("[{css}]")),
        (count, true) => {
            out.unit(&css);
            let _ = write!(out, " ({count} matches)");
        }
        (count, false) => out.unit(&format!("[{css}, {count} matches]")),
    }
}

/// The verb of an action, which stands before everything else.
pub(super) fn verb(moment: &Moment) -> &'static str {
    match moment.kind {
        MomentKind::Click | MomentKind::Touch if moment.value.is_some() => "set",
        MomentKind::Input if slides(moment) => "set",
        MomentKind::Input if takes_file(moment) => "choose file",
        MomentKind::Click => "click",
        MomentKind::DoubleClick => "double click",
        MomentKind::ContextMenu => "open context menu on",
        MomentKind::Input => "type",
        MomentKind::Select => "choose",
        MomentKind::Check => "set",
        MomentKind::Scroll => "scroll",
        MomentKind::Drag => "drag",
        MomentKind::Touch => "tap",
        MomentKind::Media => "media",
        MomentKind::Key => "press",
        MomentKind::ValueSet => "value set",
        kind => kind.as_str(),
    }
}

fn slides(moment: &Moment) -> bool {
    moment.target.as_ref().is_some_and(|target| target.role == "slider")
}

fn takes_file(moment: &Moment) -> bool {
    moment.target.as_ref().is_some_and(|target| target.tag == "input" && target.role == "button")
}

/// The action and its target.
pub(super) fn write(out: &mut Text, moment: &Moment, note: Option<&Note>, limits: Limits) {
    let value = moment.value.as_deref();
    out.push(verb(moment));
    match moment.kind {
        MomentKind::Input if slides(moment) => {
            write_target(out, " ", moment.target.as_ref(), limits);
            write_value(out, " to ", value.unwrap_or_default(), limits);
        }
        MomentKind::Input | MomentKind::Select | MomentKind::ValueSet => write_entry(out, moment, limits),
        MomentKind::Key => {
            let _ = write!(out, " {}", one_line(value.unwrap_or("a key"), limits.value));
            if moment.target.is_some() {
                write_target(out, " on ", moment.target.as_ref(), limits);
            }
        }
        MomentKind::Check | MomentKind::Click | MomentKind::Touch if value.is_some() => {
            write_target(out, " ", moment.target.as_ref(), limits);
            write_state(out, moment);
        }
        MomentKind::Scroll if moment.target.is_none() => out.push(" page"),
        _ => {
            write_target(out, " ", moment.target.as_ref(), limits);
            out.push(if moment.masked { " (masked)" } else { "" });
        }
    }
    match (note, &moment.note) {
        (Some(note), _) => write_note(out, note, limits),
        (None, Some(words)) => out.push(&one_line_after_space(words, limits.name + 24)),
        (None, None) => {}
    }
    if let Some(to) = value.filter(|_| moment.kind == MomentKind::Drag) {
        write_value(out, " to ", to, limits);
    }
}

/// A note is told with the space before it.
fn one_line_after_space(words: &str, chars_max: usize) -> String {
    format!(" {}", one_line(words, chars_max))
}

fn write_target(out: &mut Text, before: &str, target: Option<&Target>, limits: Limits) {
    out.push(before);
    phrases::write_target(out, target, limits.name);
}

/// What was typed or chosen, and where.
fn write_entry(out: &mut Text, moment: &Moment, limits: Limits) {
    match moment.value.as_deref() {
        Some(value) if moment.masked => {
            let _ = write!(out, " {}", phrases::masked(value));
        }
        Some(value) => write_value(out, " ", value, limits),
        None => {}
    }
    let before = match moment.kind {
        MomentKind::Input if takes_file(moment) => " for ",
        MomentKind::Input => " into ",
        _ => " in ",
    };
    // The text of what is edited in place is what was typed, not a name.
    let is_own_text =
        |target: &&Target| moment.kind == MomentKind::Input && target.name.is_none() && target.role == "textbox";
    match moment.target.as_ref().filter(is_own_text) {
        Some(target) => write_target(out, before, Some(&Target { text: None, ..target.clone() }), limits),
        None => write_target(out, before, moment.target.as_ref(), limits),
    }
}

fn write_value(out: &mut Text, before: &str, value: &str, limits: Limits) {
    out.push(before);
    out.quote(&one_line(value, limits.value));
}

/// What a note says of an action or a page, in words; nothing where only its line needs it.
pub(crate) fn note_words(kind: MomentKind, note: &Note) -> Option<String> {
    let words = || Text::written(|out| write_note(out, note, Limits::LINE)).trim_start().to_owned();
    (kind.is_action() || kind.is_page()).then(words)
}

pub(super) fn write_note(out: &mut Text, note: &Note, limits: Limits) {
    let _ = match note {
        Note::Reloaded => write!(out, " again"),
        Note::OpensNewTab => write!(out, " (opens a new tab)"),
        Note::PressedEnter => write!(out, " and press Enter"),
        Note::Cleared => write!(out, " then cleared"),
        Note::EmptiedByPage => write!(out, " then emptied by the page"),
        Note::Sent => write!(out, " and send it"),
        Note::DraggedOnto { role, name } => {
            let _ = write!(out, " onto {role} ");
            out.quote(&one_line(name, limits.value));
            Ok(())
        }
        Note::Was(value) => {
            out.push(" (was ");
            out.quote(&one_line(value, limits.value));
            out.push(")");
            Ok(())
        }
        Note::ByKeyboard => write!(out, " by the keyboard"),
        Note::Recorder(RecorderNote::FileChooser(chooser)) => write!(out, " ({})", recorder::chosen(chooser)),
        Note::Recorder(_) => Ok(()),
        Note::DraggedBy { x, y } => write!(out, " by {x:+.0}, {y:+.0} px"),
        Note::ScrolledTo { axis: Axis::X, px } => write!(out, " to x {px:.0}"),
        Note::ScrolledTo { axis: Axis::Y, px } => write!(out, " to y {px:.0}"),
        Note::Media { action, seconds: Some(seconds) } => write!(out, " {action} at {seconds:.1} s"),
        Note::Media { action, seconds: None } => write!(out, " {action}"),
        Note::Event(text) | Note::Place(text) => write!(out, " {}", one_line(text, limits.value)),
    };
}
