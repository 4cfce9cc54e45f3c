//! Changed attributes: refused fields, disabled and expanded controls, what is shown and hidden.

use playhead_schemas::timeline::{Change, Element, OverlayKind, Subject};

use super::overlays::{ClosedDialogs, by_class, overlay};
use super::{MESSAGE_CHARS_MAX, QUOTE_CHARS_MAX, element, is_element, visibility};
use crate::dom::name::{find_by_id, is_hidden, name, visible_text};
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, NodeIndex};

/// Elements after a field that may hold its message.
const AFTER_MAX: usize = 3;
/// Elements to which one attribute of a field refers.
const REFERRED_MAX: usize = 8;

/// What a changed attribute means, with its weight.
pub(super) fn attribute(mirror: &Mirror, nx: NodeIndex, attr: AttrName, old: Option<&str>) -> Option<(u8, Change)> {
    let now = mirror.attr(nx, attr);
    let on = |value: Option<&str>| value.is_some_and(|v| v != "false");
    let what = || {
        let label = name(mirror, nx).unwrap_or_else(|| visible_text(mirror, nx, QUOTE_CHARS_MAX / 2));
        element(mirror, nx, Some(label))
    };
    let (was, is) = (on(old), on(now));
    match attr {
        AttrName::AriaInvalid if is && !was => {
            Some((0, Change::Invalid { element: what(), message: message_of(mirror, nx) }))
        }
        AttrName::Disabled | AttrName::AriaDisabled if is != was => {
            Some((1, Change::Enabled { element: what(), enabled: !is }))
        }
        AttrName::AriaExpanded if is != was => Some((2, Change::Expanded { element: what(), expanded: is })),
        AttrName::AriaSelected | AttrName::AriaCurrent if is && !was => Some((2, Change::Selected { element: what() })),
        AttrName::AriaPressed | AttrName::AriaChecked if is != was => {
            Some((2, Change::Toggled { element: what(), on: is }))
        }
        AttrName::AriaBusy if is && !was => Some((2, Change::Busy { element: what() })),
        AttrName::Open | AttrName::RrOpenMode if now.is_some() != old.is_some() => {
            Some((0, visibility(opened(what()), now.is_some())))
        }
        AttrName::Hidden if now.is_some() != old.is_some() => shown(mirror, nx, now.is_none()),
        AttrName::AriaHidden if is != was => shown(mirror, nx, !is).filter(|(weight, _)| *weight < 4),
        AttrName::Class => class_change(mirror, nx, old.unwrap_or_default(), now.unwrap_or_default()),
        _ => None,
    }
}

/// An element that has the attribute `open`: a dialog as a rule.
fn opened(element: Element) -> Subject {
    match element.role.as_str() {
        "dialog" => Subject::Overlay { overlay: OverlayKind::Dialog, text: element.name, items: Vec::new() },
        _ => Subject::Element { element },
    }
}

/// When something is shown, a dialog in it that is not open stays out of sight.
fn dialogs(visible: bool) -> ClosedDialogs {
    if visible { ClosedDialogs::Skip } else { ClosedDialogs::Count }
}

fn shown(mirror: &Mirror, nx: NodeIndex, visible: bool) -> Option<(u8, Change)> {
    if let Some(subject) = overlay(mirror, nx, dialogs(visible)) {
        return Some((1, visibility(subject, visible)));
    }
    if let Some((weight, change, true)) = by_class(mirror, nx).filter(|_| visible) {
        return Some((weight, change));
    }
    let text = visible_text(mirror, nx, QUOTE_CHARS_MAX);
    (!text.is_empty()).then(|| (4, visibility(Subject::Text { text }, visible)))
}

/// Classes by which common style sheets show things.
pub(super) const SHOWING: &[&str] = &["show", "open", "is-open", "visible", "is-visible", "is-active"];

/// Classes by which common style sheets mark fields as invalid.
pub(crate) const REFUSING: &[&str] = &["is-invalid", "invalid", "error", "has-error", "is-error"];

