//! Spinners, bars and skeletons that say that something is being loaded.

use playhead_schemas::timeline::Change;

use super::watch::{Found, Watch};
use crate::dom::name::{is_hidden, is_out_of_sight};
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};

/// Nodes of an added tree that are looked at.
const LOOKED_MAX: usize = 12;
/// Signs of loading that are followed for one action.
const LOADING_MAX: usize = 4;
/// A sign that is shown for less than this is not seen.
const SEEN_MS: f64 = 100.0;

/// A sign of loading: what, since when, until when.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loading {
    nx: NodeIndex,
    from: f64,
    to: Option<f64>,
}

/// Takes note of a sign of loading at or just below a node.
pub(super) fn began(mirror: &Mirror, list: &mut Vec<Loading>, top: NodeIndex, at: f64) {
    let found = mirror.subtree(top).take(LOOKED_MAX).find(|nx| is_sign(mirror, *nx));
    if let Some(nx) = found.filter(|nx| list.len() < LOADING_MAX && !list.iter().any(|known| known.nx == *nx)) {
        list.push(Loading { nx, from: at, to: None });
    }
}

/// Ends the signs at or below a node that was removed.
pub(super) fn ended(mirror: &Mirror, list: &mut [Loading], top: NodeIndex, at: f64) {
    for known in list.iter_mut().filter(|known| known.to.is_none()) {
        if mirror.self_and_ancestors(known.nx).take(LOOKED_MAX).any(|up| up == top) {
            known.to = Some(at);
        }
    }
}

/// A progress bar, or what libraries call a spinner.
fn is_sign(mirror: &Mirror, nx: NodeIndex) -> bool {
    if mirror.node(nx).kind != NodeKind::Element || matches!(mirror.tag(nx), "style" | "script" | "link" | "body") {
        return false;
    }
    if is_hidden(mirror, nx) {
        return false;
    }
    if role(mirror, nx) == "progressbar" || mirror.attr(nx, AttrName::AriaBusy) == Some("true") {
        return true;
    }
    // A container of a progress bar that is not shown yet.
    let is_bar =
        |inner: &NodeIndex| mirror.node(*inner).kind == NodeKind::Element && role(mirror, *inner) == "progressbar";
    if mirror.subtree(nx).take(LOOKED_MAX).find(is_bar).is_some_and(|bar| is_hidden(mirror, bar)) {
        return false;
    }
    let class = mirror.attr(nx, AttrName::Class).unwrap_or_default();
    class.split_ascii_whitespace().any(|word| {
        const SIGNS: [&str; 6] = ["spinner", "loader", "loading", "skeleton", "shimmer", "throbber"];
        word.split(['-', '_']).any(|piece| SIGNS.iter().any(|sign| piece.eq_ignore_ascii_case(sign)))
    })
}

/// The longest sign of loading. `until` is when the watch ended.
pub(super) fn change(mirror: &Mirror, watch: &Watch, until: f64) -> Option<Found> {
    let goes_on = |known: &&Loading| known.to.is_none() && !is_out_of_sight(mirror, known.nx);
    if let Some(known) = watch.loading.iter().find(goes_on) {
        let ms = (until - known.from).max(0.0) as u64;
        let change = Change::Loading { ms, ended: false };
        return Some(Found { weight: 2, at: known.from, of: known.nx, change });
    }
    let length = |known: &Loading| known.to.map_or(0.0, |to| to - known.from);
    let longest = watch.loading.iter().max_by(|a, b| length(a).total_cmp(&length(b)))?;
    let change = Change::Loading { ms: length(longest) as u64, ended: true };
    (length(longest) >= SEEN_MS).then_some(Found { weight: 5, at: longest.from, of: longest.nx, change })
}
