//! The arena: nodes, links, attributes, text.

use super::ids::Ids;
use super::{AttrName, Tag, Tags};
use crate::json::RawStr;
use crate::scan::may_have_landmark_part;

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
/// Longest tag name that is kept, in bytes.
const TAG_BYTES_MAX: usize = 64;
/// Text buffer size from which on unreachable text is swept out, in bytes.
const SWEEP_BYTES: usize = 16 << 20;

/// Fewer nodes than this are never gone through for what may be forgotten.
const COLLECT_NODES: usize = 4096;
/// Nodes out of the document are forgotten when so many times as many are there as are in it.
const COLLECT_RATIO: usize = 3;

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
    of: Nx,
    name: AttrName,
    present: bool,
    value: Slice,
    /// The next one of the same node.
    next: u32,
    /// The one before it that has the same name.
    same_name: u32,
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
    root: u32,
    sweep_at: usize,
    /// Nodes that took the id of one that was still in the document.
    taken: Vec<(Nx, Nx)>,
    /// A buffer to be used again: a text without its escapes.
    unescaped: Vec<u8>,
    /// A list to be used again: who reads nodes notes in it which are open.
    path: Vec<Nx>,
    /// The last node of each tag: the beginning of a chain through `same_tag`.
    tagged: [u32; Tag::COUNT],
    /// The last place in `attrs` of each name: the beginning of a chain through `same_name`.
    named: [u32; AttrName::COUNT],
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
            root: NONE,
            sweep_at: SWEEP_BYTES,
            taken: Vec::new(),
            unescaped: Vec::new(),
            path: Vec::new(),
            tagged: [NONE; Tag::COUNT],
            named: [NONE; AttrName::COUNT],
        }
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
    pub(crate) fn by_id(&self, id: u32) -> Option<Nx> {
        self.ids.get(id).map(Nx)
    }

    pub(crate) fn node(&self, nx: Nx) -> &Node {
        &self.nodes[nx.0 as usize]
    }

    /// A new node without links; `None` when the mirror is full.
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

    pub(crate) fn node_mut(&mut self, nx: Nx) -> &mut Node {
        &mut self.nodes[nx.0 as usize]
    }

    /// Gives the node its rrweb id. A node that had the id before loses it and its place in the tree; the document itself
    /// keeps both.
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

    /// Gives nodes that came again without children the children that they had.
    ///
    /// Two recorders on one page share their ids: the second tells the same element again, and only
    /// the first told what is in it.
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

    pub(crate) fn parent(&self, nx: Nx) -> Option<Nx> {
        wrap(self.node(nx).parent)
    }

    pub(crate) fn next(&self, nx: Nx) -> Option<Nx> {
        wrap(self.node(nx).next)
    }

    pub(crate) fn prev(&self, nx: Nx) -> Option<Nx> {
        wrap(self.node(nx).prev)
    }

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
    pub(crate) fn lineage(&self, nx: Nx) -> impl Iterator<Item = Nx> + '_ {
        std::iter::successors(Some(nx), |node| self.parent(*node))
    }

    /// The node after `at` in document order inside the subtree of `top`; skips the children of `at` when told to.
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

    /// Every attached element.
    pub(crate) fn elements(&self) -> impl Iterator<Item = Nx> + '_ {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.attached && node.kind == NodeKind::Element)
            .map(|(i, _)| Nx(i as u32))
    }

    /// The attached elements with one of these tags, or with this attribute. A tag that stands in no list brings all
    /// elements of such tags.
    pub(crate) fn elements_of(&self, tags: Tags, or: Option<AttrName>) -> impl Iterator<Item = Nx> + '_ {
        let is = |nx: &Nx| self.node(*nx).attached && self.node(*nx).kind == NodeKind::Element;
        let by_tag = tags.iter().flat_map(move |tag| self.tagged(tag).filter(is));
        let by_attr = or.into_iter().flat_map(move |name| {
            let with = self.attrs_named(name).filter(|attr| attr.present).map(|attr| attr.of);
            with.filter(move |nx| !tags.has(self.node(*nx).tag) && is(nx))
        });
        by_tag.chain(by_attr)
    }

    /// The attached texts that are `text` but for white space around it.
    pub(crate) fn texts_of<'m>(&'m self, text: &'m str) -> impl Iterator<Item = Nx> + 'm {
        let is = move |nx: &Nx| {
            let node = self.node(*nx);
            node.attached && node.kind == NodeKind::Text && node.text.len as usize >= text.len() && {
                let found = self.slice(node.text);
                match found.len() == text.len() {
                    true => found == text,
                    // Most begin with another letter.
                    false => {
                        let first = found.as_bytes().first();
                        (first == text.as_bytes().first() || first.is_some_and(|b| *b <= b' ' || *b >= 0x80))
                            && found.trim() == text
                    }
                }
            }
        };
        self.tagged(Tag::TEXT).filter(is)
    }

    /// The nodes of a tag, the last first.
    fn tagged(&self, tag: Tag) -> impl Iterator<Item = Nx> + '_ {
        std::iter::successors(wrap(self.tagged[tag.index()]), |nx| wrap(self.node(*nx).same_tag))
    }

    /// Puts an unlinked node under `parent` before `before`, or last.
    pub(crate) fn link(&mut self, nx: Nx, parent: Nx, before: Option<Nx>) -> Result<(), Refused> {
        // A node without children has only itself below it. With children it may hold any, older ones too: they may have
        // come under it while it waited for its own place.
        let may_hold = self.node(nx).first != NONE;
        if parent == nx || may_hold && self.lineage(parent).any(|up| up == nx) {
            return Err(Refused::Cycle);
        }
        let depth = self.node(parent).depth + 1;
        if depth + self.height(nx) > DEPTH_MAX {
            return Err(Refused::TooDeep);
        }
        let before = before.filter(|b| self.parent(*b) == Some(parent));
        let prev = match before {
            Some(b) => self.node(b).prev,
            None => self.node(parent).last,
        };
        let next = before.map_or(NONE, |b| b.0);
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
    fn height(&self, nx: Nx) -> u16 {
        if self.node(nx).first == NONE {
            return 0;
        }
        let deepest = self.subtree(nx).map(|node| self.node(node).depth).max().unwrap_or_default();
        deepest.saturating_sub(self.node(nx).depth)
    }

    /// Takes a node and what is below it out of the tree. Its inside stays readable.
    pub(crate) fn unlink(&mut self, nx: Nx) {
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
        // The depth stays: it is that of what is below, less one.
        if self.node(nx).attached {
            self.set_attached(nx, false);
        }
    }

    /// Says of a whole subtree whether it is in the document, and how deep each node is.
    fn set_attached(&mut self, top: Nx, attached: bool) {
        let mut at = Some(top);
        while let Some(nx) = at {
            if nx != top {
                self.node_mut(nx).depth = self.parent(nx).map_or(0, |up| self.node(up).depth + 1);
            }
            if std::mem::replace(&mut self.node_mut(nx).attached, attached) != attached {
                self.attached = if attached { self.attached + 1 } else { self.attached - 1 };
            }
            at = self.walk_on(top, nx, true);
        }
    }

    // Text and attributes.

    pub(crate) fn set_text(&mut self, nx: Nx, text: RawStr<'_>, bytes_max: usize) {
        if self.node(nx).tag == Tag::NONE {
            self.tag_as(nx, Tag::TEXT);
        }
        let slice = self.store(text, bytes_max);
        self.node_mut(nx).text = slice;
    }

    pub(crate) fn set_tag(&mut self, nx: Nx, tag: RawStr<'_>) {
        let known = if tag.escaped { Tag::OTHER } else { Tag::of(tag.bytes) };
        // As rrweb writes it for names that are none.
        let known = if known == Tag::OTHER && is_odd(tag) { Tag::of(b"div") } else { known };
        // A node is in one chain; who writes two tags into it means neither.
        if self.node(nx).tag != Tag::NONE {
            return;
        }
        self.tag_as(nx, known);
        match known.name() {
            Some(name) => self.node_mut(nx).notable |= matches!(name, "dialog" | "output"),
            None => self.set_text(nx, tag, TAG_BYTES_MAX),
        }
    }

    fn tag_as(&mut self, nx: Nx, tag: Tag) {
        let before = std::mem::replace(&mut self.tagged[tag.index()], nx.0);
        let node = self.node_mut(nx);
        (node.tag, node.same_tag) = (tag, before);
    }

    /// Appends at most about `bytes_max` bytes of a string; bytes that are not UTF-8 become U+FFFD.
    fn store(&mut self, raw: RawStr<'_>, bytes_max: usize) -> Slice {
        let start = self.text.len();
        if raw.escaped {
            self.unescaped.clear();
            raw.unescape_into(&mut self.unescaped, bytes_max);
            match std::str::from_utf8(&self.unescaped) {
                Ok(text) => self.text.push_str(text),
                Err(_) => self.text.push_str(&String::from_utf8_lossy(&self.unescaped)),
            }
        } else {
            let bytes = &raw.bytes[..raw.bytes.len().min(bytes_max)];
            match std::str::from_utf8(bytes) {
                Ok(text) => self.text.push_str(text),
                // Cut inside a character by the limit: what is whole before it serves.
                Err(cut) if cut.error_len().is_none() => {
                    self.text.push_str(std::str::from_utf8(&bytes[..cut.valid_up_to()]).unwrap_or_default());
                }
                Err(_) => self.text.push_str(&String::from_utf8_lossy(bytes)),
            }
        }
        Slice { start: start as u32, len: (self.text.len() - start) as u32 }
    }

    /// Where the content of a text node stands.
    pub(crate) fn content(&self, nx: Nx) -> Slice {
        self.node(nx).text
    }

    /// The text of a slice that [`content`](Self::content) gave, until the next mutation.
    pub(crate) fn slice(&self, slice: Slice) -> &str {
        self.text.get(slice.start as usize..(slice.start + slice.len) as usize).unwrap_or_default()
    }

    /// The tag name of an element, in lower case; empty for other nodes.
    pub(crate) fn tag(&self, nx: Nx) -> &str {
        let node = self.node(nx);
        match (node.kind, node.tag.name()) {
            (NodeKind::Element, Some(tag)) => tag,
            (NodeKind::Element, None) => self.slice(node.text),
            _ => "",
        }
    }

    /// The content of a text node; empty for other nodes.
    pub(crate) fn text(&self, nx: Nx) -> &str {
        let node = self.node(nx);
        if node.kind == NodeKind::Text { self.slice(node.text) } else { "" }
    }

    /// The value of an attribute; `None` when absent.
    pub(crate) fn attr(&self, nx: Nx, name: AttrName) -> Option<&str> {
        self.attr_slice(nx, name).map(|value| self.slice(value))
    }

    /// Where the value of an attribute stands.
    pub(crate) fn attr_slice(&self, nx: Nx, name: AttrName) -> Option<Slice> {
        let node = self.node(nx);
        if node.has & name.bit() == 0 {
            return None;
        }
        let mut at = node.attrs;
        while let Some(attr) = self.attrs.get(at as usize) {
            if attr.name == name {
                return attr.present.then_some(attr.value);
            }
            at = attr.next;
        }
        None
    }

    /// The attached elements whose attribute has exactly this value, the last that got it first.
    pub(crate) fn with_attr<'m>(&'m self, name: AttrName, value: &'m str) -> impl Iterator<Item = Nx> + 'm {
        self.attrs_named(name)
            .filter(move |attr| {
                attr.value.len as usize == value.len()
                    && attr.present
                    && self.node(attr.of).attached
                    && self.slice(attr.value) == value
            })
            .map(|attr| attr.of)
    }

    fn attrs_named(&self, name: AttrName) -> impl Iterator<Item = &Attr> {
        let at = |at: u32| self.attrs.get(at as usize);
        std::iter::successors(at(self.named[name as usize]), move |attr| at(attr.same_name))
    }

    pub(crate) fn has(&self, nx: Nx, name: AttrName) -> bool {
        self.attr(nx, name).is_some()
    }

    /// Sets (or with `None` removes) an attribute.
    pub(crate) fn set_attr(&mut self, nx: Nx, name: AttrName, value: Option<RawStr<'_>>) {
        let slice = value.map(|v| self.store(v, name.bytes_max()));
        if let Some(slice) = slice
            && (name == AttrName::Role || name == AttrName::Class && landmark_class(self.slice(slice)).is_some())
        {
            self.node_mut(nx).notable = true;
        }
        if self.node(nx).has & name.bit() != 0 {
            let mut at = self.node(nx).attrs;
            while let Some(attr) = self.attrs.get_mut(at as usize) {
                if attr.name == name {
                    attr.present = slice.is_some();
                    attr.value = slice.unwrap_or_default();
                    return;
                }
                at = attr.next;
            }
        }
        if let Some(value) = slice {
            let at = self.attrs.len() as u32;
            let node = self.node_mut(nx);
            let next = std::mem::replace(&mut node.attrs, at);
            node.has |= name.bit();
            let same_name = std::mem::replace(&mut self.named[name as usize], at);
            self.attrs.push(Attr { of: nx, name, present: true, value, next, same_name });
        }
    }

    /// Gives a field the value that it shows now.
    pub(crate) fn set_value(&mut self, nx: Nx, value: &str) {
        self.set_attr(nx, AttrName::Value, Some(RawStr { bytes: value.as_bytes(), escaped: false }));
    }

    /// Sets or unsets a box.
    pub(crate) fn set_checked(&mut self, nx: Nx, on: bool) {
        self.set_attr(nx, AttrName::Checked, on.then_some(RawStr { bytes: b"true", escaped: false }));
    }

    /// Drops text that nothing refers to any more, when there may be much of it.
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
}

