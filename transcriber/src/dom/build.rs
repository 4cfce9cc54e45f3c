//! Serialised nodes to arena nodes.
//!
//! In: the JSON text of a node with its children. Out: unlinked nodes in the mirror. Never here: recursion, an
//! assumption about the order of keys.

use playhead_json::{Cursor, Malformed, RawStr, Read};

use super::tree::DEPTH_MAX;
use super::{AttrName, Mirror, NodeIndex, NodeKind};

/// Bytes of one text node that are kept.
pub(crate) const TEXT_BYTES_MAX: usize = 4000;

/// What was noticed while a node was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BuildNotes {
    /// Elements that the recorder was told to leave out.
    pub(crate) blocked: u32,
    /// True when depth or count limits cut something off.
    pub(crate) cut: bool,
}

/// Reads one serialised node with all that is below it. The node comes out unlinked.
///
/// Keys may come in any order. In the order in which rrweb writes them, keys are compared instead of being read, which
/// takes a third of the time.
pub(crate) fn node(mirror: &mut Mirror, cursor: &mut Cursor<'_>, notes: &mut BuildNotes) -> Read<Option<NodeIndex>> {
    cursor.object()?;
    inside(mirror, cursor, notes)
}

/// The same for a node whose opening brace was read.
pub(super) fn inside(mirror: &mut Mirror, cursor: &mut Cursor<'_>, notes: &mut BuildNotes) -> Read<Option<NodeIndex>> {
    let Some(top) = mirror.add() else {
        notes.cut = true;
        return Err(Malformed);
    };
    opening(mirror, cursor, top, None, notes)?;
    let mut open = mirror.take_stack();
    open.push(top);
    while let Some(&nx) = open.last() {
        if cursor.take(b",\"id\":") {
            id(mirror, cursor, nx)?;
            continue;
        }
        let is_list = cursor.take(b",\"childNodes\":[");
        match if is_list { Some(&b"childNodes"[..]) } else { cursor.key()? } {
            None => {
                open.pop();
                // The parent's list of children continues.
                while let Some(&parent) = open.last() {
                    if !cursor.item()? {
                        break;
                    }
                    if enter_child(mirror, cursor, parent, open.len(), notes)?.map(|child| open.push(child)).is_some() {
                        break;
                    }
                }
            }
            Some(b"childNodes") if is_list || cursor.peek() == b'[' => {
                if !is_list {
                    cursor.array()?;
                }
                while cursor.item()? {
                    if let Some(child) = enter_child(mirror, cursor, nx, open.len(), notes)? {
                        open.push(child);
                        break;
                    }
                }
            }
            Some(key) => field(mirror, cursor, nx, key, notes)?,
        }
    }
    mirror.return_stack(open);
    Ok(Some(top))
}

/// The first fields of a node, when they are in the order in which rrweb writes them.
fn opening(
    mirror: &mut Mirror,
    cursor: &mut Cursor<'_>,
    nx: NodeIndex,
    parent: Option<NodeIndex>,
    notes: &mut BuildNotes,
) -> Read<()> {
    if cursor.take(b"\"type\":2,\"tagName\":\"") {
        let tag = cursor.rest_of_string()?;
        mirror.node_mut(nx).kind = NodeKind::Element;
        mirror.set_tag(nx, tag);
        if cursor.take(b",\"attributes\":{") {
            attributes(mirror, cursor, nx, notes)?;
        }
    } else if cursor.take(b"\"type\":3,\"textContent\":\"") {
        let content = cursor.rest_of_string()?;
        mirror.node_mut(nx).kind = NodeKind::Text;
        text(mirror, nx, parent, content);
    }
    Ok(())
}

fn id(mirror: &mut Mirror, cursor: &mut Cursor<'_>, nx: NodeIndex) -> Read<()> {
    if let Some(id) = cursor.node_id()? {
        mirror.set_id(nx, id);
    }
    Ok(())
}

fn text(mirror: &mut Mirror, nx: NodeIndex, parent: Option<NodeIndex>, content: RawStr<'_>) {
    let inside = parent.map_or("", |parent| mirror.tag(parent));
    if !matches!(inside, "style" | "script" | "noscript") {
        mirror.set_text(nx, content, TEXT_BYTES_MAX);
    }
}

