//! Changes that are no answer to an action: ripples under a pressed button, styles that follow the pointer and the
//! focus, messages that close themselves.

use playhead_schemas::timeline::{MomentKind, OverlayKind};

use super::super::draft::Draft;
use super::attributes::SHOWING;
use super::overlays::kind_by_class;
use crate::dom::role::{is_widget, role};
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};

/// Nodes of a removed tree that are looked through for messages. Larger ones are more than a message.
const MESSAGE_NODES_MAX: usize = 40;
/// Levels of a message around what draws it.
const MESSAGE_LEVELS: usize = 3;

/// The ripple that a library draws where a button is pressed (Material's ripple, Ant Design's wave).
pub(super) fn is_ripple(mirror: &Mirror, nx: NodeIndex, parent: NodeIndex) -> bool {
    let drawn = |nx: NodeIndex| {
        mirror.attr(nx, AttrName::Class).is_some_and(|class| {
            class.split_ascii_whitespace().any(|word| contains_fold(word, "ripple") || word.starts_with("ant-wave"))
        })
    };
    mirror.node(nx).kind == NodeKind::Element && (drawn(nx) || drawn(parent) && mirror.first_child(nx).is_none())
}

/// An attribute that only shows where the pointer and the focus are, or that a message is fading out.
pub(super) fn is_cosmetic(mirror: &Mirror, nx: NodeIndex, attr: AttrName, old: &str) -> bool {
    match attr {
        AttrName::TabIndex => true,
        AttrName::Class => is_hover(mirror, nx, old) || is_fading_message(mirror, nx, old),
        _ => false,
    }
}

fn is_hover(mirror: &Mirror, nx: NodeIndex, old: &str) -> bool {
    let now = mirror.attr(nx, AttrName::Class).unwrap_or_default();
    let lacks = |classes: &str, word: &str| !classes.split_ascii_whitespace().any(|known| known == word);
    let added = now.split_ascii_whitespace().filter(|word| lacks(old, word));
    let removed = old.split_ascii_whitespace().filter(|word| lacks(now, word));
    added.chain(removed).all(|word| ["hover", "focus", "ripple"].iter().any(|state| contains_fold(word, state)))
}

/// True when the classes of a message changed without showing it.
fn is_fading_message(mirror: &Mirror, nx: NodeIndex, old: &str) -> bool {
    let shows = |classes: &str| classes.split_ascii_whitespace().any(|word| SHOWING.contains(&word));
    let comes = mirror.attr(nx, AttrName::Class).is_some_and(shows) && !shows(old);
    !comes && mirror.self_and_ancestors(nx).take(MESSAGE_LEVELS).any(|up| is_message(mirror, up))
}

/// The message in a removed tree that closed itself, as toasts, statuses and tooltips do after a while. A message
/// that holds what was acted on, such as its close button, did not.
pub(super) fn dismisses_itself(mirror: &Mirror, nx: NodeIndex, target: Option<NodeIndex>) -> Option<NodeIndex> {
    if mirror.node(nx).kind != NodeKind::Element {
        return None;
    }
    let message = mirror.subtree(nx).take(MESSAGE_NODES_MAX).find(|node| is_message(mirror, *node))?;
    (!target.is_some_and(|target| mirror.self_and_ancestors(target).any(|up| up == nx))).then_some(message)
}

fn is_message(mirror: &Mirror, nx: NodeIndex) -> bool {
    let node = mirror.node(nx);
    node.kind == NodeKind::Element
        && node.may_be_landmark
        && (matches!(role(mirror, nx), "alert" | "status" | "tooltip")
            || kind_by_class(mirror, nx) == Some(OverlayKind::Alert))
}

/// True for a click on something that is not a control.
pub(crate) fn is_click_on_noncontrol(draft: &Draft) -> bool {
    matches!(draft.kind, MomentKind::Click | MomentKind::Touch)
        && !draft.expects_no_change
        && draft.target.as_ref().is_some_and(|target| {
            !is_widget(&target.role) && !matches!(target.tag.as_str(), "a" | "label" | "summary" | "button" | "option")
        })
}

fn contains_fold(word: &str, part: &str) -> bool {
    word.as_bytes().windows(part.len()).any(|head| head.eq_ignore_ascii_case(part.as_bytes()))
}
