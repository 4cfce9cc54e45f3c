//! What a moment was done to: the element that a person means, with name, role, selector and place.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::Target;

use super::unseen::is_answered_unseen;
use crate::dom::context::{heading, place};
use crate::dom::name::{NAME_CHARS_MAX, is_masked, is_out_of_sight, labelled_field, name, visible_text};
use crate::dom::role::{interactive, is_operated, nearest_element, role};
use crate::dom::selector::{Selectors, Words, selectors};
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};

/// Characters of the visible text of a target that has a name beside it.
const TEXT_CHARS_MAX: usize = 80;
/// Characters of the text of a target without a name: the beginning is enough to find it.
const QUOTE_CHARS_MAX: usize = 40;
/// Elements around a field that show its placeholder.
const SHOWN_LEVELS_MAX: usize = 2;
/// Elements around a control that are looked at for a disabled fieldset.
const FIELDSET_LEVELS_MAX: usize = 24;
/// Characters of an attribute in an opening tag.
const MARKUP_VALUE_CHARS_MAX: usize = 80;
/// Nodes of an element that may be a wrapper of one control.
const WRAPPER_NODES_MAX: usize = 30;
/// Nodes of an element that are looked at for a dialog in it.
const DIALOG_NODES_MAX: usize = 60;
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
    let nx = disabled_inside(mirror, nx).unwrap_or(nx);
    let Some(field) = Some(nx).filter(|nx| mirror.tag(*nx) == "label").and_then(|nx| labelled_field(mirror, nx)) else {
        return Some(describe(mirror, nx));
    };
    // A click anywhere on the label of a checkbox sets it; an icon in the label of another field is a button.
    let is_box = matches!(role(mirror, field), "checkbox" | "radio" | "switch");
    let icon = nearest_element(mirror, hit).filter(|hit| !is_box && *hit != nx && is_icon(mirror, *hit));
    Some(describe(mirror, icon.unwrap_or(field)))
}

/// The opening tag of an element, with the attributes that tell what it is and does.
fn markup(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    const TOLD: [AttrName; 18] = [
        AttrName::Id,
        AttrName::Class,
        AttrName::Type,
        AttrName::Name,
        AttrName::Role,
        AttrName::Disabled,
        AttrName::AriaDisabled,
        AttrName::AriaControls,
        AttrName::DataAction,
        AttrName::DataCommand,
        AttrName::Required,
        AttrName::Pattern,
        AttrName::Min,
        AttrName::Max,
        AttrName::MinLength,
        AttrName::MaxLength,
        AttrName::Step,
        AttrName::OnClick,
    ];
    if mirror.node(nx).kind != NodeKind::Element {
        return None;
    }
    let mut out = format!("<{}", mirror.tag(nx));
    for attr in TOLD {
        let Some(value) = mirror.attr(nx, attr) else { continue };
        out.push(' ');
        out.push_str(attr.as_str());
        // What a handler does is code, which a page may fill with anything.
        if !value.is_empty() && attr != AttrName::OnClick {
            out.push_str(&format!("=\"{}\"", one_line(value, MARKUP_VALUE_CHARS_MAX).replace('"', "'")));
        }
    }
    out.push('>');
    Some(out)
}

/// True for a control that takes no clicks: by its own attribute or that of a fieldset around it (HTML, section
/// 4.10.18.5), or by ARIA.
fn is_disabled(mirror: &Mirror, nx: NodeIndex) -> bool {
    let is_field = matches!(mirror.tag(nx), "button" | "input" | "select" | "textarea");
    is_field && mirror.has(nx, AttrName::Disabled)
        || mirror.attr(nx, AttrName::AriaDisabled) == Some("true")
        || is_field
            && mirror
                .self_and_ancestors(nx)
                .take(FIELDSET_LEVELS_MAX)
                .any(|up| mirror.tag(up) == "fieldset" && mirror.has(up, AttrName::Disabled))
}

