//! Values with their labels: `Total £129.00`.

use playhead_schemas::text::one_line;

use crate::dom::name::{is_masked, visible_text};
use crate::dom::role::is_widget;
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};

/// Characters of a label and of a value.
const LABEL_CHARS_MAX: usize = 40;
const VALUE_CHARS_MAX: usize = 80;
/// Characters of an amount, and the letters in it: units and currencies.
const AMOUNT_CHARS_MAX: usize = 20;
const AMOUNT_LETTERS_MAX: usize = 3;
/// Letters of the shortest label.
const LABEL_LETTERS_MIN: usize = 3;
/// Words of the longest label in front of an amount in a text.
const LABEL_WORDS_MAX: usize = 4;
/// Nodes of a label.
const LABEL_NODES_MAX: usize = 6;
/// Elements between a value and what stands beside its label.
const LEVELS_MAX: usize = 3;

/// A term and what it is defined as.
pub(super) fn definition(mirror: &Mirror, term: NodeIndex) -> Option<(String, String)> {
    let next = std::iter::successors(mirror.next(term), |next| mirror.next(*next));
    let defined = next.take(4).find(|nx| mirror.tag(*nx) == "dd")?;
    pair(visible_text(mirror, term, LABEL_CHARS_MAX), visible_text(mirror, defined, VALUE_CHARS_MAX))
}

/// True for the first definition after a term.
pub(super) fn is_defined(mirror: &Mirror, nx: NodeIndex) -> bool {
    element_before(mirror, nx).is_some_and(|before| mirror.tag(before) == "dt")
}

pub(super) fn pair(label: String, value: String) -> Option<(String, String)> {
    let label = label.trim_end_matches(':').to_owned();
    (!label.is_empty() && !value.is_empty() && !is_masked(&label) && !is_masked(&value)).then_some((label, value))
}

/// The label and the amount of a text such as `Total £129.00`.
pub(super) fn in_text(text: &str) -> Option<(String, String)> {
    let (label, value) = text.rsplit_once(' ')?;
    let words = label.split(' ').count();
    let is_label = is_label(label) && words <= LABEL_WORDS_MAX;
    (is_label && is_price(value)).then(|| (label.trim_end_matches(':').to_owned(), value.to_owned()))
}

/// True for an amount with a mark of what it counts: a currency, a percent sign, decimals.
pub(super) fn is_price(text: &str) -> bool {
    is_amount(text) && text.chars().any(|c| matches!(c, '£' | '€' | '$' | '¥' | '%'))
}

/// True for a number with its sign and unit.
pub(crate) fn is_amount(text: &str) -> bool {
    text.chars().count() <= AMOUNT_CHARS_MAX
        && text.starts_with(|c: char| c.is_ascii_digit() || "£€$¥+-−–(~≈".contains(c))
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.chars().filter(|c| c.is_alphabetic()).count() <= AMOUNT_LETTERS_MAX
}

fn is_label(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() >= LABEL_LETTERS_MIN
        && !text.bytes().any(|byte| byte.is_ascii_digit())
        && text.chars().count() <= LABEL_CHARS_MAX
        && !is_masked(text)
}

/// The label that stands before a value: in the element before it or before what holds it alone.
pub(crate) fn label_of(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let mut value = None;
    for up in mirror.self_and_ancestors(nx).take(LEVELS_MAX + 1) {
        let is_element = mirror.node(up).kind == NodeKind::Element;
        if is_element && !matches!(mirror.tag(up), "li" | "tr" | "body" | "main") {
            let own = visible_text(mirror, up, AMOUNT_CHARS_MAX + 1);
            if value.get_or_insert_with(|| own.clone()) != &own {
                return None;
            }
        } else if is_element {
            return None;
        }
        if let Some(before) = text_before(mirror, up) {
            let label = before.trim_end_matches(':').trim();
            return is_label(label).then(|| label.to_owned());
        }
    }
    None
}

/// The text that stands directly before a node in what holds it.
fn text_before(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let before = std::iter::successors(mirror.prev(nx), |prev| mirror.prev(*prev)).take(LEVELS_MAX);
    // What holds controls or much else is no label.
    let is_small = |nx: NodeIndex| {
        let is_control = |nx: NodeIndex| {
            matches!(mirror.tag(nx), "a" | "button" | "input" | "select" | "li")
                || mirror.attr(nx, AttrName::Role).is_some_and(is_widget)
        };
        mirror.subtree(nx).take(LABEL_NODES_MAX + 1).count() <= LABEL_NODES_MAX && !mirror.subtree(nx).any(is_control)
    };
    let text = |nx: NodeIndex| match mirror.node(nx).kind {
        _ if !is_small(nx) => "…".to_owned(),
        NodeKind::Text => one_line(mirror.text(nx), LABEL_CHARS_MAX + 1),
        _ => visible_text(mirror, nx, LABEL_CHARS_MAX + 1),
    };
    before.map(text).find(|text| !text.is_empty())
}

fn element_before(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    let mut before = std::iter::successors(mirror.prev(nx), |prev| mirror.prev(*prev)).take(LEVELS_MAX);
    before.find(|nx| mirror.node(*nx).kind == NodeKind::Element)
}
