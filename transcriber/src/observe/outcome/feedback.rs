//! Changes that answer nothing: waves under a pressed button, looks that follow pointer and focus, messages
//! that go by themselves.

use playhead_schemas::timeline::{MomentKind, OverlayKind};

use super::super::draft::Draft;
use super::attributes::SHOWING;
use super::overlays::kind_by_class;
use crate::dom::role::{is_widget, role};
use crate::dom::{AttrName, Mirror, NodeKind, Nx};

/// Nodes of a removed tree that are looked through for messages. Larger ones are more than a message.
const MESSAGE_NODES_MAX: usize = 40;
/// Levels of a message around what draws it.
const MESSAGE_LEVELS: usize = 3;

/// The wave that a library draws where a button is pressed (Material's ripple, Ant Design's wave).
pub(super) fn is_ripple(mirror: &Mirror, nx: Nx, parent: Nx) -> bool {
    let drawn = |nx: Nx| {
        mirror.attr(nx, AttrName::Class).is_some_and(|class| {
            class.split_ascii_whitespace().any(|word| contains_fold(word, "ripple") || word.starts_with("ant-wave"))
        })
    };
    mirror.node(nx).kind == NodeKind::Element && (drawn(nx) || drawn(parent) && mirror.first_child(nx).is_none())
}

/// An attribute that only tells where pointer and focus are, or that a message is on its way out.
pub(super) fn is_look(mirror: &Mirror, nx: Nx, attr: AttrName, old: &str) -> bool {
    match attr {
        AttrName::TabIndex => true,
        AttrName::Class => is_hover(mirror, nx, old) || fades(mirror, nx, old),
        _ => false,
    }
}

fn is_hover(mirror: &Mirror, nx: Nx, old: &str) -> bool {
    let now = mirror.attr(nx, AttrName::Class).unwrap_or_default();
    let lacks = |classes: &str, word: &str| !classes.split_ascii_whitespace().any(|known| known == word);
    let came = now.split_ascii_whitespace().filter(|word| lacks(old, word));
    let went = old.split_ascii_whitespace().filter(|word| lacks(now, word));
    came.chain(went).all(|word| ["hover", "focus", "ripple"].iter().any(|state| contains_fold(word, state)))
}

/// True when the classes of a message changed without showing it.
fn fades(mirror: &Mirror, nx: Nx, old: &str) -> bool {
    let shows = |classes: &str| classes.split_ascii_whitespace().any(|word| SHOWING.contains(&word));
    let comes = mirror.attr(nx, AttrName::Class).is_some_and(shows) && !shows(old);
    !comes && mirror.lineage(nx).take(MESSAGE_LEVELS).any(|up| is_message(mirror, up))
}

/// The message in what went: toasts, statuses and tooltips go by themselves after a while. Not so one that holds
/// what was acted on, as its own close button.
pub(super) fn timed(mirror: &Mirror, nx: Nx, target: Option<Nx>) -> Option<Nx> {
    if mirror.node(nx).kind != NodeKind::Element {
        return None;
    }
    let message = mirror.subtree(nx).take(MESSAGE_NODES_MAX).find(|node| is_message(mirror, *node))?;
    (!target.is_some_and(|target| mirror.lineage(target).any(|up| up == nx))).then_some(message)
}

fn is_message(mirror: &Mirror, nx: Nx) -> bool {
    let node = mirror.node(nx);
    node.kind == NodeKind::Element
        && node.notable
        && (matches!(role(mirror, nx), "alert" | "status" | "tooltip")
            || kind_by_class(mirror, nx) == Some(OverlayKind::Alert))
}

/// True for a click on what nobody would call a control.
pub(crate) fn is_inert(draft: &Draft) -> bool {
    matches!(draft.kind, MomentKind::Click | MomentKind::Touch)
        && !draft.quiet
        && draft.target.as_ref().is_some_and(|target| {
            !is_widget(&target.role) && !matches!(target.tag.as_str(), "a" | "label" | "summary" | "button" | "option")
        })
}

fn contains_fold(word: &str, part: &str) -> bool {
    word.as_bytes().windows(part.len()).any(|head| head.eq_ignore_ascii_case(part.as_bytes()))
}