/// The disabled control that a click was meant for: browsers send such a click to what is around the control. It is the
/// only control there, and all that is to be read.
fn disabled_inside(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    if mirror.node(nx).kind != NodeKind::Element || is_operated(mirror, nx) {
        return None;
    }
    let mut nodes = 0;
    let mut controls = mirror
        .subtree(nx)
        .take(WRAPPER_NODES_MAX)
        .inspect(|_| nodes += 1)
        .filter(|inner| matches!(mirror.tag(*inner), "button" | "input" | "select" | "textarea" | "a"));
    let (only, other) = (controls.next(), controls.next());
    drop(controls);
    let is_alone = other.is_none() && nodes < WRAPPER_NODES_MAX;
    let only = only.filter(|only| is_alone && is_disabled(mirror, *only))?;
    (visible_text(mirror, nx, TEXT_CHARS_MAX) == visible_text(mirror, only, TEXT_CHARS_MAX)).then_some(only)
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
    let outside_of = dialog_beside(mirror, nx);
    // What is around a dialog has its texts only by accident, and a masked name says nothing.
    let is_named = !masked && outside_of.is_none();
    let (name, text) = (name.filter(|_| is_named), text.filter(|_| is_named));
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
        outside_of,
        disabled: is_disabled(mirror, nx),
        markup: (!masked).then(|| markup(mirror, nx)).flatten(),
    };
    Described {
        id: mirror.node(nx).id,
        expects_no_change: is_answered_unseen(mirror, nx, target.name.as_deref()),
        target,
        masked,
        href: href(mirror, nx),
        form: place.form,
        blocked: place.blocked,
    }
}

/// The open dialog that an element is around or behind, when it is no part of it: a backdrop, or the page under it.
fn dialog_beside(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    if mirror.node(nx).kind != NodeKind::Element || is_operated(mirror, nx) || is_dialog(mirror, nx) {
        return None;
    }
    let inside = |top: NodeIndex| {
        mirror
            .subtree(top)
            .take(DIALOG_NODES_MAX)
            .find(|inner| is_dialog(mirror, *inner) && !is_out_of_sight(mirror, *inner))
    };
    let class = mirror.attr(nx, AttrName::Class).unwrap_or_default();
    let is_backdrop = class.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        ["backdrop", "overlay", "scrim"]
            .iter()
            .any(|sign| word.len() >= sign.len() && word.to_ascii_lowercase().ends_with(sign))
    });
    let dialog = inside(nx).filter(|dialog| is_backdrop || is_modal(mirror, *dialog)).or_else(|| {
        let beside = [mirror.next(nx), mirror.prev(nx)].into_iter().flatten();
        let is_empty = mirror.subtree(nx).take(3).count() < 3;
        beside.filter(|_| is_backdrop && is_empty).find_map(inside)
    })?;
    // The whole page holds everything: a click there is not one beside the dialog alone.
    if matches!(mirror.tag(nx), "html" | "body") && !is_modal(mirror, dialog) {
        return None;
    }
    let label = name(mirror, dialog).or_else(|| heading(mirror, dialog)).unwrap_or_default();
    Some(one_line(&label, TEXT_CHARS_MAX))
}

fn is_dialog(mirror: &Mirror, nx: NodeIndex) -> bool {
    let node = mirror.node(nx);
    node.kind == NodeKind::Element && node.may_be_landmark && matches!(role(mirror, nx), "dialog" | "alertdialog")
}

fn is_modal(mirror: &Mirror, dialog: NodeIndex) -> bool {
    mirror.attr(dialog, AttrName::AriaModal) == Some("true")
        || mirror.attr(dialog, AttrName::RrOpenMode) == Some("modal")
}

/// Describes an element by itself and what is in it, without looking at the rest of the document.
fn describe_briefly(mirror: &Mirror, nx: NodeIndex) -> Described {
    let name = mirror.attr(nx, AttrName::AriaLabel).map(|text| one_line(text, NAME_CHARS_MAX));
    let name = name.filter(|name| !name.is_empty());
    let text = Some(visible_text(mirror, nx, QUOTE_CHARS_MAX)).filter(|text| !text.is_empty());
    let tag = mirror.tag(nx).to_owned();
    let masked = is_masked(name.as_deref().or(text.as_deref()).unwrap_or_default());
    let (name, text) = (name.filter(|_| !masked), text.filter(|_| !masked));
    let expects_no_change = is_answered_unseen(mirror, nx, name.as_deref());
    let target =
        Target { role: one_line(role(mirror, nx), 40), selector: tag.clone(), tag, name, text, ..Target::default() };
    let (id, href) = (mirror.node(nx).id, href(mirror, nx));
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
