//! Garbage collection: a page that is open for hours builds its content over and over.
//!
//! In: the mirror. Out: the mirror without unreachable text and detached nodes. Never here: a node that is in the
//! document.

use super::{Attr, Mirror, NONE, NodeIndex, NodeKind, SWEEP_BYTES, Slice};

/// A smaller arena is never collected.
const COLLECT_NODES: usize = 4096;
/// Detached nodes are dropped when the arena holds this many times as many of them as of attached nodes.
const COLLECT_RATIO: usize = 3;

impl Mirror {
    /// Drops unreachable text when there may be much of it.
    pub(crate) fn sweep(&mut self) {
        if self.text.len() >= self.sweep_at {
            self.pack_text();
        }
    }

    fn pack_text(&mut self) {
        let old = std::mem::take(&mut self.text);
        let mut keep = |slice: &mut Slice| {
            let kept = old.get(slice.start as usize..(slice.start + slice.len) as usize).unwrap_or_default();
            slice.start = self.text.len() as u32;
            self.text.push_str(kept);
        };
        for node in &mut self.nodes {
            keep(&mut node.text);
        }
        for attr in &mut self.attrs {
            keep(&mut attr.value);
        }
        self.sweep_at = SWEEP_BYTES.max(self.text.len() * 2);
    }

    /// Drops the nodes that are out of the document when most nodes are, so that the cost of a walk over all nodes
    /// depends on the document and not on the length of the recording. Does nothing while one of `held` is out of the
    /// document.
    pub(crate) fn collect(&mut self, mut held: impl Iterator<Item = NodeIndex>) -> Option<Moved> {
        let enough = self.nodes.len() >= COLLECT_NODES && self.nodes.len() / COLLECT_RATIO > self.attached;
        if !enough || held.any(|nx| !self.node(nx).attached) {
            return None;
        }
        let mut places = vec![NONE; self.nodes.len()];
        let mut kept = 0;
        for (place, node) in places.iter_mut().zip(&self.nodes) {
            if node.attached {
                *place = kept;
                kept += 1;
            }
        }
        let moved = Moved(places);
        let old_nodes = std::mem::take(&mut self.nodes);
        let old_attrs = std::mem::take(&mut self.attrs);
        self.nodes.reserve(kept as usize * 2);
        self.tagged.fill(NONE);
        for mut node in old_nodes.into_iter().filter(|node| node.attached) {
            for link in [&mut node.parent, &mut node.first, &mut node.last, &mut node.prev, &mut node.next] {
                *link = moved.place(*link);
            }
            let mut at = std::mem::replace(&mut node.attrs, NONE);
            let of = NodeIndex(self.nodes.len() as u32);
            let first = self.attrs.len();
            node.same_tag = std::mem::replace(&mut self.tagged[node.tag.index()], of.0);
            while let Some(attr) = old_attrs.get(at as usize) {
                self.attrs.push(Attr { next: self.attrs.len() as u32 + 1, ..*attr });
                at = attr.next;
            }
            if let Some(last) = self.attrs[first..].last_mut() {
                last.next = NONE;
                node.attrs = first as u32;
            }
            self.nodes.push(node);
        }
        self.root = moved.place(self.root);
        self.ids.remap(|old| super::wrap(moved.place(old)).map(|nx| nx.0));
        self.taken.clear();
        self.pack_text();
        self.index_all();
        Some(moved)
    }

    /// Builds the indexes anew.
    fn index_all(&mut self) {
        self.texts.clear();
        self.valued.clear();
        self.roles.clear();
        for nx in (0..self.nodes.len() as u32).map(NodeIndex) {
            if self.node(nx).kind == NodeKind::Text {
                self.index_text(nx);
            }
            let mut at = self.node(nx).attrs;
            while let Some(attr) = self.attrs.get(at as usize).copied() {
                if attr.present {
                    self.index_attr(nx, attr.name, attr.value);
                }
                at = attr.next;
            }
        }
    }
}

/// The new indexes of nodes after others were dropped.
#[derive(Debug)]
pub(crate) struct Moved(Vec<u32>);

impl Moved {
    /// Updates the index of a node, which must be in the document.
    pub(crate) fn apply(&self, nx: &mut NodeIndex) {
        nx.0 = self.place(nx.0);
    }

    fn place(&self, old: u32) -> u32 {
        self.0.get(old as usize).copied().unwrap_or(NONE)
    }
}
