//! Paths: an element by its position below one that a simple selector matches, or below the top.

use super::super::{Mirror, NodeIndex, NodeKind};
use super::anchor::{Anchor, anchors};
use super::members;

/// Longest path, in steps.
pub(super) const STEPS_MAX: usize = 24;

/// One step of a path: the tag of an element, and its place among siblings of that tag when there are several.
struct Step {
    of: NodeIndex,
    place: Option<u32>,
}

impl Step {
    fn of(mirror: &Mirror, nx: NodeIndex) -> Self {
        let (mut place, mut same, mut before) = (1, 0, true);
        for sibling in siblings(mirror, nx) {
            before &= sibling != nx;
            if mirror.is_same_tag(sibling, nx) {
                same += 1;
                place += u32::from(before);
            }
        }
        Self { of: nx, place: (same > 1).then_some(place) }
    }

    fn css(&self, mirror: &Mirror) -> String {
        let tag = mirror.tag(self.of);
        match self.place {
            Some(place) => format!("{tag}:nth-of-type({place})"),
            None => tag.to_owned(),
        }
    }

    /// The children of one parent that it matches.
    fn among<'m>(
        &'m self,
        mirror: &'m Mirror,
        children: impl Iterator<Item = NodeIndex> + 'm,
    ) -> impl Iterator<Item = NodeIndex> + 'm {
        let same = children.filter(|child| mirror.is_same_tag(*child, self.of));
        let (from, count) = match self.place {
            Some(place) => (place as usize - 1, 1),
            None => (0, usize::MAX),
        };
        same.skip(from).take(count)
    }
}

/// The children of the same parent on the same side of a shadow boundary.
fn siblings(mirror: &Mirror, nx: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
    mirror.parent(nx).into_iter().flat_map(move |parent| children(mirror, parent, mirror.node(nx).in_shadow))
}

fn children(mirror: &Mirror, parent: NodeIndex, in_shadow: bool) -> impl Iterator<Item = NodeIndex> + '_ {
    mirror.children(parent).filter(move |child| mirror.node(*child).in_shadow == in_shadow)
}

/// The element and those around it in its scope, the nearest first.
pub(super) fn steps_up(mirror: &Mirror, nx: NodeIndex) -> Vec<NodeIndex> {
    let mut up = vec![nx];
    while let Some(at) = up.last().copied().filter(|at| !mirror.node(*at).in_shadow && up.len() < STEPS_MAX)
        && let Some(parent) = mirror.parent(at).filter(|parent| mirror.node(*parent).kind == NodeKind::Element)
    {
        up.push(parent);
    }
    up
}

/// `anchor > step > step`: from the nearest ancestor that a simple selector matches alone, or from the top, which in a
/// shadow root is written as `:host` when the path would match more without it. `up` is the element and those around
/// it.
pub(super) fn path(mirror: &Mirror, scope: Option<NodeIndex>, up: &[NodeIndex]) -> (String, u32) {
    let mut steps = Vec::new();
    for (i, at) in up.iter().enumerate() {
        steps.push(Step::of(mirror, *at));
        if let Some(anchor) = up.get(i + 1).and_then(|outer| alone(mirror, scope, *outer)) {
            // Every step matches one sibling only, so a path from one element matches one element.
            let css = steps.iter().rev().fold(anchor.css(), |css, step| css + " > " + &step.css(mirror));
            return (css, 1);
        }
    }
    steps.reverse();
    let css: Vec<String> = steps.iter().map(|step| step.css(mirror)).collect();
    let top = up.last().copied().unwrap_or(NodeIndex(0));
    let from_top = mirror.tag(top) == "html" && !mirror.node(top).in_shadow;
    let found = if from_top { 1 } else { count(mirror, &members(mirror, scope), &steps) };
    if found > 1 && mirror.node(top).in_shadow {
        // Elsewhere in the shadow root there are more of that shape; from its top there is one.
        return (format!(":host > {}", css.join(" > ")), 1);
    }
    (css.join(" > "), u32::try_from(found).unwrap_or(u32::MAX))
}

/// The first simple selector of an element that matches no other.
fn alone(mirror: &Mirror, scope: Option<NodeIndex>, nx: NodeIndex) -> Option<Anchor> {
    anchors(mirror, nx).into_iter().find_map(|mut anchor| {
        anchor.count(mirror, scope);
        (anchor.count == 1).then_some(anchor)
    })
}

/// How many elements a path matches that begins anywhere in a scope. Counted from the top down, so that each list of
/// children is visited once for each step.
fn count(mirror: &Mirror, members: &[NodeIndex], steps: &[Step]) -> usize {
    let Some((first, rest)) = steps.split_first() else { return 0 };
    mirror.pay_for(members.len() * steps.len());
    let mut parents: Vec<(Option<NodeIndex>, bool)> = members
        .iter()
        .filter(|member| mirror.is_same_tag(**member, first.of))
        .map(|member| (mirror.parent(*member), mirror.node(*member).in_shadow))
        .collect();
    parents.sort_unstable();
    parents.dedup();
    let mut found: Vec<NodeIndex> = parents
        .into_iter()
        .filter_map(|(parent, in_shadow)| Some((parent?, in_shadow)))
        .flat_map(|(parent, in_shadow)| first.among(mirror, children(mirror, parent, in_shadow)))
        .collect();
    for step in rest {
        found = found.iter().flat_map(|parent| step.among(mirror, children(mirror, *parent, false))).collect();
    }
    found.len()
}
