//! What a moment was done to: the element that a person means, with name, role, selector and place.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::Target;

use crate::dom::context::place;
use crate::dom::name::{NAME_CHARS_MAX, labelled_field, name, visible_text};
use crate::dom::role::{editable_host, interactive, nearest_element, role};
use crate::dom::selector::{Selectors, Words, selectors};
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};

/// Characters of the visible text of a target that has a name beside it.
const TEXT_CHARS_MAX: usize = 80;
/// Characters of the text of a target without a name: the beginning is enough to find it.
const QUOTE_CHARS_MAX: usize = 40;
/// Elements around a field that show its placeholder.
const SHOWN_LEVELS_MAX: usize = 2;
/// Elements around one that may tell which component drew it.
const COMPONENT_LEVELS_MAX: usize = 16;
/// Characters of a component's name and of its source.
const COMPONENT_CHARS_MAX: usize = 100;

/// A described element.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    /// Its rrweb id.
    pub(crate) id: u32,
    pub(crate) target: Target,
    /// The recorder hid its text or value.
    pub(crate) masked: bool,
    /// A click on it changes nothing that is recorded: the answer is outside the page, or in pixels.
    pub(crate) expects_no_change: bool,
    /// The address that a link leads to.
    pub(crate) href: Option<Box<str>>,
    /// The rrweb id of the form that it is in; 0 for none.
    pub(crate) form: u32,
    /// The recorder left out what is around it.
    pub(crate) blocked: bool,
}

/// Describes what a pointer at the node with this id means.
pub(crate) fn describe_pointed(mirror: &Mirror, id: u32) -> Option<Described> {
    let hit = mirror.by_id(id)?;
    let nx = interactive(mirror, hit);
    let Some(field) = Some(nx).filter(|nx| mirror.tag(*nx) == "label").and_then(|nx| labelled_field(mirror, nx)) else {
        return Some(describe(mirror, nx));
    };
    // A click anywhere on the label of a checkbox sets it; an icon in the label of another field is a button.
    let is_box = matches!(role(mirror, field), "checkbox" | "radio" | "switch");
    let icon = nearest_element(mirror, hit).filter(|hit| !is_box && *hit != nx && is_icon(mirror, *hit));
    Some(describe(mirror, icon.unwrap_or(field)))
}

/// True for what is drawn as a picture: drawings, images, letters of icon fonts.
fn is_icon(mirror: &Mirror, nx: NodeIndex) -> bool {
    let class = mirror.attr(nx, AttrName::Class).unwrap_or_default();
    matches!(mirror.tag(nx), "svg" | "img" | "i")
        || class.split(['-', '_', ' ']).any(|word| matches!(word, "icon" | "icons"))
}

/// Describes the element at or around the node with this id, as it is.
pub(crate) fn describe_exact(mirror: &Mirror, id: u32) -> Option<Described> {
    let nx = mirror.by_id(id)?;
    Some(describe(mirror, nearest_element(mirror, nx).unwrap_or(nx)))
}

pub(crate) fn describe(mirror: &Mirror, nx: NodeIndex) -> Described {
    if !mirror.pay_for_walk() {
        return describe_briefly(mirror, nx);
    }
    let name = name(mirror, nx).or_else(|| component_name(mirror, nx)).or_else(|| shown_in(mirror, nx));
    let chars_max = if name.is_some() { TEXT_CHARS_MAX } else { QUOTE_CHARS_MAX };
    let text = Some(visible_text(mirror, nx, chars_max)).filter(|t| !t.is_empty() && Some(t) != name.as_ref());
    let masked = is_masked(name.as_deref().or(text.as_deref()).unwrap_or_default());
    let role = role(mirror, nx);
    let standing = if mirror.node(nx).attached { Some(nx) } else { successor(mirror, nx) };
    let selectors = match standing {
        Some(nx) => selectors(mirror, nx, &Words { role, name: name.as_deref(), masked }),
        None => Selectors { best: mirror.tag(nx).to_owned(), ..Selectors::default() },
    };
    let place = place(mirror, standing.unwrap_or(nx));
    let drawn = Drawn::by(mirror, nx);
    let target = Target {
        role: one_line(role, 40),
        name,
        tag: mirror.tag(nx).to_owned(),
        selector: selectors.best,
        matches: selectors.matches,
        selectors: selectors.ranked,
        text,
        within: place.within,
        around: place.around,
        component: drawn.component,
        source: drawn.source,
    };
    Described {
        id: mirror.node(nx).id,
        target,
        masked,
        expects_no_change: expects_no_change(mirror, nx),
        href: href(mirror, nx),
        form: place.form,
        blocked: place.blocked,
    }
}

/// Describes an element by itself and what is in it, without looking at the rest of the document.
fn describe_briefly(mirror: &Mirror, nx: NodeIndex) -> Described {
    let name = mirror.attr(nx, AttrName::AriaLabel).map(|text| one_line(text, NAME_CHARS_MAX));
    let name = name.filter(|name| !name.is_empty());
    let text = Some(visible_text(mirror, nx, QUOTE_CHARS_MAX)).filter(|text| !text.is_empty());
    let tag = mirror.tag(nx).to_owned();
    let target =
        Target { role: one_line(role(mirror, nx), 40), selector: tag.clone(), tag, name, text, ..Target::default() };
    let masked = is_masked(target.name.as_deref().or(target.text.as_deref()).unwrap_or_default());
    let (id, expects_no_change, href) = (mirror.node(nx).id, expects_no_change(mirror, nx), href(mirror, nx));
    Described { id, target, masked, expects_no_change, href, form: 0, blocked: mirror.node(nx).blocked }
}

