//! Texts and attributes that get another value.

use playhead_json::{Cursor, RawStr, Read, each_field};

use super::super::attr::AttrName;
use super::super::build::{self, TEXT_BYTES_MAX, Value};
use super::super::{Mirror, NodeIndex};
use super::{Applied, Changes};

pub(super) fn apply_texts(
    mirror: &mut Mirror,
    cursor: &mut Cursor<'_>,
    changes: &mut Changes,
    applied: &mut Applied,
) -> Read<()> {
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

pub(super) fn apply_attributes(
    mirror: &mut Mirror,
    cursor: &mut Cursor<'_>,
    changes: &mut Changes,
    applied: &mut Applied,
) -> Read<()> {
    cursor.array()?;
    while cursor.item()? {
        applied.entries += 1;
        // rrweb writes the id first: the values need not be skipped to find it.
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

fn set_attribute(
    mirror: &mut Mirror,
    nx: NodeIndex,
    key: &[u8],
    cursor: &mut Cursor<'_>,
    changes: &mut Changes,
) -> Read<()> {
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
