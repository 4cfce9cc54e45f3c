//! The arena: nodes, links, attributes, text.
//!
//! In: what [`build`](super::build) reads and [`apply`](super::apply) changes. Out: nodes by their ids, their positions
//! in the tree and their content. Elements are in chains by tag and in indexes by text and attribute, so that no search
//! walks the document. Never here: JSON, what a node means to a person.

mod collect;
mod content;
mod find;
mod index;
mod landmark;
mod link;

use std::cell::Cell;

use super::ids::Ids;
use super::{AttrName, Tag};

pub(crate) use content::landmark_class;
use index::Index;

/// The index of a node in its mirror's arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeIndex(pub(crate) u32);

/// The most nodes of all mirrors of a replay, removed ones included. Further nodes are refused.
const NODES_MAX: usize = 4_000_000;
/// The most nodes of one mirror, however many windows there are.
const NODES_MAX_FLOOR: usize = 100_000;
/// The deepest nesting that is kept. Browsers stop at 512 levels when they parse HTML.
pub(crate) const DEPTH_MAX: u16 = 4096;
/// Highest node id that is mapped. rrweb counts ids up from 1.
const ID_MAX: u32 = 16_000_000;
/// The size of the text buffer from which on unreachable text is dropped, in bytes.
const SWEEP_BYTES: usize = 16 << 20;

const NONE: u32 = u32::MAX;

/// Why a node was not linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkError {
    /// It would be its own ancestor.
    Cycle,
    /// It, or a node below it, would be nested too deep.
    TooDeep,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Document,
    Doctype,
    Element,
    Text,
    Comment,
    Unknown,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Slice {
    start: u32,
    len: u32,
}

#[derive(Clone, Copy, Debug)]
struct Attr {
    name: AttrName,
    present: bool,
    value: Slice,
    /// The next one of the same node.
    next: u32,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) id: u32,
    parent: u32,
    first: u32,
    last: u32,
    prev: u32,
    next: u32,
    attrs: u32,
    /// The content of a text node, or the tag of an element whose `tag` is [`Tag::OTHER`].
    text: Slice,
    /// The bits of the attributes that it has or had.
    has: u64,
    /// The node before it that has the same tag.
    same_tag: u32,
    tag: Tag,
    pub(crate) kind: NodeKind,
    /// How many ancestors it has.
    depth: u16,
    pub(crate) attached: bool,
    /// A child of a shadow root, which rrweb appends to the host's children.
    pub(crate) in_shadow: bool,
    pub(crate) is_svg: bool,
    /// `display: none` or `visibility: hidden` in its own style attribute.
    pub(crate) style_hidden: bool,
    /// The recorder left out its content.
    pub(crate) blocked: bool,
    /// It has or had a mark of dialogs, alerts and menus: a role, a tag such as `dialog`, or such a class.
    pub(crate) may_be_landmark: bool,
    /// It has or had what may tell the user something: a role, a tag such as `h1`, or the class of a message.
    pub(crate) has_message_mark: bool,
}

/// The DOM of one window.
#[derive(Debug)]
pub(crate) struct Mirror {
    nodes: Vec<Node>,
    attrs: Vec<Attr>,
    text: String,
    /// Nodes that are in the document.
    attached: usize,
    nodes_max: usize,
    ids: Ids,
    /// Visits of nodes that searches may still make, see [`Mirror::pay_for_walk`].
    visits_left: Cell<u64>,
    root: u32,
    /// How many documents and children of shadow roots there are or were.
    scopes: u32,
    /// The greatest depth that any node ever had.
    deepest: u16,
    sweep_at: usize,
    /// Nodes that got the id of one that was still in the document.
    taken: Vec<(NodeIndex, NodeIndex)>,
    /// A buffer for unescaped text, which is used again.
    unescaped: Vec<u8>,
    /// A stack of nodes for readers of snapshots, which is used again.
    path: Vec<NodeIndex>,
    /// The last node of each tag, from which `same_tag` leads to the others.
    tagged: [u32; Tag::COUNT],
    /// Text nodes by the texts that they have or had.
    texts: Index,
    /// Elements by the [searched](AttrName::is_searched) attributes that they have or had.
    valued: Index,
    /// Elements that have or had a `role` attribute.
    roles: Vec<NodeIndex>,
}

impl Default for Mirror {
    fn default() -> Self {
        Self::one_of(1)
    }
}

impl Mirror {
    /// An empty mirror, one of `windows` of a replay.
    pub(crate) fn one_of(windows: usize) -> Self {
        Self {
            nodes: Vec::new(),
            attrs: Vec::new(),
            text: String::new(),
            attached: 0,
            nodes_max: (NODES_MAX / windows.max(1)).max(NODES_MAX_FLOOR),
            ids: Ids::default(),
            visits_left: Cell::new(u64::MAX),
            root: NONE,
            scopes: 0,
            deepest: 0,
            sweep_at: SWEEP_BYTES,
            taken: Vec::new(),
            unescaped: Vec::new(),
            path: Vec::new(),
            tagged: [NONE; Tag::COUNT],
            texts: Index::default(),
            valued: Index::default(),
            roles: Vec::new(),
        }
    }

    #[inline]
    /// The mirror with the visits that are left to `other`.
    pub(crate) fn with_visits_of(self, other: &Self) -> Self {
        self.with_visits(other.visits_left.get())
    }

    /// The mirror with this many visits.
    pub(crate) fn with_visits(self, visits_left: u64) -> Self {
        self.visits_left.set(visits_left);
        self
    }

