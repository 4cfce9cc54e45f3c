//! Roles: explicit ones, and those that HTML elements imply (HTML-AAM 1.0, section 4).

use playhead_schemas::text::lower;

use super::name::slot_of;
use super::{AttrName, Mirror, NodeIndex, NodeKind};

/// The most nodes of a drawing that is taken as one icon.
const ICON_NODES_MAX: usize = 40;

/// Elements of a slider between its rail and the common ancestor of rail and thumb.
const SLIDER_LEVELS: usize = 4;
/// Nodes that a slider is made of at most.
const SLIDER_NODES_MAX: usize = 24;

/// The ARIA role of an element; `generic` when it has none.
pub(crate) fn role(mirror: &Mirror, nx: NodeIndex) -> &str {
    if let Some(explicit) = mirror.attr(nx, AttrName::Role).and_then(|r| r.split_ascii_whitespace().next())
        && !matches!(explicit, "none" | "presentation")
    {
        return explicit;
    }
    implied(mirror, nx)
}

fn implied(mirror: &Mirror, nx: NodeIndex) -> &str {
    match mirror.tag(nx) {
        "a" | "area" if mirror.has(nx, AttrName::Href) => "link",
        "button" | "summary" => "button",
        "input" => input_role(mirror, nx),
        "textarea" => "textbox",
        "select" if mirror.has(nx, AttrName::Multiple) => "listbox",
        "select" => match mirror.attr(nx, AttrName::Size).and_then(|s| s.parse::<u32>().ok()) {
            Some(size) if size > 1 => "listbox",
            _ => "combobox",
        },
        "option" => "option",
        "optgroup" | "fieldset" | "details" => "group",
        "img" => "img",
        "svg" => "img",
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => "heading",
        "ul" | "ol" | "menu" => "list",
        "li" => "listitem",
        "table" => "table",
        "tr" => "row",
        "td" => "cell",
        "th" => match mirror.attr(nx, AttrName::Scope) {
            Some("row") => "rowheader",
            _ => "columnheader",
        },
        "thead" | "tbody" | "tfoot" => "rowgroup",
        "dialog" => "dialog",
        "nav" => "navigation",
        "main" => "main",
        "header" => "banner",
        "footer" => "contentinfo",
        "aside" => "complementary",
        "article" => "article",
        "section" => "region",
        "form" => "form",
        "search" => "search",
        "label" => "label",
        "progress" => "progressbar",
        "meter" => "meter",
        "output" => "status",
        "p" => "paragraph",
        "hr" => "separator",
        "iframe" => "iframe",
        "canvas" => "canvas",
        "video" => "video",
        "audio" => "audio",
        "html" | "body" => "document",
        _ if editable_host(mirror, nx) => "textbox",
        tag => custom_element_role(tag).unwrap_or("generic"),
    }
}

/// The role of a custom element, whose tag ends with the role in many libraries of web components.
fn custom_element_role(tag: &str) -> Option<&'static str> {
    let (_, last) = tag.rsplit_once('-')?;
    Some(match last {
        "button" => "button",
        "checkbox" => "checkbox",
        "radio" => "radio",
        "switch" => "switch",
        "option" => "option",
        "menuitem" => "menuitem",
        "item" if tag.ends_with("-menu-item") => "menuitem",
        _ => return None,
    })
}

fn input_role(mirror: &Mirror, nx: NodeIndex) -> &'static str {
    match &*lower(mirror.attr(nx, AttrName::Type).unwrap_or("text")) {
        "button" | "submit" | "reset" | "image" | "color" | "file" => "button",
        "checkbox" => "checkbox",
        "radio" => "radio",
        "range" => "slider",
        "number" => "spinbutton",
        "search" => "searchbox",
        _ => "textbox",
    }
}

/// True for an element with `contenteditable`.
pub(crate) fn editable_host(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.attr(nx, AttrName::ContentEditable).is_some_and(|v| v != "false" && v != "inherit")
}

/// Roles whose name comes from what they contain (ARIA 1.2, section 5.2.8.5).
pub(crate) fn named_from_content(role: &str) -> bool {
    matches!(
        role,
        "button"
            | "cell"
            | "checkbox"
            | "columnheader"
            | "gridcell"
            | "heading"
            | "label"
            | "legend"
            | "link"
            | "menuitem"
            | "menuitemcheckbox"
            | "menuitemradio"
            | "option"
            | "radio"
            | "row"
            | "rowheader"
            | "switch"
            | "tab"
            | "tooltip"
            | "treeitem"
    )
}

/// Roles that a person operates.
pub(crate) fn is_widget(role: &str) -> bool {
    matches!(
        role,
        "button"
            | "checkbox"
            | "combobox"
            | "gridcell"
            | "link"
            | "listbox"
            | "menuitem"
            | "menuitemcheckbox"
            | "menuitemradio"
            | "option"
            | "radio"
            | "scrollbar"
            | "searchbox"
            | "slider"
            | "spinbutton"
            | "switch"
            | "tab"
            | "textbox"
            | "treeitem"
    )
}

