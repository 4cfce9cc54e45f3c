//! Selectors, each with the number of elements that it matched in the mirror at that instant.
//!
//! Form: CSS. An element inside a shadow root or a frame is named by a chain `host >>> inner`, each
//! part of which is CSS inside the document or shadow root that the part before it leads to.

use super::name::scope_of;
use super::{AttrName, Mirror, NodeKind, Nx};

/// Longest CSS path, in steps.
const STEPS_MAX: usize = 24;
/// Deepest chain of frames and shadow roots.
const SCOPES_MAX: usize = 8;

/// The best selector of an element, and how many elements it matches.
pub(crate) fn selector(mirror: &Mirror, nx: Nx) -> (String, u32) {
    let mut parts = Vec::new();
    let mut matches = 1;
    let mut at = Some(nx);
    while let Some(element) = at.filter(|_| parts.len() < SCOPES_MAX) {
        let scope = scope_of(mirror, element);
        let members = members(mirror, scope);
        let (part, count) = in_scope(mirror, element, &members);
        matches = matches.max(count);
        parts.push(part);
        at = scope.and_then(|scope| match mirror.node(scope).kind {
            NodeKind::Document => mirror.parent(scope),
            _ => Some(scope),
        });
    }
    parts.reverse();
    (parts.join(" >>> "), matches)
}

/// The elements of a document or of the shadow root of a host, without those of frames and shadow roots in it.
fn members(mirror: &Mirror, scope: Option<Nx>) -> Vec<Nx> {
    let Some(scope) = scope else { return mirror.elements().filter(|nx| scope_of(mirror, *nx).is_none()).collect() };
    let in_shadow = mirror.node(scope).kind != NodeKind::Document;
    let mut found = Vec::new();
    let mut at = mirror.walk_on(scope, scope, true);
    while let Some(nx) = at {
        let node = mirror.node(nx);
        // The children of a host are those of its shadow root and its own, side by side.
        let outside = match mirror.parent(nx) == Some(scope) && in_shadow {
            true => !node.in_shadow,
            false => node.in_shadow || node.kind == NodeKind::Document,
        };
        if !outside && node.kind == NodeKind::Element {
            found.push(nx);
        }
        at = mirror.walk_on(scope, nx, !outside);
    }
    found
}

fn in_scope(mirror: &Mirror, nx: Nx, members: &[Nx]) -> (String, u32) {
    for anchor in anchors(mirror, nx) {
        if anchor.count(mirror, members) == 1 {
            return (anchor.css(), 1);
        }
    }
    path(mirror, nx, members)
}

/// A simple selector.
#[derive(Clone, Debug)]
struct Anchor {
    tag: Option<String>,
    attr: AttrName,
    value: String,
}

impl Anchor {
    fn css(&self) -> String {
        let tag = self.tag.as_deref().unwrap_or_default();
        if self.attr == AttrName::Id && is_identifier(&self.value) {
            return format!("{tag}#{}", self.value);
        }
        format!("{tag}[{}=\"{}\"]", self.attr.as_str(), self.value.replace('\\', "\\\\").replace('"', "\\\""))
    }

    fn count(&self, mirror: &Mirror, members: &[Nx]) -> u32 {
        let hits = members.iter().filter(|nx| {
            mirror.attr(**nx, self.attr) == Some(&self.value)
                && self.tag.as_deref().is_none_or(|tag| mirror.tag(**nx) == tag)
        });
        u32::try_from(hits.count()).unwrap_or(u32::MAX)
    }
}

/// Simple selectors of an element, the most lasting first.
fn anchors(mirror: &Mirror, nx: Nx) -> Vec<Anchor> {
    let mut found = Vec::new();
    let tag = mirror.tag(nx);
    let mut push = |tag: Option<&str>, attr: AttrName, lasting: &dyn Fn(&str) -> bool| {
        if let Some(value) = mirror.attr(nx, attr)
            && !value.is_empty()
            && value.len() <= 100
            && !value.contains(['\n', '\r', '*'])
            && lasting(value)
        {
            found.push(Anchor { tag: tag.map(str::to_owned), attr, value: value.to_owned() });
        }
    };
    for attr in AttrName::TEST_IDS {
        push(None, attr, &|_| true);
    }
    push(None, AttrName::Id, &|id| !looks_generated(id));
    push(Some(tag), AttrName::Name, &|_| true);
    push(Some(tag), AttrName::AriaLabel, &|_| true);
    push(Some(tag), AttrName::Placeholder, &|_| true);
    push(Some(tag), AttrName::Title, &|_| true);
    push(Some(tag), AttrName::Alt, &|_| true);
    push(Some(tag), AttrName::For, &|id| !looks_generated(id));
    push(Some(tag), AttrName::Href, &|href| !href.starts_with("data:") && !href.starts_with("blob:"));
    push(None, AttrName::Id, &|_| true);
    found
}

