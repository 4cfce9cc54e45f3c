//! Mutations to the mirror, in the order in which rrweb's replayer applies them: removes, adds, texts,
//! attributes.

use std::collections::HashMap;

use playhead_json::{Cursor, RawStr, Read};

use super::attr::AttrName;
use super::build::{self, BuildNotes, TEXT_BYTES_MAX, Value};
use super::tree::{Refused, Slice};
use super::{Mirror, Nx};

/// Adds that wait for a parent or sibling which comes later in the same list.
const WAITING_MAX: u32 = 200_000;

/// What a mutation changed, for whoever tells outcomes.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Roots of what was put into the document.
    pub(crate) added: Vec<Nx>,
    /// Roots of what was taken out; their insides are still readable.
    pub(crate) removed: Vec<Nx>,
    /// The parents that they had, in the same order.
    pub(crate) removed_from: Vec<Nx>,
    /// Text nodes that got another content, with the one they had (readable until the next mutation).
    pub(crate) texts: Vec<(Nx, Slice)>,
    /// Kept attributes that changed, with the value that they had (readable until the next mutation).
    pub(crate) attrs: Vec<(Nx, AttrName, Option<Slice>)>,
    /// Elements that were hidden (true) or shown by their style attribute.
    pub(crate) hidden: Vec<(Nx, bool)>,
}

impl Changes {
    pub(crate) fn clear(&mut self) {
        self.added.clear();
        self.removed.clear();
        self.removed_from.clear();
        self.texts.clear();
        self.attrs.clear();
        self.hidden.clear();
    }
}

/// How a mutation went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Applied {
    /// Entries of any kind that it had.
    pub(crate) entries: u32,
    /// Entries that name a node that isn't there.
    pub(crate) unknown: u32,
    /// Adds that would have made a node its own ancestor.
    pub(crate) cycles: u32,
    pub(crate) notes: BuildNotes,
}

struct Add {
    node: Nx,
    parent: u32,
    next: Option<u32>,
    previous: Option<u32>,
}

