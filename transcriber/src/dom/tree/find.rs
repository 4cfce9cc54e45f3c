//! Searches for nodes by tag, text and attribute.

use super::super::{AttrName, Tag, Tags};
use super::content::TEXT;
use super::index::key;
use super::{Mirror, NodeIndex, NodeKind, wrap};

impl Mirror {
    /// Every attached element.
    pub(crate) fn elements(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.attached && node.kind == NodeKind::Element)
            .map(|(i, _)| NodeIndex(i as u32))
    }

    /// The attached elements with one of these tags and, with `with_roles`, those with a `role` attribute. For a tag
    /// that is not in the list of known tags all elements of unknown tags are given.
    pub(crate) fn elements_of(&self, tags: Tags, with_roles: bool) -> impl Iterator<Item = NodeIndex> + '_ {
        let is = |nx: &NodeIndex| self.node(*nx).attached && self.node(*nx).kind == NodeKind::Element;
        let by_tag = tags.iter().flat_map(move |tag| self.tagged(tag).filter(is));
        let mut roles = if with_roles { self.roles.clone() } else { Vec::new() };
        roles.retain(|nx| !tags.has(self.node(*nx).tag) && self.has(*nx, AttrName::Role) && is(nx));
        roles.sort_unstable();
        roles.dedup();
        by_tag.chain(roles)
    }

    /// The attached text nodes whose content is `text` with white space around it. `text` is trimmed.
    pub(crate) fn texts_of(&self, text: &str) -> Vec<NodeIndex> {
        let mut found = self.texts.find(key(TEXT, text));
        found.retain(|nx| {
            let node = self.node(*nx);
            node.attached && node.kind == NodeKind::Text && self.slice(node.text).trim() == text
        });
        found
    }

    /// The nodes of a tag, the last first.
    #[inline]
    fn tagged(&self, tag: Tag) -> impl Iterator<Item = NodeIndex> + '_ {
        std::iter::successors(wrap(self.tagged[tag.index()]), |nx| wrap(self.node(*nx).same_tag))
    }

    /// The elements that have this searched attribute with exactly this value, also those that are out of the document.
    pub(crate) fn ever_with_attr(&self, name: AttrName, value: &str) -> Vec<NodeIndex> {
        debug_assert!(name.is_searched());
        let mut found = self.valued.find(key(name as u64, value));
        found.retain(|nx| self.attr(*nx, name) == Some(value));
        found
    }

    /// The attached elements whose [searched](AttrName::is_searched) attribute has exactly this value, the oldest
    /// first.
    pub(crate) fn with_attr(&self, name: AttrName, value: &str) -> Vec<NodeIndex> {
        debug_assert!(name.is_searched());
        let mut found = self.valued.find(key(name as u64, value));
        found.retain(|nx| self.node(*nx).attached && self.attr(*nx, name) == Some(value));
        found
    }
}