    /// Pays for a walk over the whole document, such as counting what a selector matches. False when no visits are
    /// left.
    pub(crate) fn pay_for_walk(&self) -> bool {
        // With frames or shadow roots the walk goes up from many nodes to find their scopes.
        let levels = if self.has_scopes() { 1 + u64::from(self.deepest) / 8 } else { 1 };
        let left = self.visits_left.get().checked_sub(self.nodes.len() as u64 * levels);
        self.visits_left.set(left.unwrap_or_default());
        left.is_some()
    }

    /// Pays for visits beyond those of one walk over the document.
    pub(crate) fn pay_for(&self, nodes: usize) {
        self.visits_left.set(self.visits_left.get().saturating_sub(nodes as u64));
    }

    /// Counts a document, or a child of a shadow root.
    pub(super) fn count_scope(&mut self) {
        self.scopes = self.scopes.saturating_add(1);
    }

    /// True when there are or were frames or shadow roots.
    pub(crate) fn has_scopes(&self) -> bool {
        self.scopes > 1
    }

    /// True when no visits are left.
    pub(crate) fn is_out_of_visits(&self) -> bool {
        self.visits_left.get() == 0
    }

    pub(crate) fn root(&self) -> Option<NodeIndex> {
        wrap(self.root)
    }

    pub(crate) fn set_root(&mut self, root: NodeIndex) {
        self.root = root.0;
        self.set_attached(root, true);
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node that has this rrweb id now.
    #[inline]
    pub(crate) fn by_id(&self, id: u32) -> Option<NodeIndex> {
        self.ids.get(id).map(NodeIndex)
    }

    #[inline]
    pub(crate) fn node(&self, nx: NodeIndex) -> &Node {
        &self.nodes[nx.0 as usize]
    }

    /// A new node without links; `None` when the mirror is full.
    #[inline]
    pub(crate) fn add(&mut self) -> Option<NodeIndex> {
        if self.nodes.len() >= self.nodes_max {
            return None;
        }
        self.nodes.push(Node {
            id: 0,
            parent: NONE,
            first: NONE,
            last: NONE,
            prev: NONE,
            next: NONE,
            attrs: NONE,
            text: Slice::default(),
            has: 0,
            same_tag: NONE,
            tag: Tag::NONE,
            kind: NodeKind::Unknown,
            depth: 0,
            attached: false,
            in_shadow: false,
            is_svg: false,
            style_hidden: false,
            blocked: false,
            may_be_landmark: false,
            has_message_mark: false,
        });
        Some(NodeIndex(self.nodes.len() as u32 - 1))
    }

    /// An empty stack for nodes, to be [returned](Self::return_stack).
    pub(super) fn take_stack(&mut self) -> Vec<NodeIndex> {
        std::mem::take(&mut self.path)
    }

    pub(super) fn return_stack(&mut self, mut path: Vec<NodeIndex>) {
        path.clear();
        self.path = path;
    }

    #[inline]
    pub(crate) fn node_mut(&mut self, nx: NodeIndex) -> &mut Node {
        &mut self.nodes[nx.0 as usize]
    }

    /// Sets the node's rrweb id. A node that had the id before loses it and is unlinked, except the document itself.
    #[inline]
    pub(crate) fn set_id(&mut self, nx: NodeIndex, id: u32) {
        let old = self.by_id(id);
        if id > ID_MAX || old.is_some() && old == self.root() {
            return;
        }
        if let Some(old) = old
            && old != nx
            && self.node(old).attached
        {
            self.unlink(old);
            self.taken.push((nx, old));
        }
        self.node_mut(nx).id = id;
        self.ids.set(id, nx.0);
    }

    #[inline]
    pub(crate) fn parent(&self, nx: NodeIndex) -> Option<NodeIndex> {
        wrap(self.node(nx).parent)
    }

    #[inline]
    pub(crate) fn next(&self, nx: NodeIndex) -> Option<NodeIndex> {
        wrap(self.node(nx).next)
    }

    #[inline]
    pub(crate) fn prev(&self, nx: NodeIndex) -> Option<NodeIndex> {
        wrap(self.node(nx).prev)
    }

    #[inline]
    pub(crate) fn first_child(&self, nx: NodeIndex) -> Option<NodeIndex> {
        wrap(self.node(nx).first)
    }

    pub(crate) fn last_child(&self, nx: NodeIndex) -> Option<NodeIndex> {
        wrap(self.node(nx).last)
    }

    pub(crate) fn children(&self, nx: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        std::iter::successors(self.first_child(nx), |child| self.next(*child))
    }

    /// The node itself, its parent, and so on up to the root, through frames and shadow roots.
    #[inline]
    pub(crate) fn self_and_ancestors(&self, nx: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        std::iter::successors(Some(nx), |node| self.parent(*node))
    }

    /// The node after `at` in document order inside the subtree of `top`, without the children of `at` unless `into`.
    #[inline]
    pub(crate) fn next_in_subtree(&self, top: NodeIndex, at: NodeIndex, into: bool) -> Option<NodeIndex> {
        if into && let Some(child) = self.first_child(at) {
            return Some(child);
        }
        let mut node = at;
        loop {
            if node == top {
                return None;
            }
            if let Some(next) = self.next(node) {
                return Some(next);
            }
            node = self.parent(node)?;
        }
    }

    /// Every node of the subtree in document order, `top` first.
    pub(crate) fn subtree(&self, top: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
        std::iter::successors(Some(top), move |at| self.next_in_subtree(top, *at, true))
    }
}

fn wrap(index: u32) -> Option<NodeIndex> {
    (index != NONE).then_some(NodeIndex(index))
}
