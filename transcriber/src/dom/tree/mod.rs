//! The arena: nodes, links, attributes, text.
//!
//! In: what [`build`](super::build) reads and [`apply`](super::apply) changes. Out: nodes by their ids, their places in
//! the tree and what they hold. Elements stand in chains by their tags, and in lists by
//! what people find them by, so that nothing is looked for by walking over the document. Never here: JSON, what a node means to a person.

mod content;
mod find;
mod forget;
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
pub(crate) struct Nx(pub(crate) u32);

/// Most nodes that all mirrors of a replay hold, removed ones included. Past it new nodes are refused.
const NODES_MAX: usize = 4_000_000;
/// And that one mirror may hold in any case.
const NODES_MAX_LEAST: usize = 100_000;
/// Deepest nesting that is kept. Browsers themselves stop at 512 levels when they parse HTML.
pub(crate) const DEPTH_MAX: u16 = 4096;
/// Highest node id that is mapped. rrweb counts ids up from 1.
const ID_MAX: u32 = 16_000_000;
/// Text buffer size from which on unreachable text is swept out, in bytes.
const SWEEP_BYTES: usize = 16 << 20;

const NONE: u32 = u32::MAX;

/// Why a node was not put in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It would be below itself.
    Cycle,
    /// Too many nodes would be above it or what is below it.
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
    /// The content of a text; the tag of an element that `tag` doesn't tell.
    text: Slice,
    /// The bits of the attributes that it has or had.
    has: u64,
    /// The node before it that has the same tag.
    same_tag: u32,
    tag: Tag,
    pub(crate) kind: NodeKind,
    /// How many nodes stand above it.
    depth: u16,
    pub(crate) attached: bool,
    /// A child of a shadow root, which rrweb appends to the host's children.
    pub(crate) in_shadow: bool,
    pub(crate) is_svg: bool,
    /// `display: none` or `visibility: hidden` in its own style attribute.
    pub(crate) style_hidden: bool,
    /// The recorder left out its content.
    pub(crate) blocked: bool,
    /// It has or had what dialogs, alerts and menus are told by: a role, such an element's tag, or such a class.
    pub(crate) notable: bool,
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
    /// Nodes that may still be gone through to [look](Mirror::may_look) for others.
    looks: Cell<u64>,
    root: u32,
    /// Documents, and children of shadow roots, that there are or were.
    scopes: u32,
    /// The most nodes that ever stood above one.
    deepest: u16,
    sweep_at: usize,
    /// Nodes that took the id of one that was still in the document.
    taken: Vec<(Nx, Nx)>,
    /// A buffer to be used again: a text without its escapes.
    unescaped: Vec<u8>,
    /// A list to be used again: who reads nodes notes in it which are open.
    path: Vec<Nx>,
    /// The last node of each tag: the beginning of a chain through `same_tag`.
    tagged: [u32; Tag::COUNT],
    /// Texts by what they are or were.
    texts: Index,
    /// Elements by the [searched](AttrName::is_searched) attributes that they have or had.
    valued: Index,
    /// Elements that have or had a role written down.
    roles: Vec<Nx>,
}

impl Default for Mirror {
    fn default() -> Self {
        Self::one_of(1)
    }
}