/// Classes by which common style sheets show, hide and mark things.
fn class_change(mirror: &Mirror, nx: NodeIndex, old: &str, now: &str) -> Option<(u8, Change)> {
    let has = |classes: &str, wanted: &[&str]| classes.split_ascii_whitespace().any(|word| wanted.contains(&word));
    const HIDING: &[&str] = &["hidden", "d-none", "hide", "is-hidden", "invisible"];
    // Classes of the whole page describe what is open in it.
    if matches!(mirror.tag(nx), "body" | "html") {
        return None;
    }
    if has(now, REFUSING) && !has(old, REFUSING) && matches!(mirror.tag(nx), "input" | "select" | "textarea") {
        let element = element(mirror, nx, name(mirror, nx));
        return Some((0, Change::Invalid { element, message: message_of(mirror, nx) }));
    }
    // Libraries put their own name before it: `ant-dropdown-hidden`, `ag-hidden`.
    let hides =
        |classes: &str| has(classes, HIDING) || classes.split_ascii_whitespace().any(|word| word.ends_with("-hidden"));
    if hides(now) != hides(old) {
        return shown(mirror, nx, !hides(now));
    }
    if has(now, SHOWING) != has(old, SHOWING) {
        let visible = has(now, SHOWING);
        return overlay(mirror, nx, dialogs(visible)).map(|subject| (1, visibility(subject, visible)));
    }
    None
}

/// The message that explains an invalid field: one that the field refers to, else one that stands right after
/// it and looks like one. A field may refer to a help text too, which was there all the time and says nothing of why.
pub(crate) fn message_of(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let text =
        |message: NodeIndex| Some(visible_text(mirror, message, MESSAGE_CHARS_MAX)).filter(|text| !text.is_empty());
    if let Some(message) = referred(mirror, nx, AttrName::AriaErrorMessage).into_iter().find_map(text) {
        return Some(message);
    }
    let described = referred(mirror, nx, AttrName::AriaDescribedBy);
    let beside = || {
        let after = |of: NodeIndex| std::iter::successors(mirror.next(of), |next| mirror.next(*next)).take(AFTER_MAX);
        let around = mirror.parent(nx);
        after(nx).chain(around.into_iter().flat_map(after)).filter(|nx| explains(mirror, *nx)).find_map(text)
    };
    // Of one text alone that says nothing of itself, the reference says that it is the message.
    let alone = || described.iter().copied().filter(|of| described.len() == 1 && !helps(mirror, *of)).find_map(text);
    described.iter().copied().filter(|of| explains(mirror, *of)).find_map(text).or_else(beside).or_else(alone)
}

/// The elements to which an attribute of a field refers.
fn referred(mirror: &Mirror, nx: NodeIndex, attr: AttrName) -> Vec<NodeIndex> {
    let ids = mirror.attr(nx, attr).unwrap_or_default();
    ids.split_ascii_whitespace().take(REFERRED_MAX).filter_map(|id| find_by_id(mirror, nx, id)).collect()
}

/// The words of an element's id and classes.
fn words_of(mirror: &Mirror, nx: NodeIndex) -> impl Iterator<Item = String> + '_ {
    let of = move |attr| mirror.attr(nx, attr).unwrap_or_default();
    let both = [of(AttrName::Class), of(AttrName::Id)];
    both.into_iter().flat_map(|text| text.split(['-', '_', ' ', ':', '.'])).map(str::to_ascii_lowercase)
}

/// True for what is called a help text.
fn helps(mirror: &Mirror, nx: NodeIndex) -> bool {
    let mut words = words_of(mirror, nx);
    words.any(|word| word.starts_with("help"))
}

/// True for what style sheets and libraries call the message of a refused field.
fn explains(mirror: &Mirror, nx: NodeIndex) -> bool {
    if !is_element(mirror, nx) || is_hidden(mirror, nx) {
        return false;
    }
    role(mirror, nx) == "alert"
        || words_of(mirror, nx)
            .any(|word| word.starts_with("error") || matches!(word.as_str(), "invalid" | "feedback" | "danger"))
}