/// True for a name that no element can have.
fn is_odd(tag: RawStr<'_>) -> bool {
    let odd = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'.' | b':');
    tag.text().bytes().any(odd)
}

/// What the classes of libraries that give their toasts and modals no role say they are: a word that has `toast`,
/// `snackbar`, `notification` or `modal` as one of its parts.
pub(crate) fn landmark_class(class: &str) -> Option<&'static str> {
    if !may_have_landmark_part(class.as_bytes()) {
        return None;
    }
    let mut words = class.split_ascii_whitespace();
    words.find_map(|word| {
        let mut parts = word.split(['-', '_']);
        let is = |part: &str, name: &str| part.len() == name.len() && part.eq_ignore_ascii_case(name);
        let found = parts.find_map(|part| match part.len() {
            5 if is(part, "toast") => Some("alert"),
            5 if is(part, "modal") => Some("dialog"),
            8 if is(part, "snackbar") || is(part, "toastify") => Some("alert"),
            12 if is(part, "notification") => Some("alert"),
            _ => None,
        })?;
        // What stands behind a modal, and a body while one is open.
        let beside = |part: &str| is(part, "backdrop") || is(part, "open");
        (found == "alert" || !word.split(['-', '_']).any(beside)).then_some(found)
    })
}

impl Mirror {
    /// Forgets the nodes that are out of the document, when they are most of all, so that walks over all nodes cost what
    /// the document costs and not what the recording costs. Does nothing while one of `held` is out of the document.
    pub(crate) fn collect(&mut self, mut held: impl Iterator<Item = Nx>) -> Option<Moved> {
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
        self.named.fill(NONE);
        for mut node in old_nodes.into_iter().filter(|node| node.attached) {
            for link in [&mut node.parent, &mut node.first, &mut node.last, &mut node.prev, &mut node.next] {
                *link = moved.place(*link);
            }
            let mut at = std::mem::replace(&mut node.attrs, NONE);
            let of = Nx(self.nodes.len() as u32);
            let first = self.attrs.len();
            node.same_tag = std::mem::replace(&mut self.tagged[node.tag.index()], of.0);
            while let Some(attr) = old_attrs.get(at as usize) {
                let place = self.attrs.len() as u32;
                let same_name = std::mem::replace(&mut self.named[attr.name as usize], place);
                self.attrs.push(Attr { of, next: place + 1, same_name, ..*attr });
                at = attr.next;
            }
            if let Some(last) = self.attrs[first..].last_mut() {
                last.next = NONE;
                node.attrs = first as u32;
            }
            self.nodes.push(node);
        }
        self.root = moved.place(self.root);
        self.ids.moved(|old| wrap(moved.place(old)).map(|nx| nx.0));
        self.taken.clear();
        self.pack_text();
        Some(moved)
    }
}

/// Where nodes went when others were forgotten.
#[derive(Debug)]
pub(crate) struct Moved(Vec<u32>);

impl Moved {
    /// The node's new place. Only for nodes that are in the document.
    pub(crate) fn apply(&self, nx: &mut Nx) {
        nx.0 = self.place(nx.0);
    }

    fn place(&self, old: u32) -> u32 {
        self.0.get(old as usize).copied().unwrap_or(NONE)
    }
}

fn wrap(index: u32) -> Option<Nx> {
    (index != NONE).then_some(Nx(index))
}
