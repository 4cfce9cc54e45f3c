//! Nodes that are taken out of the document.

use playhead_json::{Cursor, Read, each_field};

use super::super::Mirror;
use super::{Applied, Changes};

pub(super) fn apply_removes(
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