/// The element with the same id that replaced one which was redrawn just before it was pressed.
fn successor(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    AttrName::TEST_IDS.into_iter().chain([AttrName::Id]).find_map(|attr| {
        let id = mirror.attr(nx, attr).filter(|id| !id.is_empty())?;
        mirror.with_attr(attr, id).into_iter().find(|other| mirror.tag(*other) == mirror.tag(nx))
    })
}

/// What drew an element, as far as attributes tell.
struct Drawn {
    component: Option<String>,
    source: Option<String>,
}

impl Drawn {
    /// The nearest component and the nearest source at or around an element.
    fn by(mirror: &Mirror, nx: NodeIndex) -> Self {
        let mut drawn = Self { component: None, source: None };
        for up in mirror.self_and_ancestors(nx).take(COMPONENT_LEVELS_MAX) {
            if mirror.node(up).kind != NodeKind::Element {
                continue;
            }
            let of = |attrs: &[AttrName]| {
                let value = attrs.iter().find_map(|attr| mirror.attr(up, *attr))?;
                Some(one_line(value, COMPONENT_CHARS_MAX)).filter(|value| !value.is_empty())
            };
            let custom = || Some(mirror.tag(up)).filter(|tag| is_custom(tag)).map(str::to_owned);
            drawn.component = drawn.component.or_else(|| of(&AttrName::COMPONENTS)).or_else(custom);
            drawn.source = drawn.source.or_else(|| of(&AttrName::SOURCES));
            if drawn.component.is_some() && drawn.source.is_some() {
                break;
            }
        }
        drawn
    }
}

/// Custom elements, by which Angular and web components draw, have a dash in their tag. A few names of SVG
/// and MathML have one too (HTML, section 4.13.2).
fn is_custom(tag: &str) -> bool {
    tag.contains('-')
        && !tag.starts_with("font-face")
        && !matches!(tag, "annotation-xml" | "color-profile" | "missing-glyph")
}

/// Where a link leads, or the one link that a control holds.
fn href(mirror: &Mirror, nx: NodeIndex) -> Option<Box<str>> {
    let leads = |nx: NodeIndex| mirror.attr(nx, AttrName::Href).filter(|_| matches!(mirror.tag(nx), "a" | "area"));
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

/// True when a click changes nothing that is recorded: downloads and new tabs act outside the page, canvases,
/// players and frames change pixels only, and an element that is selected already stays so.
fn expects_no_change(mirror: &Mirror, nx: NodeIndex) -> bool {
    if is_chosen(mirror, nx) {
        return true;
    }
    match mirror.tag(nx) {
        "a" | "area" => {
            mirror.has(nx, AttrName::Download)
                || mirror.attr(nx, AttrName::Target).is_some_and(|target| target.eq_ignore_ascii_case("_blank"))
                || mirror
                    .attr(nx, AttrName::Href)
                    .is_some_and(|href| href.starts_with("mailto:") || href.starts_with("tel:"))
        }
        // A click on a field moves the focus; one on a button is like that on any other button.
        "input" => !matches!(role(mirror, nx), "button"),
        "canvas" | "video" | "audio" | "iframe" | "object" | "embed" | "select" | "textarea" | "option" => true,
        _ => editable_host(mirror, nx),
    }
}

/// True for the one of several that is chosen: the tab, page or colour that is shown.
pub(crate) fn is_chosen(mirror: &Mirror, nx: NodeIndex) -> bool {
    let is = |attr: AttrName| mirror.attr(nx, attr).is_some_and(|value| value != "false");
    is(AttrName::AriaSelected)
        || is(AttrName::AriaCurrent)
        || is(AttrName::AriaChecked) && matches!(role(mirror, nx), "radio" | "menuitemradio" | "option")
        || mirror.attr(nx, AttrName::Class).is_some_and(|class| {
            class
                .split_ascii_whitespace()
                .any(|word| matches!(word, "active" | "selected" | "is-active" | "is-selected"))
        })
}

/// A name from attributes that are shown to people but are no part of the accessible name.
fn component_name(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    [AttrName::DataTooltip, AttrName::DataTitle, AttrName::DataOriginalTitle, AttrName::DataPlaceholder]
        .iter()
        .find_map(|attr| mirror.attr(nx, *attr))
        .map(|text| one_line(text, NAME_CHARS_MAX))
        .filter(|text| !text.is_empty())
}

/// What an unnamed list of options shows beside the field that takes the keys: its placeholder or its choice.
fn shown_in(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    if mirror.tag(nx) != "input" || role(mirror, nx) != "combobox" {
        return None;
    }
    let around = mirror.self_and_ancestors(nx).skip(1).take(SHOWN_LEVELS_MAX);
    around
        .map(|up| visible_text(mirror, up, QUOTE_CHARS_MAX))
        .find(|text| !text.is_empty())
        .filter(|text| !text.ends_with('…'))
}

/// rrweb masks a text by a `*` for each character that is no white space.
pub(crate) fn is_masked(text: &str) -> bool {
    let stars = text.chars().filter(|c| *c == '*').count();
    stars > 0 && text.chars().all(|c| c == '*' || c.is_whitespace() || c == '…')
}
