//! Changes that are no answer to an action: ripples under a pressed button, styles that follow the pointer and the
//! focus, messages that close themselves.

use playhead_schemas::timeline::{MomentKind, OverlayKind};

use super::super::draft::Draft;
use super::attributes::SHOWING;
use super::container;
use super::overlays::kind_by_class;
use crate::dom::apply::Changes;
use crate::dom::role::{is_widget, role};
use crate::dom::tree::Slice;
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

/// How a click was answered before the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reply {
    /// Not at all, or with a complaint.
    #[default]
    None,
    /// Something changed.
    Changed,
    /// The page says something else than before.
    Told,
}

/// How the changes of one mutation answer a click on `target`: not by showing that it was pressed, or is busy.
pub(super) fn reply(
    mirror: &Mirror,
    changes: &Changes,
    target: Option<NodeIndex>,
    noisy: impl Fn(NodeIndex) -> bool,
) -> Reply {
    if is_complaint(mirror, changes) {
        return Reply::None;
    }
    let is_text = |nx: NodeIndex| mirror.node(nx).kind == NodeKind::Text;
    let added = || changes.added.iter().map(|nx| (*nx, container(mirror, *nx))).filter(|(_, up)| !noisy(*up));
    let texts = changes.texts.iter().filter(|(nx, _)| !noisy(container(mirror, *nx)));
    if texts.count() > 0 || added().any(|(nx, _)| is_text(nx)) {
        return Reply::Told;
    }
    let is_own = |nx: NodeIndex| target.is_some_and(|target| mirror.self_and_ancestors(nx).any(|up| up == target));
    let is_elsewhere = |nx: NodeIndex, holder: NodeIndex| !is_own(holder) && !is_ripple(mirror, nx, holder);
    let removed = || changes.removed.iter().zip(&changes.removed_from).filter(|(_, from)| !noisy(**from));
    let tells = |(nx, attr, old): &(NodeIndex, AttrName, Option<Slice>)| {
        let is_pressed =
            matches!(attr, AttrName::Class | AttrName::Disabled | AttrName::AriaDisabled | AttrName::AriaBusy);
        !(noisy(*nx)
            || is_pressed && is_own(*nx)
            || is_cosmetic(mirror, *nx, *attr, old.map_or("", |old| mirror.slice(old))))
    };
    let changed = added().any(|(nx, up)| is_elsewhere(nx, up))
        || removed().any(|(nx, from)| is_elsewhere(*nx, *from))
        || changes.hidden.iter().any(|(nx, _)| !noisy(*nx) && !is_own(*nx))
        || changes.attrs.iter().any(tells);
    if changed { Reply::Changed } else { Reply::None }
}

/// True for changes that complain: an alert that appears, a field that is refused.
fn is_complaint(mirror: &Mirror, changes: &Changes) -> bool {
    let is_alert = |nx: NodeIndex| {
        let node = mirror.node(nx);
        node.kind == NodeKind::Element && node.may_be_landmark && matches!(role(mirror, nx), "alert" | "alertdialog")
    };
    let has_alert = |nx: &NodeIndex| {
        mirror.subtree(*nx).take(MESSAGE_NODES_MAX).any(is_alert)
            || mirror.self_and_ancestors(*nx).skip(1).take(MESSAGE_LEVELS).any(is_alert)
    };
    let is_refused = |(nx, attr): (NodeIndex, AttrName)| {
        attr == AttrName::AriaInvalid && mirror.attr(nx, attr).is_some_and(|value| value != "false")
    };
    changes.added.iter().take(MESSAGE_NODES_MAX).any(has_alert)
        || changes.attrs.iter().any(|(nx, attr, _)| is_refused((*nx, *attr)))
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