/// The element that a click on `nx` is meant for: the nearest ancestor that is operated, or the element itself when
/// there is none.
///
/// rrweb records the deepest node. On 14 real recordings 53 of 137 such nodes had no text below them.
pub(crate) fn interactive(mirror: &Mirror, nx: NodeIndex) -> NodeIndex {
    let element = nearest_element(mirror, nx);
    let Some(element) = element else { return nx };
    let mut below = None;
    for up in mirror.self_and_ancestors(element) {
        if mirror.node(up).kind != NodeKind::Element {
            // A click inside a frame is not a click on the frame's element.
            break;
        }
        if is_operated(mirror, up) {
            return up;
        }
        // What is shown in a slot is clicked together with what is around the slot.
        if let Some(control) = below.and_then(|child| operated_around_slot(mirror, up, child)) {
            return control;
        }
        below = Some(up);
    }
    control_of_part(mirror, element, |role| role == "slider")
        .or_else(|| {
            let around = mirror.parent(element)?;
            control_of_part(mirror, around, |role| matches!(role, "checkbox" | "radio" | "switch"))
        })
        .unwrap_or_else(|| outermost_drawing(mirror, element))
}

/// The control of a component in whose slot a child of its host is shown.
fn operated_around_slot(mirror: &Mirror, host: NodeIndex, child: NodeIndex) -> Option<NodeIndex> {
    if !mirror.has_scopes() || mirror.node(child).in_shadow {
        return None;
    }
    let slot = slot_of(mirror, host, child)?;
    mirror.self_and_ancestors(slot).take_while(|up| *up != host).find(|up| is_operated(mirror, *up))
}

/// The control of which an element is a visible part: libraries draw rail and track beside the thumb, which has the
/// role of a slider, and a switch beside a hidden checkbox.
fn control_of_part(mirror: &Mirror, nx: NodeIndex, is_control: impl Fn(&str) -> bool) -> Option<NodeIndex> {
    for up in mirror.self_and_ancestors(nx).take(SLIDER_LEVELS) {
        let tag = mirror.tag(up);
        if mirror.node(up).kind != NodeKind::Element || matches!(tag, "body" | "html" | "svg" | "td" | "tr" | "li") {
            return None;
        }
        let mut inside = mirror.subtree(up).take(SLIDER_NODES_MAX + 1);
        let (mut nodes, mut found) = (0, None);
        for node in inside.by_ref() {
            nodes += 1;
            // Numbers belong to the slider's scale, other words do not belong to it.
            if mirror.text(node).chars().any(char::is_alphabetic) {
                return None;
            }
            if mirror.node(node).kind == NodeKind::Element && is_control(role(mirror, node)) {
                if found.is_some() {
                    return None;
                }
                found = Some(node);
            }
        }
        if nodes > SLIDER_NODES_MAX {
            return None;
        }
        if found.is_some() {
            return found;
        }
    }
    None
}

/// The node itself when it is an element, else the element around it.
pub(crate) fn nearest_element(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    mirror.self_and_ancestors(nx).find(|up| mirror.node(*up).kind == NodeKind::Element)
}

/// True for an element that a person operates.
pub(crate) fn is_operated(mirror: &Mirror, nx: NodeIndex) -> bool {
    let tag = mirror.tag(nx);
    if matches!(tag, "button" | "input" | "select" | "textarea" | "label" | "summary" | "option") {
        return true;
    }
    if matches!(tag, "a" | "area") && (mirror.has(nx, AttrName::Href) || mirror.has(nx, AttrName::TabIndex)) {
        return true;
    }
    if matches!(tag, "body" | "html") {
        return false;
    }
    if mirror.attr(nx, AttrName::Role).is_some_and(is_widget) || editable_host(mirror, nx) {
        return true;
    }
    mirror.has(nx, AttrName::OnClick)
        || custom_element_role(tag).is_some_and(|_| mirror.attr(nx, AttrName::Role).is_none())
}

/// The element that a click on a shape of a drawing is meant for: the icon as a whole, or in a large drawing the
/// nearest group with a name.
fn outermost_drawing(mirror: &Mirror, nx: NodeIndex) -> NodeIndex {
    if !mirror.node(nx).is_svg {
        return nx;
    }
    let Some(drawing) = mirror.self_and_ancestors(nx).find(|up| mirror.tag(*up) == "svg") else { return nx };
    if mirror.subtree(drawing).take(ICON_NODES_MAX + 1).count() <= ICON_NODES_MAX {
        return drawing;
    }
    mirror
        .self_and_ancestors(nx)
        .take_while(|up| *up != drawing)
        .find(|up| {
            mirror.tag(*up) == "g"
                && mirror.subtree(*up).take(ICON_NODES_MAX).any(|node| !mirror.text(node).trim().is_empty())
        })
        .unwrap_or(nx)
}
