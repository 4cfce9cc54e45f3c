//! Selectors, each with the number of elements that it matched in the mirror at that instant.
//!
//! Form: CSS; role and name, label and text as `role=button[name="Pay"]`, `label="Email"`, `text="Pay"`. An
//! element inside a shadow root or a frame is named by a chain `host >>> inner`, each part of which is
//! searched inside the document or shadow root of the part before it.
//!
//! In: the mirror and an element. Out: its selectors. Never here: more than one walk over the elements for a target.

mod anchor;
mod path;
mod words;

use playhead_schemas::timeline::{Selector, SelectorKind};

use super::name::scope_of;
use super::{AttrName, Mirror, NodeIndex, NodeKind};
use anchor::anchors;
use path::{path, steps_up};
pub(crate) use words::Words;

/// Deepest chain of frames and shadow roots.
const SCOPES_MAX: usize = 8;
/// The longest path that is given beside a better selector, in bytes.
const PATH_BYTES_MAX: usize = 120;

/// The selectors of one element.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selectors {
    /// The best CSS.
    pub(crate) best: String,
    pub(crate) matches: u32,
    /// All, the most stable first; empty when the best is the only one.
    pub(crate) ranked: Vec<Selector>,
}

/// The best selector of an element, and how many elements it matches.
#[cfg(test)]
pub(crate) fn selector(mirror: &Mirror, nx: NodeIndex) -> (String, u32) {
    let found = selectors(mirror, nx, &Words::default());
    (found.best, found.matches)
}

/// The selectors of an element. `words` are its role and what a person reads on it.
pub(crate) fn selectors(mirror: &Mirror, nx: NodeIndex, words: &Words<'_>) -> Selectors {
    let scope = scope_of(mirror, nx);
    let (best, mut ranked) = in_scope(mirror, nx, scope);
    ranked.extend(words.selectors(mirror, nx, scope));
    let mut found = Selectors { best: best.0, matches: best.1, ranked };
    let (prefix, matches) = chain(mirror, scope);
    found.ranked.sort_by_key(|one| one.kind);
    for one in &mut found.ranked {
        one.matches = one.matches.max(matches);
        one.selector.insert_str(0, &prefix);
    }
    found.best.insert_str(0, &prefix);
    found.matches = found.matches.max(matches);
    if found.ranked.iter().all(|one| one.selector == found.best) {
        found.ranked.clear();
    }
    found
}

/// The way to a scope through the frames and shadow roots around it, and the most that a part of it matches.
fn chain(mirror: &Mirror, scope: Option<NodeIndex>) -> (String, u32) {
    let (mut parts, mut matches) = (Vec::new(), 1);
    let mut at = host(mirror, scope);
    while let Some(element) = at.filter(|_| parts.len() + 1 < SCOPES_MAX) {
        let scope = scope_of(mirror, element);
        let ((part, count), _) = in_scope(mirror, element, scope);
        matches = matches.max(count);
        parts.push(part + " >>> ");
        at = host(mirror, scope);
    }
    (parts.into_iter().rev().collect(), matches)
}

/// The element that holds a document or a shadow root.
fn host(mirror: &Mirror, scope: Option<NodeIndex>) -> Option<NodeIndex> {
    scope.and_then(|scope| match mirror.node(scope).kind {
        NodeKind::Document => mirror.parent(scope),
        _ => Some(scope),
    })
}

/// The elements of a document or of the shadow root of a host, without those of frames and shadow roots in it.
fn members(mirror: &Mirror, scope: Option<NodeIndex>) -> Vec<NodeIndex> {
    mirror.elements().filter(|nx| scope_of(mirror, *nx) == scope).collect()
}

/// The best CSS inside a scope, and the ranked ones.
fn in_scope(mirror: &Mirror, nx: NodeIndex, scope: Option<NodeIndex>) -> ((String, u32), Vec<Selector>) {
    let mut own = anchors(mirror, nx);
    own.iter_mut().for_each(|anchor| anchor.count(mirror, scope));
    let own = || own.iter();
    let path = path(mirror, scope, &steps_up(mirror, nx));
    let best = own().find(|anchor| anchor.count == 1).map_or_else(|| path.clone(), |anchor| (anchor.css(), 1));
    let mut ranked: Vec<Selector> = Vec::new();
    for anchor in own().filter(|anchor| !anchor.is_generated()) {
        let kind = match anchor.attr {
            attr if AttrName::TEST_IDS.contains(&attr) => SelectorKind::TestId,
            AttrName::Id => SelectorKind::Id,
            _ => SelectorKind::Attribute,
        };
        // One of each kind is enough: the first, or the first that matches the element alone.
        match ranked.iter_mut().find(|one| one.kind == kind) {
            Some(one) if one.matches > 1 && anchor.count == 1 => *one = selector_of(kind, anchor.css(), 1),
            Some(_) => {}
            None => ranked.push(selector_of(kind, anchor.css(), anchor.count)),
        }
    }
    if ranked.iter().all(|one| one.selector != best.0) && best.0 != path.0 {
        ranked.push(selector_of(SelectorKind::Css, best.0.clone(), best.1));
    }
    if best.0 == path.0 || path.0.len() <= PATH_BYTES_MAX {
        ranked.push(selector_of(SelectorKind::Css, path.0, path.1));
    }
    (best, ranked)
}

fn selector_of(kind: SelectorKind, selector: String, matches: u32) -> Selector {
    Selector { kind, selector, matches }
}
