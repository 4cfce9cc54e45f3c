//! Mutations to the mirror, in the order in which rrweb's replayer applies them: removes, adds, texts, attributes.
//!
//! In: the data of a mutation. Out: the changed mirror, and what changed in the document. Never here: what a change
//! means.

mod adds;
mod removes;
mod values;

use playhead_json::{Cursor, Read};

use super::attr::AttrName;
use super::build::BuildNotes;
use super::tree::Slice;
use super::{Mirror, NodeIndex};
use adds::apply_adds;
use removes::apply_removes;
use values::{apply_attributes, apply_texts};

/// What a mutation changed in the document.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Roots of what was put into the document.
    pub(crate) added: Vec<NodeIndex>,
    /// Roots of what was taken out; their insides are still readable.
    pub(crate) removed: Vec<NodeIndex>,
    /// The parents that they had, in the same order.
    pub(crate) removed_from: Vec<NodeIndex>,
    /// Text nodes that got another content, with the one they had (readable until the next mutation).
    pub(crate) texts: Vec<(NodeIndex, Slice)>,
    /// Kept attributes that changed, with the value that they had (readable until the next mutation).
    pub(crate) attrs: Vec<(NodeIndex, AttrName, Option<Slice>)>,
    /// Elements that were hidden (true) or shown by their style attribute.
    pub(crate) hidden: Vec<(NodeIndex, bool)>,
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

/// What applying a mutation met.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Applied {
    /// Entries of any kind that it had.
    pub(crate) entries: u32,
    /// Entries for a node that is not in the mirror.
    pub(crate) unknown: u32,
    /// Adds that would have made a node its own ancestor.
    pub(crate) cycles: u32,
    pub(crate) notes: BuildNotes,
}

/// Applies the fields of a mutation's `data`, whose opening brace was read.
pub(crate) fn mutation(mirror: &mut Mirror, cursor: &mut Cursor<'_>, changes: &mut Changes) -> Read<Applied> {
    mirror.sweep();
    let mut applied = Applied::default();
    let mut lists: [Option<Cursor<'_>>; 4] = [None; 4];
    // rrweb writes removes before adds, and both are applied as they are read. Lists that come earlier than their turn
    // are applied at the end.
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
