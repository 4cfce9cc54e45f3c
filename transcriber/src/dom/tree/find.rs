//! Nodes by what they are and what they hold.

use super::super::{AttrName, Tag, Tags};
use super::{Attr, Mirror, NodeKind, Nx, wrap};

impl Mirror {
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
    #[inline]
    fn tagged(&self, tag: Tag) -> impl Iterator<Item = Nx> + '_ {
        std::iter::successors(wrap(self.tagged[tag.index()]), |nx| wrap(self.node(*nx).same_tag))
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

    #[inline]
    fn attrs_named(&self, name: AttrName) -> impl Iterator<Item = &Attr> {
        let at = |at: u32| self.attrs.get(at as usize);
        std::iter::successors(at(self.named[name as usize]), move |attr| at(attr.same_name))
    }
}
