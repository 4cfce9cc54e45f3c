//! Accessible names (accname 1.2, section 4.3.2), computed over the mirror.
//!
//! In: the mirror and an element. Out: its name. Never here: what style sheets hide or generate, which is not known;
//! inline styles, `hidden` and `aria-hidden` are.

use playhead_schemas::text::{lower, one_line};

use super::role::{named_from_content, role};
use super::{AttrName, Mirror, NodeIndex, NodeKind};

/// Longest name, in characters.
pub(crate) const NAME_CHARS_MAX: usize = 120;
/// Nodes that are visited for one name.
const NODES_MAX: usize = 2_000;
/// How deep slots are shown in slots.
const SLOTS_MAX: usize = 4;
/// Children of a host that are shown in one slot.
const SLOTTED_MAX: usize = 50;
/// Nodes of a shadow root that are looked at for a slot.
const SHADOW_NODES_MAX: usize = 200;

/// The accessible name of an element; `None` when it has none.
pub(crate) fn name(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let found = by_reference(mirror, nx)
        .or_else(|| attr_text(mirror, nx, AttrName::AriaLabel))
        .or_else(|| native(mirror, nx))
        .or_else(|| from_content(mirror, nx))
        .or_else(|| attr_text(mirror, nx, AttrName::Title))
        .or_else(|| attr_text(mirror, nx, AttrName::Placeholder))
        .or_else(|| attr_text(mirror, nx, AttrName::AriaPlaceholder));
    found.filter(|name| !name.is_empty())
}

/// [`name`] for an element without labels, or whose labels the caller looks up.
pub(crate) fn name_without_labels(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let is_labelled = match mirror.tag(nx) {
        "input" => {
            let kind = mirror.attr(nx, AttrName::Type).unwrap_or_default();
            !["submit", "reset", "button", "image"].iter().any(|button| kind.eq_ignore_ascii_case(button))
        }
        tag => matches!(tag, "select" | "textarea" | "meter" | "progress" | "output" | "button"),
    };
    let own = || if is_labelled { None } else { native(mirror, nx) };
    let found = by_reference(mirror, nx)
        .or_else(|| attr_text(mirror, nx, AttrName::AriaLabel))
        .or_else(own)
        .or_else(|| from_content(mirror, nx))
        .or_else(|| attr_text(mirror, nx, AttrName::Title))
        .or_else(|| attr_text(mirror, nx, AttrName::Placeholder));
    found.filter(|name| !name.is_empty())
}

/// The visible text below an element, on one line; empty when there is none.
pub(crate) fn visible_text(mirror: &Mirror, nx: NodeIndex, chars_max: usize) -> String {
    let mut out = String::with_capacity(chars_max);
    collect(mirror, nx, false, &mut out, chars_max * 4);
    one_line(&out, chars_max)
}

fn attr_text(mirror: &Mirror, nx: NodeIndex, attr: AttrName) -> Option<String> {
    mirror.attr(nx, attr).map(|text| one_line(text, NAME_CHARS_MAX)).filter(|text| !text.is_empty())
}

fn by_reference(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let ids = mirror.attr(nx, AttrName::AriaLabelledBy)?;
    let mut out = String::new();
    for id in ids.split_ascii_whitespace().take(8) {
        let Some(label) = find_by_id(mirror, nx, id) else { continue };
        if let Some(text) = attr_text(mirror, label, AttrName::AriaLabel) {
            out.push_str(&text);
        } else if mirror.attr(label, AttrName::Type).is_some_and(|kind| kind.eq_ignore_ascii_case("password")) {
            continue;
        } else if mirror.tag(label) == "input" {
            out.push_str(mirror.attr(label, AttrName::Value).unwrap_or_default());
        } else {
            collect(mirror, label, true, &mut out, NAME_CHARS_MAX * 4);
        }
        out.push(' ');
    }
    Some(one_line(&out, NAME_CHARS_MAX)).filter(|text| !text.is_empty())
}

/// The element with this id in the same document or shadow root.
pub(crate) fn find_by_id(mirror: &Mirror, near: NodeIndex, id: &str) -> Option<NodeIndex> {
    let scope = scope_of(mirror, near);
    mirror.with_attr(AttrName::Id, id).into_iter().find(|nx| scope_of(mirror, *nx) == scope)
}

/// The document, or the host of the shadow root, in which the ids of a node are unique.
pub(crate) fn scope_of(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    if !mirror.has_scopes() && mirror.node(nx).attached {
        return mirror.root().filter(|root| mirror.node(*root).kind == NodeKind::Document);
    }
    for up in mirror.self_and_ancestors(nx) {
        let node = mirror.node(up);
        if node.kind == NodeKind::Document {
            return Some(up);
        }
        if node.in_shadow {
            return mirror.parent(up);
        }
    }
    None
}