impl Mirror {
    /// An empty mirror, of a replay that has so many windows.
    pub(crate) fn one_of(windows: usize) -> Self {
        Self {
            nodes: Vec::new(),
            attrs: Vec::new(),
            text: String::new(),
            attached: 0,
            nodes_max: (NODES_MAX / windows.max(1)).max(NODES_MAX_LEAST),
            ids: Ids::default(),
            looks: Cell::new(u64::MAX),
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
    /// The mirror for as many looks as are left to `other`.
    pub(crate) fn after(self, other: &Self) -> Self {
        self.with_looks(other.looks.get())
    }

    /// The mirror for so many looks.
    pub(crate) fn with_looks(self, looks: u64) -> Self {
        self.looks.set(looks);
        self
    }

    /// Takes a look at the whole document, as whoever counts what a selector finds does; false when there were too many.
    pub(crate) fn may_look(&self) -> bool {
        // With frames or shadow roots it is asked of many nodes what stands above them.
        let levels = if self.has_scopes() { 1 + u64::from(self.deepest) / 8 } else { 1 };
        let left = self.looks.get().checked_sub(self.nodes.len() as u64 * levels);
        self.looks.set(left.unwrap_or_default());
        left.is_some()
    }

    /// Goes through so many nodes beyond those of one look.
    pub(crate) fn look(&self, nodes: usize) {
        self.looks.set(self.looks.get().saturating_sub(nodes as u64));
    }

    /// Notes a document, or a child of a shadow root.
    pub(super) fn note_scope(&mut self) {
        self.scopes = self.scopes.saturating_add(1);
    }

    /// True when there are or were frames or shadow roots.
    pub(crate) fn has_scopes(&self) -> bool {
        self.scopes > 1
    }

    /// True when there were as many looks as there may be.
    pub(crate) fn is_looked_through(&self) -> bool {
        self.looks.get() == 0
    }

    pub(crate) fn root(&self) -> Option<Nx> {
        wrap(self.root)
    }

    pub(crate) fn set_root(&mut self, root: Nx) {
        self.root = root.0;
        self.set_attached(root, true);
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// The node that has this rrweb id now.
    #[inline]
    pub(crate) fn by_id(&self, id: u32) -> Option<Nx> {
        self.ids.get(id).map(Nx)
    }

    #[inline]
    pub(crate) fn node(&self, nx: Nx) -> &Node {
        &self.nodes[nx.0 as usize]
    }

    /// A new node without links; `None` when the mirror is full.
    #[inline]
    pub(crate) fn add(&mut self) -> Option<Nx> {
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
            notable: false,
        });
        Some(Nx(self.nodes.len() as u32 - 1))
    }

    /// An empty list for nodes that are open, to be [given back](Self::give_path).
    pub(super) fn take_path(&mut self) -> Vec<Nx> {
        std::mem::take(&mut self.path)
    }

    pub(super) fn give_path(&mut self, mut path: Vec<Nx>) {
        path.clear();
        self.path = path;
    }

    #[inline]
    pub(crate) fn node_mut(&mut self, nx: Nx) -> &mut Node {
        &mut self.nodes[nx.0 as usize]
    }

    /// Gives the node its rrweb id. A node that had the id before loses it and its place in the tree; the document itself
    /// keeps both.
    #[inline]
    pub(crate) fn name(&mut self, nx: Nx, id: u32) {
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
    pub(crate) fn parent(&self, nx: Nx) -> Option<Nx> {
        wrap(self.node(nx).parent)
    }

    #[inline]
    pub(crate) fn next(&self, nx: Nx) -> Option<Nx> {
        wrap(self.node(nx).next)
    }

    #[inline]
    pub(crate) fn prev(&self, nx: Nx) -> Option<Nx> {
        wrap(self.node(nx).prev)
    }

    #[inline]
    pub(crate) fn first_child(&self, nx: Nx) -> Option<Nx> {
        wrap(self.node(nx).first)
    }

    pub(crate) fn last_child(&self, nx: Nx) -> Option<Nx> {
        wrap(self.node(nx).last)
    }

    pub(crate) fn children(&self, nx: Nx) -> impl Iterator<Item = Nx> + '_ {
        std::iter::successors(self.first_child(nx), |child| self.next(*child))
    }

    /// The node itself, its parent, and so on up to the root, through frames and shadow roots.
    #[inline]
    pub(crate) fn lineage(&self, nx: Nx) -> impl Iterator<Item = Nx> + '_ {
        std::iter::successors(Some(nx), |node| self.parent(*node))
    }

    /// The node after `at` in document order inside the subtree of `top`; skips the children of `at` when told to.
    #[inline]
    pub(crate) fn walk_on(&self, top: Nx, at: Nx, into: bool) -> Option<Nx> {
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
    pub(crate) fn subtree(&self, top: Nx) -> impl Iterator<Item = Nx> + '_ {
        std::iter::successors(Some(top), move |at| self.walk_on(top, *at, true))
    }
}

fn wrap(index: u32) -> Option<Nx> {
    (index != NONE).then_some(Nx(index))
}