/// Ids that a program counted or drew: `rc_select_1`, `:r3:`, `ember482`, long hex or digits.
fn looks_generated(id: &str) -> bool {
    let digits = id.bytes().filter(u8::is_ascii_digit).count();
    let hexish = id.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        part.len() >= 8
            && part.bytes().all(|b| b.is_ascii_hexdigit())
            && part.bytes().any(|b| b.is_ascii_digit())
            && part.bytes().any(|b| b.is_ascii_alphabetic())
    });
    id.starts_with(':') || digits >= 4 || hexish || (digits > 0 && digits * 2 >= id.len()) || id.contains("«")
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// One step of a path: a tag, and its place among siblings of that tag when there are several.
struct Step {
    tag: String,
    place: Option<u32>,
}

impl Step {
    fn of(mirror: &Mirror, nx: Nx) -> Self {
        let (mut place, mut same, mut before) = (1, 0, true);
        for sibling in siblings(mirror, nx) {
            before &= sibling != nx;
            if mirror.tag(sibling) == mirror.tag(nx) {
                same += 1;
                place += u32::from(before);
            }
        }
        Self { tag: mirror.tag(nx).to_owned(), place: (same > 1).then_some(place) }
    }

    fn css(&self) -> String {
        match self.place {
            Some(place) => format!("{}:nth-of-type({place})", self.tag),
            None => self.tag.clone(),
        }
    }

    /// The children of one parent that it matches.
    fn among<'m>(
        &'m self,
        mirror: &'m Mirror,
        children: impl Iterator<Item = Nx> + 'm,
    ) -> impl Iterator<Item = Nx> + 'm {
        let same = children.filter(|child| mirror.tag(*child) == self.tag);
        let (from, count) = match self.place {
            Some(place) => (place as usize - 1, 1),
            None => (0, usize::MAX),
        };
        same.skip(from).take(count)
    }
}

/// The children of the same parent on the same side of a shadow boundary.
fn siblings(mirror: &Mirror, nx: Nx) -> impl Iterator<Item = Nx> + '_ {
    mirror.parent(nx).into_iter().flat_map(move |parent| children(mirror, parent, mirror.node(nx).in_shadow))
}

fn children(mirror: &Mirror, parent: Nx, in_shadow: bool) -> impl Iterator<Item = Nx> + '_ {
    mirror.children(parent).filter(move |child| mirror.node(*child).in_shadow == in_shadow)
}

/// `anchor > step > step`: from the nearest ancestor that a simple selector finds alone, or from the top.
fn path(mirror: &Mirror, nx: Nx, members: &[Nx]) -> (String, u32) {
    let mut steps = Vec::new();
    let mut at = nx;
    loop {
        steps.push(Step::of(mirror, at));
        let parent = mirror.parent(at).filter(|up| mirror.node(*up).kind == NodeKind::Element);
        let Some(parent) = parent.filter(|_| !mirror.node(at).in_shadow && steps.len() < STEPS_MAX) else { break };
        if let Some(anchor) = anchors(mirror, parent).into_iter().find(|a| a.count(mirror, members) == 1) {
            // Every step is told apart from its siblings, so a path from one element finds one element.
            let css = steps.iter().rev().fold(anchor.css(), |css, step| css + " > " + &step.css());
            return (css, 1);
        }
        at = parent;
    }
    steps.reverse();
    let css: Vec<String> = steps.iter().map(Step::css).collect();
    (css.join(" > "), u32::try_from(count(mirror, members, &steps)).unwrap_or(u32::MAX))
}

/// How many elements a path finds that begins anywhere in a scope. From above, so that each list of
/// children is gone through once for each step.
fn count(mirror: &Mirror, members: &[Nx], steps: &[Step]) -> usize {
    let Some((first, rest)) = steps.split_first() else { return 0 };
    let mut parents: Vec<(Option<Nx>, bool)> = members
        .iter()
        .filter(|member| mirror.tag(**member) == first.tag)
        .map(|member| (mirror.parent(*member), mirror.node(*member).in_shadow))
        .collect();
    parents.sort_unstable();
    parents.dedup();
    let mut found: Vec<Nx> = parents
        .into_iter()
        .filter_map(|(parent, in_shadow)| Some((parent?, in_shadow)))
        .flat_map(|(parent, in_shadow)| first.among(mirror, children(mirror, parent, in_shadow)))
        .collect();
    for step in rest {
        found = found.iter().flat_map(|parent| step.among(mirror, children(mirror, *parent, false))).collect();
    }
    found.len()
}