/// Opens the next child, or skips it and gives `None` when it isn't an object or a limit is reached.
fn enter_child(
    mirror: &mut Mirror,
    cursor: &mut Cursor<'_>,
    parent: NodeIndex,
    depth: usize,
    notes: &mut BuildNotes,
) -> Read<Option<NodeIndex>> {
    if cursor.peek() != b'{' {
        cursor.skip()?;
        return Ok(None);
    }
    let child = if depth < usize::from(DEPTH_MAX) { mirror.add() } else { None };
    let Some(child) = child else {
        notes.cut = true;
        cursor.skip()?;
        return Ok(None);
    };
    cursor.object()?;
    notes.cut |= mirror.link(child, parent, None).is_err();
    opening(mirror, cursor, child, Some(parent), notes)?;
    Ok(Some(child))
}

fn field(mirror: &mut Mirror, cursor: &mut Cursor<'_>, nx: NodeIndex, key: &[u8], notes: &mut BuildNotes) -> Read<()> {
    match key {
        b"type" => {
            let kind = match cursor.number()?.map_or(-1, |n| n as i32) {
                0 => NodeKind::Document,
                1 => NodeKind::Doctype,
                2 => NodeKind::Element,
                3 | 4 => NodeKind::Text,
                5 => NodeKind::Comment,
                _ => NodeKind::Unknown,
            };
            mirror.node_mut(nx).kind = kind;
            if kind == NodeKind::Document {
                mirror.count_scope();
            }
        }
        b"id" => id(mirror, cursor, nx)?,
        b"tagName" => {
            if let Some(tag) = cursor.string_or_skip()? {
                mirror.set_tag(nx, tag);
            }
        }
        b"textContent" => {
            if let Some(content) = cursor.string_or_skip()? {
                text(mirror, nx, mirror.parent(nx), content);
            }
        }
        b"attributes" if cursor.peek() == b'{' => {
            cursor.object()?;
            attributes(mirror, cursor, nx, notes)?;
        }
        b"isShadow" => {
            mirror.node_mut(nx).in_shadow = cursor.is_true()?;
            if mirror.node(nx).in_shadow {
                mirror.count_scope();
            }
        }
        b"isSVG" => mirror.node_mut(nx).is_svg = cursor.is_true()?,
        b"needBlock" => mirror.node_mut(nx).blocked |= cursor.is_true()?,
        _ => {
            cursor.skip()?;
        }
    }
    Ok(())
}

/// The attributes of a node whose opening brace was read.
fn attributes(mirror: &mut Mirror, cursor: &mut Cursor<'_>, nx: NodeIndex, notes: &mut BuildNotes) -> Read<()> {
    while let Some(key) = cursor.key()? {
        let Some(name) = AttrName::of(key) else {
            cursor.skip()?;
            continue;
        };
        match value(cursor)? {
            Value::Text(text) if name == AttrName::Style => {
                mirror.node_mut(nx).style_hidden = hides(text);
            }
            Value::Text(text) => mirror.set_attr(nx, name, Some(text)),
            Value::Absent => {}
        }
        if name == AttrName::RrWidth {
            mirror.node_mut(nx).blocked = true;
            notes.blocked += 1;
        }
    }
    Ok(())
}

/// The value of an attribute as rrweb writes it.
pub(crate) enum Value<'a> {
    Text(RawStr<'a>),
    Absent,
}

/// Reads an attribute value: string, number, `true` (empty string), `false` or `null` (absent).
pub(crate) fn value<'a>(cursor: &mut Cursor<'a>) -> Read<Value<'a>> {
    Ok(match cursor.peek() {
        b'"' => Value::Text(cursor.string()?),
        b'{' | b'[' => {
            cursor.skip()?;
            Value::Absent
        }
        _ => match cursor.scalar()? {
            b"null" | b"false" => Value::Absent,
            b"true" => Value::Text(RawStr { bytes: b"", escaped: false }),
            number => Value::Text(RawStr { bytes: number, escaped: false }),
        },
    })
}

/// True when a style attribute hides the element.
pub(crate) fn hides(style: RawStr<'_>) -> bool {
    // Only `display` and `visibility` hide an element, and few styles contain the letter that both end with.
    let is_there = |end: usize| {
        let before = &style.bytes[..=end];
        before.ends_with(b"display") || before.ends_with(b"visibility")
    };
    if !memchr::memchr_iter(b'y', style.bytes).any(is_there) {
        return false;
    }
    style.text().split(';').any(|declaration| {
        let mut parts = declaration.splitn(2, ':');
        let property = parts.next().unwrap_or_default().trim();
        let value = parts.next().unwrap_or_default().trim().trim_end_matches("!important").trim_end();
        matches!((property, value), ("display", "none") | ("visibility", "hidden" | "collapse"))
    })
}
