//! Nodes that are put into the document.

use std::collections::HashMap;

use playhead_json::{Cursor, Read};

use super::super::build;
use super::super::tree::LinkError;
use super::super::{Mirror, NodeIndex};
use super::{Applied, Changes};

/// Adds that wait for a parent or sibling which comes later in the same list.
const WAITING_MAX: u32 = 200_000;

pub(super) fn apply_adds(
    mirror: &mut Mirror,
    cursor: &mut Cursor<'_>,
    changes: &mut Changes,
    applied: &mut Applied,
) -> Read<()> {
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
    // Only roots: a node below another new one belongs to that.
    let fresh: Vec<NodeIndex> = changes.added.drain(first_new..).collect();
    if let Some(oldest) = fresh.iter().min().copied() {
        changes.added.extend(fresh.into_iter().filter(|nx| mirror.parent(*nx).is_none_or(|parent| parent < oldest)));
    }
    Ok(())
}

/// An entry of the list.
struct Add {
    node: NodeIndex,
    parent: u32,
    next: Option<u32>,
    previous: Option<u32>,
}

/// Adds by the id of the node that they wait for: a list may name a node before the add that brings it.
#[derive(Default)]
struct Waiting {
    by_id: HashMap<u32, Vec<(u32, Add)>>,
    count: u32,
}

impl Waiting {
    /// Links an add and those that waited for it, or lets it wait.
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
                        && let Some(ready_now) = self.by_id.remove(&mirror.node(add.node).id)
                    {
                        ready.extend(ready_now.into_iter().rev().map(|(_, add)| add));
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

    /// Links the adds that wait for a sibling that never came as last children of their parents, each before those that
    /// waited for it. Adds without a parent are dropped.
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
        // Their sibling came, but under another parent.
        let mut left: Vec<(u32, Add)> = std::mem::take(&mut self.by_id).into_values().flatten().collect();
        left.sort_unstable_by_key(|(order, _)| *order);
        for (_, mut add) in left {
            applied.unknown += 1;
            add.next = None;
            link(mirror, &add, changes, applied);
        }
    }
}

/// The id of the node that an add still needs: its parent, or the sibling before which it goes. A parent that is out of
/// the document is moved by an add later in the list, and its children may come before that.
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
        Err(LinkError::Cycle) => applied.cycles += 1,
        Err(LinkError::TooDeep) => applied.notes.cut = true,
    }
}

fn read_add(mirror: &mut Mirror, cursor: &mut Cursor<'_>, applied: &mut Applied) -> Read<Option<Add>> {
    let (mut node, mut parent, mut next, mut previous) = (None, None, None, None);
    if cursor.peek() != b'{' {
        cursor.skip()?;
        return Ok(None);
    }
    // In the order in which rrweb writes them, keys are compared instead of being read.
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
