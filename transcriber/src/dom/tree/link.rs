//! The links of the tree.

use super::{DEPTH_MAX, LinkError, Mirror, NONE, Node, NodeIndex, wrap};

impl Mirror {
    /// Puts an unlinked node under `parent` before `before`, or last.
    #[inline]
    pub(crate) fn link(
        &mut self,
        nx: NodeIndex,
        parent: NodeIndex,
        before: Option<NodeIndex>,
    ) -> Result<(), LinkError> {
        // Below a node without children is only the node itself. One with children may have any node below it: also an
        // older one, which was linked while the node waited for its own parent.
        let may_hold = self.node(nx).first != NONE;
        if parent == nx || may_hold && self.self_and_ancestors(parent).any(|up| up == nx) {
            return Err(LinkError::Cycle);
        }
        let depth = self.node(parent).depth + 1;
        if depth + self.height(nx) > DEPTH_MAX {
            return Err(LinkError::TooDeep);
        }
        let before = before.filter(|b| self.parent(*b) == Some(parent));
        let prev = match before {
            Some(b) => self.node(b).prev,
            None => self.node(parent).last,
        };
        let next = before.map_or(NONE, |b| b.0);
        self.deepest = self.deepest.max(depth);
        let node = self.node_mut(nx);
        (node.parent, node.prev, node.next, node.depth) = (parent.0, prev, next, depth);
        match wrap(prev) {
            Some(p) => self.node_mut(p).next = nx.0,
            None => self.node_mut(parent).first = nx.0,
        }
        match before {
            Some(b) => self.node_mut(b).prev = nx.0,
            None => self.node_mut(parent).last = nx.0,
        }
        let attached = self.node(parent).attached;
        if self.node(nx).first != NONE || self.node(nx).attached != attached {
            self.set_attached(nx, attached);
        }
        Ok(())
    }

    /// How many levels are below a node.
    #[inline]
    fn height(&self, nx: NodeIndex) -> u16 {
        if self.node(nx).first == NONE {
            return 0;
        }
        let deepest = self.subtree(nx).map(|node| self.node(node).depth).max().unwrap_or_default();
        deepest.saturating_sub(self.node(nx).depth)
    }

    /// Takes a node and its subtree out of the tree. The subtree stays readable.
    pub(crate) fn unlink(&mut self, nx: NodeIndex) {
        let Node { parent, prev, next, .. } = *self.node(nx);
        match wrap(prev) {
            Some(p) => self.node_mut(p).next = next,
            None => {
                if let Some(p) = wrap(parent) {
                    self.node_mut(p).first = next;
                }
            }
        }
        match wrap(next) {
            Some(n) => self.node_mut(n).prev = prev,
            None => {
                if let Some(p) = wrap(parent) {
                    self.node_mut(p).last = prev;
                }
            }
        }
        let node = self.node_mut(nx);
        (node.parent, node.prev, node.next) = (NONE, NONE, NONE);
        // The depths stay: those below remain consistent with it.
        if self.node(nx).attached {
            self.set_attached(nx, false);
        }
    }

    /// Sets for a whole subtree whether it is in the document, and the depth of each node.
    #[inline]
    pub(super) fn set_attached(&mut self, top: NodeIndex, attached: bool) {
        let mut at = Some(top);
        while let Some(nx) = at {
            if nx != top {
                let depth = self.parent(nx).map_or(0, |up| self.node(up).depth + 1);
                self.node_mut(nx).depth = depth;
                self.deepest = self.deepest.max(depth);
            }
            if std::mem::replace(&mut self.node_mut(nx).attached, attached) != attached {
                self.attached = if attached { self.attached + 1 } else { self.attached - 1 };
            }
            at = self.next_in_subtree(top, nx, true);
        }
    }

    /// Gives nodes that were added a second time without children the children that they had before.
    ///
    /// Two recorders on one page share their ids: the second one adds the same element again, and only the first one
    /// recorded its content.
    pub(crate) fn adopt(&mut self) {
        for (nx, old) in std::mem::take(&mut self.taken) {
            if self.first_child(nx).is_some()
                || self.node(nx).kind != self.node(old).kind
                || self.tag(nx) != self.tag(old)
            {
                continue;
            }
            while let Some(child) = self.first_child(old) {
                self.unlink(child);
                if self.link(child, nx, None).is_err() {
                    break;
                }
            }
        }
    }
}
