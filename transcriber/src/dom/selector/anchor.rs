//! Simple selectors: an element by one of its attributes.

use super::super::name::scope_of;
use super::super::{AttrName, Mirror, NodeIndex};
use crate::scrub::holds_secret;

/// A simple selector.
#[derive(Clone, Debug)]
pub(super) struct Anchor {
    tag: Option<String>,
    pub(super) attr: AttrName,
    value: String,
    /// Elements of its scope that it matches, once they were counted.
    pub(super) count: u32,
}

impl Anchor {
    /// Counts what it matches in a scope.
    pub(super) fn count(&mut self, mirror: &Mirror, scope: Option<NodeIndex>) {
        let tag = self.tag.as_deref();
        let found = mirror
            .with_attr(self.attr, &self.value)
            .into_iter()
            .filter(|nx| tag.is_none_or(|tag| mirror.tag(*nx) == tag) && scope_of(mirror, *nx) == scope)
            .count();
        self.count = u32::try_from(found).unwrap_or(u32::MAX);
    }

    pub(super) fn css(&self) -> String {
        let tag = self.tag.as_deref().unwrap_or_default();
        if self.attr == AttrName::Id && is_identifier(&self.value) {
            return format!("{tag}#{}", self.value);
        }
        format!("{tag}[{}=\"{}\"]", self.attr.as_str(), self.value.replace('\\', "\\\\").replace('"', "\\\""))
    }

    /// True for an id or name that a program generated.
    pub(super) fn is_generated(&self) -> bool {
        self.attr == AttrName::Id && looks_generated(&self.value)
    }
}

/// Simple selectors of an element, the most stable first.
pub(super) fn anchors(mirror: &Mirror, nx: NodeIndex) -> Vec<Anchor> {
    let mut found = Vec::new();
    let tag = mirror.tag(nx);
    let mut push = |tag: Option<&str>, attr: AttrName, lasting: &dyn Fn(&str) -> bool| {
        if let Some(value) = mirror.attr(nx, attr)
            && !value.is_empty()
            && value.len() <= 100
            && !value.contains(['\n', '\r', '*'])
            && !holds_secret(value)
            && lasting(value)
        {
            found.push(Anchor { tag: tag.map(str::to_owned), attr, value: value.to_owned(), count: 0 });
        }
    };
    for attr in AttrName::TEST_IDS {
        push(None, attr, &|_| true);
    }
    push(None, AttrName::Id, &|id| !looks_generated(id));
    push(Some(tag), AttrName::Name, &|_| true);
    push(Some(tag), AttrName::AriaLabel, &|_| true);
    push(Some(tag), AttrName::Placeholder, &|_| true);
    push(Some(tag), AttrName::Title, &|_| true);
    push(Some(tag), AttrName::Alt, &|_| true);
    push(Some(tag), AttrName::For, &|id| !looks_generated(id));
    push(Some(tag), AttrName::Href, &|href| !href.starts_with("data:") && !href.starts_with("blob:"));
    push(None, AttrName::Id, &|_| true);
    found
}

/// True for ids that a program generated: `rc_select_1`, `:r3:`, `ember482`, long hex or digits.
fn looks_generated(id: &str) -> bool {
    let digits = id.bytes().filter(u8::is_ascii_digit).count();
    let hexish = id.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        part.len() >= 8
            && part.bytes().all(|b| b.is_ascii_hexdigit())
            && part.bytes().any(|b| b.is_ascii_digit())
            && part.bytes().any(|b| b.is_ascii_alphabetic())
    });
    id.starts_with(':') || digits >= 4 || hexish || (digits > 0 && digits * 2 >= id.len()) || id.contains("«")
}

fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}