/// Applies the fields of a mutation's `data`. `cursor` stands after the opening brace.
pub(crate) fn mutation(mirror: &mut Mirror, cursor: &mut Cursor<'_>, changes: &mut Changes) -> Read<Applied> {
    mirror.sweep();
    let mut applied = Applied::default();
    let mut lists: [Option<Cursor<'_>>; 4] = [None; 4];
    // As rrweb writes them, removes stand before adds and are applied where they stand; lists that come too early wait.
    let mut next = 0;
    while let Some(key) = cursor.key()? {
        let list = match key {
            b"removes" => REMOVES,
            b"adds" => ADDS,
            b"texts" => TEXTS,
            b"attributes" => ATTRIBUTES,
            _ => {
                cursor.skip()?;
                continue;
            }
        };
        if cursor.peek() != b'[' || lists[list].is_some() {
            cursor.skip()?;
        } else if list == next && list <= ADDS {
            apply_list(list, mirror, cursor, changes, &mut applied)?;
            next += 1;
        } else {
            lists[list] = Some(*cursor);
            cursor.skip()?;
        }
    }
    for (list, cursor) in lists.iter_mut().enumerate() {
        if let Some(cursor) = cursor {
            apply_list(list, mirror, cursor, changes, &mut applied)?;
        }
    }
    Ok(applied)
}

/// The lists of a mutation, in the order in which they are applied.
const REMOVES: usize = 0;
const ADDS: usize = 1;
const TEXTS: usize = 2;
const ATTRIBUTES: usize = 3;

fn apply_list(
    list: usize,
    mirror: &mut Mirror,
    cursor: &mut Cursor<'_>,
    changes: &mut Changes,
    applied: &mut Applied,
) -> Read<()> {
    match list {
        REMOVES => apply_removes(mirror, cursor, changes, applied),
        ADDS => apply_adds(mirror, cursor, changes, applied),
        TEXTS => apply_texts(mirror, cursor, changes, applied),
        _ => apply_attributes(mirror, cursor, changes, applied),
    }
}

fn apply_removes(
    mirror: &mut Mirror,
    cursor: &mut Cursor<'_>,
    changes: &mut Changes,
    applied: &mut Applied,
) -> Read<()> {
    cursor.array()?;
    while cursor.item()? {
        applied.entries += 1;
        let mut id = None;
        let before = *cursor;
        let is_usual = cursor.take(b"{\"parentId\":") && cursor.node_id()?.is_some() && cursor.take(b",\"id\":") && {
            id = cursor.node_id()?;
            cursor.take(b"}")
        };
        if !is_usual {
            *cursor = before;
            each_field(cursor, |key, cursor| {
                if key == b"id" {
                    id = cursor.node_id()?;
                } else {
                    cursor.skip()?;
                }
                Ok(())
            })?;
        }
        match id.and_then(|id| mirror.by_id(id)) {
            Some(nx) if mirror.parent(nx).is_some() => {
                if mirror.node(nx).attached {
                    changes.removed.push(nx);
                    changes.removed_from.extend(mirror.parent(nx));
                }
                mirror.unlink(nx);
            }
            // A node whose parent was removed just before it has no parent any more: nothing is wrong.
            Some(_) => {}
            None => applied.unknown += 1,
        }
    }
    Ok(())
}

fn apply_adds(mirror: &mut Mirror, cursor: &mut Cursor<'_>, changes: &mut Changes, applied: &mut Applied) -> Read<()> {
    let mut waiting = Waiting::default();
    let first_new = changes.added.len();
    cursor.array()?;
    while cursor.item()? {
        applied.entries += 1;
        if let Some(add) = read_add(mirror, cursor, applied)? {
            waiting.place(mirror, add, changes, applied);
        }
    }
    waiting.settle(mirror, changes, applied);
    mirror.adopt();
    // Only roots: what stands under another new node is told with it.
    let fresh: Vec<Nx> = changes.added.drain(first_new..).collect();
    if let Some(oldest) = fresh.iter().min().copied() {
        changes.added.extend(fresh.into_iter().filter(|nx| mirror.parent(*nx).is_none_or(|parent| parent < oldest)));
    }
    Ok(())
}

/// Adds by the id of the node that they wait for: a list may name parents and siblings after their use.
#[derive(Default)]
struct Waiting {
    by_id: HashMap<u32, Vec<(u32, Add)>>,
    count: u32,
}

impl Waiting {
    /// Places an add and whatever waited for it, or lets it wait.
    fn place(&mut self, mirror: &mut Mirror, add: Add, changes: &mut Changes, applied: &mut Applied) {
        if self.by_id.is_empty() && missing(mirror, &add).is_none() {
            link(mirror, &add, changes, applied);
            return;
        }
        let mut ready = vec![add];
        while let Some(add) = ready.pop() {
            match missing(mirror, &add) {
                None => {
                    link(mirror, &add, changes, applied);
                    if !self.by_id.is_empty()
                        && let Some(woken) = self.by_id.remove(&mirror.node(add.node).id)
                    {
                        ready.extend(woken.into_iter().rev().map(|(_, add)| add));
                    }
                }
                Some(id) if self.count < WAITING_MAX => {
                    self.count += 1;
                    self.by_id.entry(id).or_default().push((self.count, add));
                }
                Some(_) => applied.unknown += 1,
            }
        }
    }

    /// What waits for a sibling that never came goes last in its parent, and what waited for that one
    /// before it; what has no parent is dropped.
    fn settle(&mut self, mirror: &mut Mirror, changes: &mut Changes, applied: &mut Applied) {
        let mut order: Vec<(u32, u32)> =
            self.by_id.iter().filter_map(|(id, waiting)| Some((waiting.first()?.0, *id))).collect();
        order.sort_unstable();
        for never_came in [true, false] {
            for (_, id) in &order {
                if never_came && mirror.by_id(*id).is_some() {
                    continue;
                }
                for (_, mut add) in self.by_id.remove(id).unwrap_or_default() {
                    applied.unknown += 1;
                    if mirror.by_id(add.parent).is_some() {
                        add.next = None;
                        self.place(mirror, add, changes, applied);
                    }
                }
            }
        }
        // Who was woken by a sibling that went elsewhere.
        let mut left: Vec<(u32, Add)> = std::mem::take(&mut self.by_id).into_values().flatten().collect();
        left.sort_unstable_by_key(|(order, _)| *order);
        for (_, mut add) in left {
            applied.unknown += 1;
            add.next = None;
            link(mirror, &add, changes, applied);
        }
    }
}

/// The id that an add still needs: its parent, or the sibling before which it goes. A parent that is out of the
/// document comes again later in the list: it moves, and its children may be told first.
fn missing(mirror: &Mirror, add: &Add) -> Option<u32> {
    let parent = mirror.by_id(add.parent).filter(|parent| mirror.node(*parent).attached);
    let Some(parent) = parent else { return Some(add.parent) };
    add.next.filter(|next| mirror.by_id(*next).and_then(|nx| mirror.parent(nx)) != Some(parent))
}

fn link(mirror: &mut Mirror, add: &Add, changes: &mut Changes, applied: &mut Applied) {
    let Some(parent) = mirror.by_id(add.parent) else { return };
    let before = match add.next {
        Some(next) => mirror.by_id(next),
        None => add.previous.and_then(|id| mirror.by_id(id)).and_then(|nx| mirror.next(nx)),
    };
    if mirror.parent(add.node).is_some() {
        return;
    }
    match mirror.link(add.node, parent, before) {
        Ok(()) if mirror.node(add.node).attached => changes.added.push(add.node),
        Ok(()) => {}
        Err(Refused::Cycle) => applied.cycles += 1,
        Err(Refused::TooDeep) => applied.notes.cut = true,
    }
}

fn read_add(mirror: &mut Mirror, cursor: &mut Cursor<'_>, applied: &mut Applied) -> Read<Option<Add>> {
    let (mut node, mut parent, mut next, mut previous) = (None, None, None, None);
    if cursor.peek() != b'{' {
        cursor.skip()?;
        return Ok(None);
    }
    // As rrweb writes it, compared with what is expected instead of being read.
    if cursor.take(b"{\"parentId\":") {
        parent = cursor.node_id()?;
        if cursor.take(b",\"nextId\":") {
            next = cursor.node_id()?;
        }
        if cursor.take(b",\"node\":{") {
            node = build::inside(mirror, cursor, &mut applied.notes)?;
        }
    } else {
        cursor.object()?;
    }
    while let Some(key) = cursor.key()? {
        match key {
            b"parentId" => parent = cursor.node_id()?,
            b"nextId" => next = cursor.node_id()?,
            b"previousId" => previous = cursor.node_id()?,
            b"node" if cursor.peek() == b'{' => {
                node = build::node(mirror, cursor, &mut applied.notes)?;
            }
            _ => {
                cursor.skip()?;
            }
        }
    }
    Ok(match (node, parent) {
        (Some(node), Some(parent)) => Some(Add { node, parent, next, previous }),
        _ => {
            applied.unknown += 1;
            None
        }
    })
}

fn apply_texts(mirror: &mut Mirror, cursor: &mut Cursor<'_>, changes: &mut Changes, applied: &mut Applied) -> Read<()> {
    cursor.array()?;
    while cursor.item()? {
        applied.entries += 1;
        let (mut id, mut text) = (None, None);
        each_field(cursor, |key, cursor| {
            match key {
                b"id" => id = cursor.node_id()?,
                b"value" => text = Some(cursor.string_or_skip()?.unwrap_or(RawStr { bytes: b"", escaped: false })),
                _ => {
                    cursor.skip()?;
                }
            }
            Ok(())
        })?;
        match (id.and_then(|id| mirror.by_id(id)), text) {
            (Some(nx), Some(text)) => {
                let old = mirror.content(nx);
                mirror.set_text(nx, text, TEXT_BYTES_MAX);
                if mirror.node(nx).attached {
                    changes.texts.push((nx, old));
                }
            }
            _ => applied.unknown += 1,
        }
    }
    Ok(())
}

fn apply_attributes(
    mirror: &mut Mirror,
    cursor: &mut Cursor<'_>,
    changes: &mut Changes,
    applied: &mut Applied,
) -> Read<()> {
    cursor.array()?;
    while cursor.item()? {
        applied.entries += 1;
        // As rrweb writes it the id comes first, and the values need not be stepped over to find it.
        let before = *cursor;
        if cursor.take(b"{\"id\":")
            && let Some(nx) = cursor.node_id()?.and_then(|id| mirror.by_id(id))
            && cursor.take(b",\"attributes\":")
        {
            each_field(cursor, |key, cursor| set_attribute(mirror, nx, key, cursor, changes))?;
            while cursor.key()?.is_some() {
                cursor.skip()?;
            }
            continue;
        }
        *cursor = before;
        let (mut id, mut values) = (None, None);
        each_field(cursor, |key, cursor| {
            match key {
                b"id" => id = cursor.node_id()?,
                b"attributes" => {
                    values = Some(*cursor);
                    cursor.skip()?;
                }
                _ => {
                    cursor.skip()?;
                }
            }
            Ok(())
        })?;
        match (id.and_then(|id| mirror.by_id(id)), values) {
            (Some(nx), Some(mut values)) => {
                each_field(&mut values, |key, cursor| set_attribute(mirror, nx, key, cursor, changes))?
            }
            _ => applied.unknown += 1,
        }
    }
    Ok(())
}

fn set_attribute(mirror: &mut Mirror, nx: Nx, key: &[u8], cursor: &mut Cursor<'_>, changes: &mut Changes) -> Read<()> {
    let Some(name) = AttrName::of(key) else {
        cursor.skip()?;
        return Ok(());
    };
    if name == AttrName::Style {
        let was = mirror.node(nx).style_hidden;
        let hidden = style_hides(cursor, was)?;
        mirror.node_mut(nx).style_hidden = hidden;
        if hidden != was && mirror.node(nx).attached {
            changes.hidden.push((nx, hidden));
        }
        return Ok(());
    }
    let value = match build::value(cursor)? {
        Value::Text(text) => Some(text),
        Value::Absent => None,
    };
    let old = mirror.attr_slice(nx, name);
    if old.is_none() && value.is_none() {
        return Ok(());
    }
    mirror.set_attr(nx, name, value);
    if mirror.node(nx).attached {
        changes.attrs.push((nx, name, old));
    }
    Ok(())
}

/// Whether an element is hidden after a change of its style: the whole attribute as a string, `null`,
/// or an object of changed properties, of which only `display` and `visibility` matter.
fn style_hides(cursor: &mut Cursor<'_>, was: bool) -> Read<bool> {
    match cursor.peek() {
        b'"' => Ok(build::hides(cursor.string()?)),
        b'{' => {
            let mut hidden = was;
            each_field(cursor, |key, cursor| {
                let text = cursor.skip()?;
                if key == b"display" || key == b"visibility" {
                    hidden = memchr::memmem::find(text, b"none").is_some()
                        || memchr::memmem::find(text, b"hidden").is_some();
                }
                Ok(())
            })?;
            Ok(hidden)
        }
        _ => {
            cursor.skip()?;
            Ok(false)
        }
    }
}

/// Calls `read` for each field of the object that is next; another value is skipped.
pub(crate) fn each_field<'a>(
    cursor: &mut Cursor<'a>,
    mut read: impl FnMut(&'a [u8], &mut Cursor<'a>) -> Read<()>,
) -> Read<()> {
    if cursor.peek() != b'{' {
        cursor.skip()?;
        return Ok(());
    }
    cursor.object()?;
    while let Some(key) = cursor.key()? {
        read(key, cursor)?;
    }
    Ok(())
}
