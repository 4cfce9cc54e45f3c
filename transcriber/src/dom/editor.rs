//! Editors of text and code: elements that are edited in place, and those that draw their lines themselves beside a hidden
//! field which takes the keys (Monaco, CodeMirror, Ace).
//!
//! In: the mirror and an element. Out: the editor around it, its lines, its text as it was written. Never here: what was
//! typed.

use playhead_schemas::text::is_invisible;

use super::name::is_hidden;
use super::role::editable_host;
use super::{AttrName, Mirror, NodeIndex, NodeKind};

/// Elements around a field that may be its editor.
const LEVELS_MAX: usize = 10;
/// Nodes of an editor that are looked at for its lines, and nodes of a text that are read.
const NODES_MAX: usize = 3000;
/// Classes of editors that draw their lines, and of what holds the lines.
const EDITORS: [&str; 4] = ["monaco-editor", "CodeMirror", "ace_editor", "cm-editor"];
const LINES: [&str; 4] = ["view-lines", "CodeMirror-code", "ace_text-layer", "cm-content"];

fn has_class(mirror: &Mirror, nx: NodeIndex, words: &[&str]) -> bool {
    let class = mirror.attr(nx, AttrName::Class).unwrap_or_default();
    class.split_ascii_whitespace().any(|word| words.contains(&word))
}

/// The editor of code around an element, or itself.
pub(crate) fn code_editor(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    mirror.self_and_ancestors(nx).take(LEVELS_MAX).find(|up| has_class(mirror, *up, &EDITORS))
}

/// The lines that an editor draws for the hidden field which takes its keys.
pub(crate) fn lines_of_field(mirror: &Mirror, field: NodeIndex) -> Option<NodeIndex> {
    if !matches!(mirror.tag(field), "textarea" | "input") && !has_class(mirror, field, &["native-edit-context"]) {
        return None;
    }
    let editor = code_editor(mirror, field)?;
    mirror.subtree(editor).take(NODES_MAX).find(|nx| has_class(mirror, *nx, &LINES))
}

/// The part of the page that typing into an element redraws: its editor, or itself when it is edited in place.
pub(crate) fn redrawn_by_keys(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    code_editor(mirror, nx).or_else(|| editable_host(mirror, nx).then_some(nx))
}

/// The text of an editor as it was written: lines stay lines, and no space comes between the parts of a line.
pub(crate) fn edited_text(mirror: &Mirror, top: NodeIndex, chars_max: usize) -> String {
    let mut out = String::new();
    write(mirror, top, &mut out, chars_max);
    let end = out.trim_end_matches('\n').len();
    out.truncate(end);
    out
}

fn write(mirror: &Mirror, top: NodeIndex, out: &mut String, chars_max: usize) {
    let mut at = Some(top);
    let (mut looked, mut chars) = (0, 0);
    while let Some(nx) = at.filter(|_| looked < NODES_MAX && chars < chars_max) {
        looked += 1;
        let is_element = mirror.node(nx).kind == NodeKind::Element;
        let is_seen = nx == top || !is_element || !is_hidden(mirror, nx) && !is_placeholder(mirror, nx);
        let follows_block = mirror.prev(nx).is_some_and(|before| is_block(mirror.tag(before)));
        if nx != top && (is_element && is_seen && is_block(mirror.tag(nx)) || follows_block) {
            line_end(out);
        }
        if is_element && mirror.tag(nx) == "br" && mirror.next(nx).is_some() {
            out.push('\n');
        }
        if mirror.node(nx).kind == NodeKind::Text {
            for c in mirror.text(nx).chars().filter(|c| !is_invisible(*c)).take(chars_max.saturating_sub(chars)) {
                out.push(if c == '\u{a0}' { ' ' } else { c });
                chars += 1;
            }
        }
        at = mirror.next_in_subtree(top, nx, is_seen);
    }
}

fn line_end(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

fn is_placeholder(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.attr(nx, AttrName::Class).is_some_and(|class| class.to_ascii_lowercase().contains("placeholder"))
}

fn is_block(tag: &str) -> bool {
    matches!(tag, "div" | "p" | "li" | "pre" | "ul" | "ol" | "blockquote" | "h1" | "h2" | "h3" | "h4" | "tr")
}

/// What came into a text where another stood, and what went: the parts between their common beginning and end.
pub(crate) fn edit<'t>(before: &'t str, now: &'t str) -> (&'t str, &'t str) {
    let head: usize = before.chars().zip(now.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (old, new) = (&before[head..], &now[head..]);
    let tail: usize =
        old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let (came, went) = (&new[..new.len() - tail], &old[..old.len() - tail]);
    if !went.is_empty() || came.is_empty() {
        return (came, went);
    }
    // The same letters before and at the end of what came: it began with a word, as people type.
    let (mut from, mut to) = (head, head + came.len());
    while let (Some(before), Some(last)) = (now[..from].chars().next_back(), now[from..to].chars().next_back())
        && before == last
        && !before.is_whitespace()
    {
        from -= before.len_utf8();
        to -= last.len_utf8();
    }
    (&now[from..to], went)
}
