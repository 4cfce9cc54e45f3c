//! What a moment was done to: the element that a person means, with name, role, selector and place.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::Target;

use crate::dom::context::within;
use crate::dom::name::{NAME_CHARS_MAX, labelled_field, name, visible_text};
use crate::dom::role::{editable_host, interactive, nearest_element, role};
use crate::dom::selector::selector;
use crate::dom::{AttrName, Mirror, Nx};

/// Characters of a target's visible text.
const TEXT_CHARS_MAX: usize = 80;

/// A described element.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    /// Its rrweb id.
    pub(crate) id: u32,
    pub(crate) target: Target,
    /// The recorder hid its text or value.
    pub(crate) masked: bool,
    /// A click on it is answered outside the page, or by nothing that is recorded.
    pub(crate) quiet: bool,
    /// The address that a link leads to.
    pub(crate) href: Option<Box<str>>,
}

/// Describes what a pointer at the node with this id means.
pub(crate) fn pointed(mirror: &Mirror, id: u32) -> Option<Described> {
    let nx = interactive(mirror, mirror.by_id(id)?);
    if mirror.tag(nx) == "label"
        && let Some(field) = labelled_field(mirror, nx)
        && matches!(role(mirror, field), "checkbox" | "radio" | "switch")
    {
        return Some(describe(mirror, field));
    }
    Some(describe(mirror, nx))
}

/// Describes the element at or around the node with this id, as it is.
pub(crate) fn exact(mirror: &Mirror, id: u32) -> Option<Described> {
    let nx = mirror.by_id(id)?;
    Some(describe(mirror, nearest_element(mirror, nx).unwrap_or(nx)))
}

pub(crate) fn describe(mirror: &Mirror, nx: Nx) -> Described {
    let (selector, matches) =
        if mirror.node(nx).attached { selector(mirror, nx) } else { (mirror.tag(nx).to_owned(), 0) };
    let name = name(mirror, nx).or_else(|| component_name(mirror, nx));
    let text = Some(visible_text(mirror, nx, TEXT_CHARS_MAX)).filter(|t| !t.is_empty() && Some(t) != name.as_ref());
    let masked = is_masked(name.as_deref().or(text.as_deref()).unwrap_or_default());
    let target = Target {
        role: one_line(role(mirror, nx), 40),
        name,
        tag: mirror.tag(nx).to_owned(),
        selector,
        matches,
        text,
        within: within(mirror, nx),
        component: AttrName::COMPONENTS.iter().find_map(|attr| mirror.attr(nx, *attr)).map(|c| one_line(c, 60)),
    };
    Described { id: mirror.node(nx).id, target, masked, quiet: is_quiet(mirror, nx), href: href(mirror, nx) }
}

/// Where a link leads, or the one link that a control holds.
fn href(mirror: &Mirror, nx: Nx) -> Option<Box<str>> {
    let leads = |nx: Nx| mirror.attr(nx, AttrName::Href).filter(|_| matches!(mirror.tag(nx), "a" | "area"));
    if let Some(href) = leads(nx) {
        return Some(Box::from(href));
    }
    if !matches!(role(mirror, nx), "button" | "tab" | "menuitem" | "treeitem" | "option") {
        return None;
    }
    let mut links = mirror.subtree(nx).take(60).filter_map(leads);
    let only = links.next()?;
    links.next().is_none().then(|| Box::from(only))
}

/// Downloads and new tabs answer elsewhere; canvases, players and frames answer in pixels.
fn is_quiet(mirror: &Mirror, nx: Nx) -> bool {
    match mirror.tag(nx) {
        "a" | "area" => {
            mirror.has(nx, AttrName::Download)
                || mirror.attr(nx, AttrName::Target).is_some_and(|target| target.eq_ignore_ascii_case("_blank"))
                || mirror
                    .attr(nx, AttrName::Href)
                    .is_some_and(|href| href.starts_with("mailto:") || href.starts_with("tel:"))
        }
        "canvas" | "video" | "audio" | "iframe" | "object" | "embed" | "input" | "select" | "textarea" | "option" => {
            true
        }
        _ => editable_host(mirror, nx),
    }
}

/// A name from what developers wrote for people in other places than accessibility reads.
fn component_name(mirror: &Mirror, nx: Nx) -> Option<String> {
    [AttrName::DataTooltip, AttrName::DataTitle, AttrName::DataOriginalTitle, AttrName::DataPlaceholder]
        .iter()
        .find_map(|attr| mirror.attr(nx, *attr))
        .map(|text| one_line(text, NAME_CHARS_MAX))
        .filter(|text| !text.is_empty())
}

/// rrweb masks a text by a `*` for each character that is no white space.
pub(crate) fn is_masked(text: &str) -> bool {
    let stars = text.chars().filter(|c| *c == '*').count();
    stars > 0 && text.chars().all(|c| c == '*' || c.is_whitespace() || c == '…')
}