/// The name that HTML gives: labels, `alt`, captions, values of buttons.
fn native(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    match mirror.tag(nx) {
        "input" => {
            let kind = lower(mirror.attr(nx, AttrName::Type).unwrap_or("text"));
            match &*kind {
                "submit" | "reset" | "button" => attr_text(mirror, nx, AttrName::Value).or_else(|| match &*kind {
                    "submit" => Some("Submit".to_owned()),
                    "reset" => Some("Reset".to_owned()),
                    _ => None,
                }),
                "image" => attr_text(mirror, nx, AttrName::Alt).or_else(|| attr_text(mirror, nx, AttrName::Value)),
                _ => labels(mirror, nx),
            }
        }
        "select" | "textarea" | "meter" | "progress" | "output" | "button" => labels(mirror, nx),
        "img" | "area" => attr_text(mirror, nx, AttrName::Alt),
        "svg" => child_text(mirror, nx, "title"),
        "fieldset" => child_text(mirror, nx, "legend"),
        "table" => child_text(mirror, nx, "caption"),
        "figure" => child_text(mirror, nx, "figcaption"),
        "optgroup" | "option" | "track" => attr_text(mirror, nx, AttrName::Label),
        _ => None,
    }
}

/// The texts of the labels of a form field: those that name its id, and the one around it.
fn labels(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let mut out = String::new();
    if let Some(id) = mirror.attr(nx, AttrName::Id).filter(|id| !id.is_empty()) {
        let scope = scope_of(mirror, nx);
        let mut labels = mirror.with_attr(AttrName::For, id);
        labels.retain(|label| mirror.tag(*label) == "label" && scope_of(mirror, *label) == scope);
        for label in labels {
            push_label_text(mirror, label, &mut out);
            out.push(' ');
        }
    }
    if out.trim().is_empty()
        && let Some(label) = mirror.self_and_ancestors(nx).skip(1).take(12).find(|up| mirror.tag(*up) == "label")
        && mirror.attr(label, AttrName::For).is_none_or(|id| mirror.attr(nx, AttrName::Id) == Some(id))
    {
        push_label_text(mirror, label, &mut out);
    }
    Some(one_line(&out, NAME_CHARS_MAX)).filter(|text| !text.is_empty())
}

/// The text of a label: its `aria-label`, or its content.
fn push_label_text(mirror: &Mirror, label: NodeIndex, out: &mut String) {
    match mirror.attr(label, AttrName::AriaLabel).filter(|own| !own.trim().is_empty()) {
        Some(own) => out.push_str(own),
        None => collect(mirror, label, true, out, NAME_CHARS_MAX * 4),
    }
}

/// The field that a label belongs to.
pub(crate) fn labelled_field(mirror: &Mirror, label: NodeIndex) -> Option<NodeIndex> {
    if let Some(id) = mirror.attr(label, AttrName::For) {
        return find_by_id(mirror, label, id);
    }
    mirror
        .subtree(label)
        .take(NODES_MAX)
        .find(|nx| matches!(mirror.tag(*nx), "input" | "select" | "textarea" | "button" | "meter" | "progress"))
}

fn child_text(mirror: &Mirror, nx: NodeIndex, tag: &str) -> Option<String> {
    let child = mirror.children(nx).take(64).find(|child| mirror.tag(*child) == tag)?;
    Some(visible_text(mirror, child, NAME_CHARS_MAX)).filter(|text| !text.is_empty())
}

fn from_content(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    if !named_from_content(role(mirror, nx)) {
        return None;
    }
    let mut out = String::with_capacity(NAME_CHARS_MAX);
    collect(mirror, nx, true, &mut out, NAME_CHARS_MAX * 4);
    Some(one_line(&out, NAME_CHARS_MAX)).filter(|text| !text.is_empty())
}

/// rrweb masks a text by a `*` for each character that is no white space.
pub(crate) fn is_masked(text: &str) -> bool {
    let stars = text.chars().filter(|c| *c == '*').count();
    stars > 0 && text.chars().all(|c| c == '*' || c.is_whitespace() || c == '…')
}

/// True when an element's own attributes hide it.
pub(crate) fn is_hidden(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.node(nx).style_hidden
        || mirror.has(nx, AttrName::Hidden)
        || mirror.attr(nx, AttrName::AriaHidden) == Some("true")
}

/// True when an element or one of its ancestors is hidden.
pub(crate) fn is_out_of_sight(mirror: &Mirror, nx: NodeIndex) -> bool {
    !mirror.node(nx).attached || mirror.self_and_ancestors(nx).any(|up| is_hidden(mirror, up) || is_closed(mirror, up))
}

fn is_closed(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.tag(nx) == "dialog" && !mirror.has(nx, AttrName::Open) && !mirror.has(nx, AttrName::RrOpenMode)
}

/// Appends the text of a subtree. With `names`, embedded elements count by their names: pictures by
/// `alt`, elements by `aria-label`, drawings by their title (accname 1.2, steps 2C to 2H).
fn collect(mirror: &Mirror, top: NodeIndex, names: bool, out: &mut String, bytes_max: usize) {
    collect_at(mirror, top, names, out, bytes_max, 0);
}

