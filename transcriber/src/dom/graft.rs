//! Frames over a checkout: the recorder in a frame of another origin does not send its document again when that of the
//! page does.
//!
//! In: the mirror of the snapshot, and the one before. Out: the documents of the frames that the snapshot still has, under
//! the same ids. Never here: documents that were sent again.

use playhead_json::RawStr;

use super::{AttrName, Mirror, NodeIndex, NodeKind};

/// Frames that are carried over.
const FRAMES_MAX: usize = 200;

/// Carries the documents of frames over that `new` has as elements with the ids that they had in `old`, and no document.
pub(crate) fn frames(old: &Mirror, new: &mut Mirror) {
    let is_frame = |mirror: &Mirror, nx: NodeIndex| mirror.tag(nx) == "iframe";
    let frames: Vec<NodeIndex> = new.elements().filter(|nx| is_frame(new, *nx)).take(FRAMES_MAX).collect();
    for frame in frames {
        let Some(known) = old.by_id(new.node(frame).id).filter(|nx| is_frame(old, *nx) && old.node(*nx).attached)
        else {
            continue;
        };
        let document = old.children(known).find(|nx| old.node(*nx).kind == NodeKind::Document);
        if let Some(document) = document.filter(|_| new.first_child(frame).is_none()) {
            copy(old, document, new, frame);
        }
    }
}

/// Copies a subtree below a node. Nodes whose ids are taken are left out, with all below them.
fn copy(old: &Mirror, top: NodeIndex, new: &mut Mirror, parent: NodeIndex) {
    // Nodes of the way down, in both mirrors.
    let mut path: Vec<(NodeIndex, NodeIndex)> = Vec::new();
    let mut at = Some(top);
    while let Some(nx) = at {
        while path.last().is_some_and(|(from, _)| Some(*from) != old.parent(nx)) {
            path.pop();
        }
        let under = if nx == top { Some(parent) } else { path.last().map(|(_, to)| *to) };
        let copied = under.and_then(|under| copy_node(old, nx, new, under));
        if let Some(copied) = copied {
            path.push((nx, copied));
        }
        at = old.next_in_subtree(top, nx, copied.is_some());
    }
}

fn copy_node(old: &Mirror, nx: NodeIndex, new: &mut Mirror, parent: NodeIndex) -> Option<NodeIndex> {
    let node = *old.node(nx);
    if new.by_id(node.id).is_some() {
        return None;
    }
    let raw = |text: &str| -> Vec<u8> { text.as_bytes().to_vec() };
    let copied = new.add()?;
    let to = new.node_mut(copied);
    (to.kind, to.in_shadow, to.is_svg) = (node.kind, node.in_shadow, node.is_svg);
    (to.style_hidden, to.blocked) = (node.style_hidden, node.blocked);
    (to.may_be_landmark, to.has_message_mark) = (node.may_be_landmark, node.has_message_mark);
    let tag = raw(old.tag(nx));
    if !tag.is_empty() {
        new.set_tag(copied, RawStr { bytes: &tag, escaped: false });
    }
    let text = raw(old.text(nx));
    if node.kind == NodeKind::Text {
        new.set_text(copied, RawStr { bytes: &text, escaped: false }, text.len());
    }
    for attr in AttrName::every() {
        if let Some(value) = old.attr(nx, attr).map(raw) {
            new.set_attr(copied, attr, Some(RawStr { bytes: &value, escaped: false }));
        }
    }
    new.set_id(copied, node.id);
    if node.kind == NodeKind::Document || node.in_shadow {
        new.count_scope();
    }
    new.link(copied, parent, None).ok().map(|()| copied)
}
