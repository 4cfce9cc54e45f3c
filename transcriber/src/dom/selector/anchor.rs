//! Simple selectors: an element by one of its attributes.

use super::super::name::scope_of;
use super::super::{AttrName, Mirror, Nx};

/// A simple selector.
#[derive(Clone, Debug)]
pub(super) struct Anchor {
    tag: Option<String>,
    pub(super) attr: AttrName,
    value: String,
    /// Elements of its scope that it matches.
    pub(super) count: u32,
}

impl Anchor {
    pub(super) fn css(&self) -> String {
        let tag = self.tag.as_deref().unwrap_or_default();
        if self.attr == AttrName::Id && is_identifier(&self.value) {
            return format!("{tag}#{}", self.value);
        }
        format!("{tag}[{}=\"{}\"]", self.attr.as_str(), self.value.replace('\\', "\\\\").replace('"', "\\\""))
    }

    /// True for an id or name that a program gave.
    pub(super) fn is_generated(&self) -> bool {
        self.attr == AttrName::Id && looks_generated(&self.value)
    }
}

/// Counts what each of these matches in a scope, in one walk over the attributes.
pub(super) fn count_all(mirror: &Mirror, scope: Option<Nx>, anchors: &mut [Anchor]) {
    let mut wanted: Vec<(AttrName, usize)> = anchors.iter().enumerate().map(|(i, one)| (one.attr, i)).collect();
    wanted.sort_unstable_by_key(|(attr, i)| (*attr as u8, *i));
    let mut lengths = [0u128; 256];
    for anchor in anchors.iter() {
        lengths[anchor.attr as usize] |= 1 << anchor.value.len().min(127);
    }
    let wanted_length = |attr: AttrName, length: usize| lengths[attr as usize] & 1 << length.min(127) != 0;
    let mut counts = vec![0u32; anchors.len()];
    for (nx, attr, value) in mirror.attrs_where(wanted_length) {
        let mut inside = None;
        for (_, i) in wanted.iter().filter(|(of, _)| *of == attr) {
            let anchor = &anchors[*i];
            if anchor.value == value
                && anchor.tag.as_deref().is_none_or(|tag| mirror.tag(nx) == tag)
                && *inside.get_or_insert_with(|| scope_of(mirror, nx) == scope)
            {
                counts[*i] += 1;
            }
        }
    }
    for (anchor, count) in anchors.iter_mut().zip(counts) {
        anchor.count = count;
    }
}

/// Simple selectors of an element, the most lasting first.
pub(super) fn anchors(mirror: &Mirror, nx: Nx) -> Vec<Anchor> {
    let mut found = Vec::new();
    let tag = mirror.tag(nx);
    let mut push = |tag: Option<&str>, attr: AttrName, lasting: &dyn Fn(&str) -> bool| {
        if let Some(value) = mirror.attr(nx, attr)
            && !value.is_empty()
            && value.len() <= 100
            && !value.contains(['\n', '\r', '*'])
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

/// Ids that a program counted or drew: `rc_select_1`, `:r3:`, `ember482`, long hex or digits.
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
