//! The content of nodes: tags, texts, attributes.

use playhead_json::RawStr;

use super::super::{AttrName, Tag};
use super::index::key;
use super::landmark::{may_have_landmark_part, may_have_message_part};
use super::{Attr, Mirror, NodeIndex, NodeKind, Slice};

/// Distinguishes the keys of texts from those of attributes.
pub(super) const TEXT: u64 = u64::MAX;
/// Longest tag name that is kept, in bytes.
const TAG_BYTES_MAX: usize = 64;

impl Mirror {
    #[inline]
    pub(crate) fn set_text(&mut self, nx: NodeIndex, text: RawStr<'_>, bytes_max: usize) {
        let slice = self.store(text, bytes_max);
        self.node_mut(nx).text = slice;
        self.index_text(nx);
    }

    /// Adds a text to the index.
    #[inline]
    pub(super) fn index_text(&mut self, nx: NodeIndex) {
        let text = self.slice(self.node(nx).text).trim();
        if !text.is_empty() {
            let key = key(TEXT, text);
            self.texts.add(key, nx);
        }
    }

    #[inline]
    pub(crate) fn set_tag(&mut self, nx: NodeIndex, tag: RawStr<'_>) {
        let known = if tag.escaped { Tag::OTHER } else { Tag::of(tag.bytes) };
        // rrweb writes `div` for names that are not valid.
        let known = if known == Tag::OTHER && is_odd(tag) { Tag::of(b"div") } else { known };
        // A node is in the chain of one tag only, so its first tag counts.
        if self.node(nx).tag != Tag::NONE {
            return;
        }
        self.link_tag(nx, known);
        match known.name() {
            Some(name) => {
                let node = self.node_mut(nx);
                node.may_be_landmark |= matches!(name, "dialog" | "output");
                node.has_message_mark |= node.may_be_landmark
                    || matches!(name, "h1" | "h2" | "main" | "img" | "input" | "select" | "textarea");
            }
            None => self.node_mut(nx).text = self.store(tag, TAG_BYTES_MAX),
        }
    }

    #[inline]
    fn link_tag(&mut self, nx: NodeIndex, tag: Tag) {
        let before = std::mem::replace(&mut self.tagged[tag.index()], nx.0);
        let node = self.node_mut(nx);
        (node.tag, node.same_tag) = (tag, before);
    }

    /// Appends at most about `bytes_max` bytes of a string; bytes that are not UTF-8 become U+FFFD.
    #[inline]
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
                // The limit cut a character in half: keep what is before it.
                Err(cut) if cut.error_len().is_none() => {
                    self.text.push_str(std::str::from_utf8(&bytes[..cut.valid_up_to()]).unwrap_or_default());
                }
                Err(_) => self.text.push_str(&String::from_utf8_lossy(bytes)),
            }
        }
        Slice { start: start as u32, len: (self.text.len() - start) as u32 }
    }

    /// The slice of the content of a text node.
    pub(crate) fn content(&self, nx: NodeIndex) -> Slice {
        self.node(nx).text
    }

    /// The text of a slice that [`content`](Self::content) gave, until the next mutation.
    #[inline]
    pub(crate) fn slice(&self, slice: Slice) -> &str {
        self.text.get(slice.start as usize..(slice.start + slice.len) as usize).unwrap_or_default()
    }

    /// The tag name of an element, in lower case; empty for other nodes.
    #[inline]
    pub(crate) fn tag(&self, nx: NodeIndex) -> &str {
        let node = self.node(nx);
        match (node.kind, node.tag.name()) {
            (NodeKind::Element, Some(tag)) => tag,
            (NodeKind::Element, None) if node.tag == Tag::OTHER => self.slice(node.text),
            _ => "",
        }
    }

    /// True for elements of one tag.
    #[inline]
    pub(crate) fn is_same_tag(&self, a: NodeIndex, b: NodeIndex) -> bool {
        let (one, other) = (self.node(a), self.node(b));
        one.tag == other.tag
            && one.kind == NodeKind::Element
            && other.kind == NodeKind::Element
            && (one.tag != Tag::OTHER || self.slice(one.text) == self.slice(other.text))
    }

    /// The content of a text node; empty for other nodes.
    #[inline]
    pub(crate) fn text(&self, nx: NodeIndex) -> &str {
        let node = self.node(nx);
        if node.kind == NodeKind::Text { self.slice(node.text) } else { "" }
    }

    /// The value of an attribute; `None` when absent.
    #[inline]
    pub(crate) fn attr(&self, nx: NodeIndex, name: AttrName) -> Option<&str> {
        self.attr_slice(nx, name).map(|value| self.slice(value))
    }

    /// The slice of the value of an attribute.
    #[inline]
    pub(crate) fn attr_slice(&self, nx: NodeIndex, name: AttrName) -> Option<Slice> {
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

    #[inline]
    pub(crate) fn has(&self, nx: NodeIndex, name: AttrName) -> bool {
        self.attr(nx, name).is_some()
    }

    /// Sets (or with `None` removes) an attribute.
    #[inline]
    pub(crate) fn set_attr(&mut self, nx: NodeIndex, name: AttrName, value: Option<RawStr<'_>>) {
        let slice = value.map(|v| self.store(v, name.bytes_max()));
        if let Some(slice) = slice {
            self.mark(nx, name, slice);
            self.index_attr(nx, name, slice);
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
            self.attrs.push(Attr { name, present: true, value, next });
        }
    }

    /// Marks what searches for messages and the like need to look at.
    #[inline]
    fn mark(&mut self, nx: NodeIndex, name: AttrName, value: Slice) {
        let value = self.slice(value);
        let (landmark, tells) = match name {
            AttrName::Role => (true, true),
            AttrName::Class => (landmark_class(value).is_some(), may_have_message_part(value.as_bytes())),
            AttrName::AriaCurrent => (false, true),
            _ => return,
        };
        let node = self.node_mut(nx);
        node.may_be_landmark |= landmark;
        node.has_message_mark |= landmark || tells;
    }

    /// Adds an attribute to the index.
    #[inline]
    pub(super) fn index_attr(&mut self, nx: NodeIndex, name: AttrName, value: Slice) {
        if name == AttrName::Role {
            self.roles.push(nx);
        } else if name.is_searched() {
            let key = key(name as u64, self.slice(value));
            self.valued.add(key, nx);
        }
    }

    /// Sets the value that a field shows now.
    pub(crate) fn set_value(&mut self, nx: NodeIndex, value: &str) {
        self.set_attr(nx, AttrName::Value, Some(RawStr { bytes: value.as_bytes(), escaped: false }));
    }

    /// Checks or unchecks a box.
    pub(crate) fn set_checked(&mut self, nx: NodeIndex, on: bool) {
        self.set_attr(nx, AttrName::Checked, on.then_some(RawStr { bytes: b"true", escaped: false }));
    }
}

/// True for a name that no element can have.
fn is_odd(tag: RawStr<'_>) -> bool {
    let odd = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'.' | b':');
    tag.text().bytes().any(odd)
}

/// The kind of landmark that a class names, for libraries that give their toasts and modals no role: a word with
/// `toast`, `snackbar`, `notification` or `modal` as one of its parts.
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
        // The backdrop of a modal, and the body while one is open.
        let beside = |part: &str| is(part, "backdrop") || is(part, "open");
        (found == "alert" || !word.split(['-', '_']).any(beside)).then_some(found)
    })
}
