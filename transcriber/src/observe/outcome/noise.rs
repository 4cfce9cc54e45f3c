//! Elements that change without the user: clocks, feeds, animations.

use std::collections::HashMap;

use super::{CHANGES_MAX, container};
use crate::dom::apply::Changes;
use crate::dom::{Mirror, NodeIndex, NodeKind};

/// How many changes without an action make an element noisy.
const NOISE_COUNT: u32 = 2;
/// How long an element stays noisy after its last change of its own.
const NOISE_MS: f64 = 10_000.0;
/// Elements whose own changes are remembered.
const NOISE_MAX: usize = 20_000;

/// By rrweb id: how often an element changed without the user, and when it last did.
pub(super) type Noise = HashMap<u32, (u32, f64)>;

fn touched<'a>(mirror: &'a Mirror, changes: &'a Changes) -> impl Iterator<Item = NodeIndex> + 'a {
    // A frame's document that is attached is no change of what is around it.
    let added = changes.added.iter().filter(|nx| mirror.node(**nx).kind != NodeKind::Document);
    let added = added.map(|nx| container(mirror, *nx));
    let texts = changes.texts.iter().map(|(nx, _)| container(mirror, *nx));
    let attrs = changes.attrs.iter().map(|(nx, _, _)| *nx);
    added.chain(texts).chain(attrs).chain(changes.hidden.iter().map(|(nx, _)| *nx))
}

/// Counts the changes of one mutation as changes without an action.
pub(super) fn note(mirror: &Mirror, noise: &mut Noise, at: f64, changes: &Changes) {
    if noise.len() > NOISE_MAX {
        noise.clear();
    }
    for nx in touched(mirror, changes).take(CHANGES_MAX) {
        let entry = noise.entry(mirror.node(nx).id).or_insert((0, at));
        if at - entry.1 > NOISE_MS {
            entry.0 = 0;
        }
        if entry.1 < at || entry.0 == 0 {
            entry.0 += 1;
        }
        entry.1 = at;
    }
}

/// True for an element that changed by itself before `since`, or is in one that did.
pub(super) fn is_noisy(mirror: &Mirror, noise: &Noise, since: f64, nx: NodeIndex) -> bool {
    let inside = mirror.self_and_ancestors(nx).take_while(|up| mirror.node(*up).kind != NodeKind::Document);
    inside.take(4).any(|up| {
        noise.get(&mirror.node(up).id).is_some_and(|(count, last)| *count >= NOISE_COUNT && since - last < NOISE_MS)
    })
}

/// True when a mutation changed an element that is not noisy.
pub(super) fn has_other_changes(mirror: &Mirror, noise: &Noise, since: f64, changes: &Changes) -> bool {
    !changes.removed.is_empty() || touched(mirror, changes).any(|nx| !is_noisy(mirror, noise, since, nx))
}
