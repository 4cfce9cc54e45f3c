//! Selectors by visible or spoken text: role and name, label, text.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Selector, SelectorKind};

use super::super::name::{NAME_CHARS_MAX, labelled_field, name_without_labels, scope_of, visible_text};
use super::super::role::{named_from_content, role};
use super::super::{AttrName, Mirror, NodeIndex, NodeKind, Tags};
use super::selector_of;

/// The most elements of one role whose names are computed. With more of them, role and name make no selector.
const NAMED_MAX: usize = 300;
/// Longest name or text that makes a selector, in characters.
const CHARS_MAX: usize = 80;

/// The role of an element and its name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Words<'a> {
    pub(crate) role: &'a str,
    pub(crate) name: Option<&'a str>,
    /// The recorder masked the name, so it is on no page.
    pub(crate) masked: bool,
}

impl Words<'_> {
    /// The selectors by words of an element inside its scope.
    pub(super) fn selectors(&self, mirror: &Mirror, nx: NodeIndex, scope: Option<NodeIndex>) -> Vec<Selector> {
        if self.masked || self.role.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let named = self.name.filter(|name| fits(name));
        if let Some(name) = named.filter(|_| !matches!(self.role, "generic" | "paragraph" | "document")) {
            let count = if is_field(mirror, nx) {
                let (same_role, all) = fields(mirror, scope, self.role, name);
                if all > 0 {
                    found.push(selector_of(SelectorKind::Label, format!("label=\"{}\"", escaped(name)), all));
                }
                (same_role > 0).then_some(same_role)
            } else {
                same(mirror, scope, mirror.tag(nx), self.role, name)
            };
            if let Some(count) = count.filter(|count| *count > 0) {
                let selector = format!("role={}[name=\"{}\"]", self.role, escaped(name));
                found.push(selector_of(SelectorKind::Role, selector, count));
            }
        }
        found.extend(by_text(mirror, nx, scope));
        found
    }
}

fn fits(text: &str) -> bool {
    !text.is_empty() && !text.ends_with('…') && text.chars().count() <= CHARS_MAX
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// True for a form field, which a label elsewhere names.
fn is_field(mirror: &Mirror, nx: NodeIndex) -> bool {
    match mirror.tag(nx) {
        "select" | "textarea" | "meter" | "progress" => true,
        "input" => !is_button(mirror, nx),
        _ => false,
    }
}

fn is_button(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.attr(nx, AttrName::Type).is_some_and(|kind| {
        ["submit", "reset", "button", "image"].iter().any(|button| kind.eq_ignore_ascii_case(button))
    })
}

/// How many elements have this role and name; `None` when there are too many to count.
fn same(mirror: &Mirror, scope: Option<NodeIndex>, tag: &str, wanted: &str, name: &str) -> Option<u32> {
    let (mut count, mut named) = (0, 0);
    // A role is implied by the tag or given by an attribute.
    let tags = Tags::of([tag].into_iter().chain(implying(wanted).iter().copied()));
    for nx in mirror.elements_of(tags, true) {
        if role(mirror, nx) != wanted {
            continue;
        }
        named += 1;
        if named > NAMED_MAX {
            return None;
        }
        let own = name_without_labels(mirror, nx);
        count += u32::from(own.as_deref() == Some(name) && scope_of(mirror, nx) == scope);
    }
    Some(count)
}

/// The tags that imply the roles which many tags have.
fn implying(role: &str) -> &'static [&'static str] {
    match role {
        "button" => &["button", "input", "summary"],
        "link" => &["a", "area"],
        "heading" => &["h1", "h2", "h3", "h4", "h5", "h6"],
        "img" => &["img", "svg"],
        "cell" => &["td"],
        "row" => &["tr"],
        _ => &[],
    }
}

/// How many fields have this name: those of the role, and all.
fn fields(mirror: &Mirror, scope: Option<NodeIndex>, wanted: &str, name: &str) -> (u32, u32) {
    let mut found: Vec<NodeIndex> = Vec::new();
    let is = |nx: NodeIndex, attr: AttrName| {
        mirror.attr(nx, attr).is_some_and(|text| text == name || one_line(text, NAME_CHARS_MAX) == name)
    };
    let tags = Tags::of(["label", "input", "select", "textarea", "meter", "progress"]);
    for nx in mirror.elements_of(tags, false) {
        let field = match mirror.tag(nx) {
            "label" if visible_text(mirror, nx, NAME_CHARS_MAX) == name => labelled_field(mirror, nx),
            "input" | "select" | "textarea" | "meter" | "progress" => {
                let own = is(nx, AttrName::AriaLabel) || is(nx, AttrName::Title) || is(nx, AttrName::Placeholder);
                let referred = || {
                    mirror.has(nx, AttrName::AriaLabelledBy) && name_without_labels(mirror, nx).as_deref() == Some(name)
                };
                (own || referred()).then_some(nx)
            }
            _ => None,
        };
        if let Some(field) = field.filter(|field| scope_of(mirror, *field) == scope && is_field(mirror, *field))
            && !found.contains(&field)
            && found.len() < NAMED_MAX
        {
            found.push(field);
        }
    }
    let same_role = found.iter().filter(|nx| role(mirror, **nx) == wanted).count();
    (same_role as u32, found.len() as u32)
}

/// The text of an element that holds one text alone, and how many such texts there are.
fn by_text(mirror: &Mirror, nx: NodeIndex, scope: Option<NodeIndex>) -> Option<Selector> {
    if !(named_from_content(role(mirror, nx)) || matches!(role(mirror, nx), "generic" | "paragraph")) {
        return None;
    }
    let mut texts = mirror
        .subtree(nx)
        .take(40)
        .filter(|node| mirror.node(*node).kind == NodeKind::Text)
        .map(|node| mirror.text(node).trim())
        .filter(|text| !text.is_empty());
    let only = texts.next().filter(|text| fits(text) && !text.contains(['\n', '\r']))?;
    if texts.next().is_some() {
        return None;
    }
    let count = mirror.texts_of(only).into_iter().filter(|node| scope_of(mirror, *node) == scope).count();
    Some(selector_of(SelectorKind::Text, format!("text=\"{}\"", escaped(only)), u32::try_from(count).ok()?))
}