fn collect_at(mirror: &Mirror, top: NodeIndex, names: bool, out: &mut String, bytes_max: usize, slots: usize) {
    let mut at = Some(top);
    let mut looked = 0;
    while let Some(nx) = at {
        looked += 1;
        if out.len() >= bytes_max || looked > NODES_MAX {
            return;
        }
        let mut into = visit(mirror, top, nx, names, out);
        if slots < SLOTS_MAX && mirror.tag(nx) == "slot" {
            for content in slotted(mirror, top, nx) {
                into = false;
                collect_at(mirror, content, names, out, bytes_max, slots + 1);
            }
        }
        at = mirror.next_in_subtree(top, nx, into);
    }
}

/// What is shown in a slot of a shadow root: the children of the host that are assigned to it (HTML, section 4.12.4). None
/// when `top` holds them too, so that they are not taken twice.
fn slotted(mirror: &Mirror, top: NodeIndex, slot: NodeIndex) -> Vec<NodeIndex> {
    let host = shadow_host(mirror, slot).filter(|host| !mirror.self_and_ancestors(*host).any(|up| up == top));
    host.map(|host| assigned(mirror, host, slot)).unwrap_or_default()
}

/// The host of the shadow root that a node is in.
fn shadow_host(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    let root = mirror.self_and_ancestors(nx).find(|up| mirror.node(*up).in_shadow)?;
    mirror.parent(root)
}

fn assigned(mirror: &Mirror, host: NodeIndex, slot: NodeIndex) -> Vec<NodeIndex> {
    let name = mirror.attr(slot, AttrName::Name).unwrap_or_default();
    let is_assigned = |nx: &NodeIndex| {
        let wanted = mirror.attr(*nx, AttrName::Slot).unwrap_or_default();
        !mirror.node(*nx).in_shadow && wanted == name
    };
    mirror.children(host).filter(is_assigned).take(SLOTTED_MAX).collect()
}

/// The slot in which a child of a host is shown.
pub(crate) fn slot_of(mirror: &Mirror, host: NodeIndex, child: NodeIndex) -> Option<NodeIndex> {
    let name = mirror.attr(child, AttrName::Slot).unwrap_or_default();
    let is_it =
        |nx: &NodeIndex| mirror.tag(*nx) == "slot" && mirror.attr(*nx, AttrName::Name).unwrap_or_default() == name;
    let roots = mirror.children(host).filter(|nx| mirror.node(*nx).in_shadow).take(SLOTTED_MAX);
    roots.flat_map(|root| mirror.subtree(root).take(SHADOW_NODES_MAX)).find(is_it)
}

/// Takes one node into the text; true when its children come next.
fn visit(mirror: &Mirror, top: NodeIndex, nx: NodeIndex, names: bool, out: &mut String) -> bool {
    if mirror.node(nx).kind == NodeKind::Text {
        out.push_str(mirror.text(nx));
        return false;
    }
    let tag = mirror.tag(nx);
    if matches!(tag, "style" | "script" | "noscript" | "template" | "iframe" | "head" | "select" | "textarea")
        && nx != top
    {
        return false;
    }
    if nx != top && (is_hidden(mirror, nx) || is_closed(mirror, nx)) {
        return false;
    }
    if !is_inline(tag) || stands_apart(mirror, nx, out) {
        out.push(' ');
    }
    if names && nx != top {
        if let Some(label) = mirror.attr(nx, AttrName::AriaLabel).filter(|l| !l.trim().is_empty()) {
            out.push_str(label);
            out.push(' ');
            return false;
        }
        if tag == "img" {
            out.push_str(mirror.attr(nx, AttrName::Alt).unwrap_or_default());
            return false;
        }
        if tag == "input" {
            return false;
        }
    }
    if tag == "svg" {
        if names && let Some(title) = child_text(mirror, nx, "title") {
            out.push_str(&title);
            out.push(' ');
        }
        // The text of a drawing is content, but its title is not shown.
        return mirror.subtree(nx).take(200).any(|n| mirror.tag(n) == "text");
    }
    !(mirror.node(nx).is_svg && matches!(tag, "title" | "desc" | "defs" | "metadata") && nx != top)
}

/// True for an element directly after another one without text between them. Style sheets show a gap between labels and
/// shortcuts, or icons and names, that are written this way, but not between single letters in boxes.
fn stands_apart(mirror: &Mirror, nx: NodeIndex, out: &str) -> bool {
    mirror.prev(nx).is_some_and(|prev| mirror.node(prev).kind == NodeKind::Element)
        && out.chars().rev().take_while(|c| !c.is_whitespace()).nth(1).is_some()
}

/// Elements between whose texts no white space is shown.
fn is_inline(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "em"
            | "font"
            | "i"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tspan"
            | "u"
            | "var"
            | "wbr"
    )
}
