//! What stands on a page beside its headings and messages: counts, labelled values, the choices that are made already,
//! small tables, short lists, first texts.
//!
//! In: the mirror and the element that holds the page's own content. Out: a few facts, the important ones first, bounded
//! in number and characters. Never here: headings and messages, what is out of sight, what stands beside the content.

mod labels;
mod tables;

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Element, Shown};

use crate::dom::name::{is_hidden, is_masked, name, visible_text};
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};
pub(crate) use labels::{is_amount, label_of};
pub(crate) use tables::{head_and_row, rows_of};

use super::fields::option_text;

/// Nodes of a page that are looked at.
const NODES_MAX: usize = 4000;
/// Nodes of a block of text, with those inside of it.
const BLOCK_NODES_MAX: usize = 12;
/// Characters of a text, and of all that is told of one page.
const TEXT_CHARS_MAX: usize = 80;
const CHARS_MAX: usize = 600;
/// Characters of a count.
const COUNT_CHARS_MAX: usize = 40;
/// What is told of each kind.
const COUNTS_MAX: usize = 3;
const VALUES_MAX: usize = 6;
const CHOICES_MAX: usize = 4;
const TABLES_MAX: usize = 2;
const LISTS_MAX: usize = 2;
const TEXTS_MAX: usize = 3;
/// Items of a list that is told whole.
const ITEMS_MAX: usize = 5;
/// Items of a longer list that are told, and those that are counted.
const LONG_ITEMS_MAX: usize = 2;
const LIST_LENGTH_MAX: usize = 10_000;
/// Characters of an item.
const ITEM_CHARS_MAX: usize = 60;
/// Letters and words of a text that tells something.
const TEXT_LETTERS_MIN: usize = 8;
const TEXT_WORDS_MIN: usize = 2;

/// What a page shows, by kind.
#[derive(Debug, Default)]
struct Contents {
    counts: Vec<Shown>,
    values: Vec<Shown>,
    choices: Vec<Shown>,
    tables: Vec<Shown>,
    lists: Vec<Shown>,
    texts: Vec<Shown>,
    /// A heading was passed: what comes now stands under it.
    under_heading: bool,
}

/// What the content of a page tells beside headings and messages, and how many nodes were looked at. `told` is what is
/// told of the page already.
pub(super) fn of_page(mirror: &Mirror, top: NodeIndex, told: &[Shown]) -> (Vec<Shown>, usize) {
    let mut contents = Contents::default();
    let (mut at, mut looked) = (Some(top), 0);
    while let Some(nx) = at.filter(|_| looked < NODES_MAX) {
        looked += 1;
        let into = nx == top || contents.look(mirror, nx);
        at = mirror.next_in_subtree(top, nx, into);
    }
    (contents.told(told), looked)
}

impl Contents {
    /// Takes one node; true when what is inside of it comes next.
    fn look(&mut self, mirror: &Mirror, nx: NodeIndex) -> bool {
        if mirror.node(nx).kind != NodeKind::Element {
            return mirror.node(nx).kind == NodeKind::Document;
        }
        if is_hidden(mirror, nx) || is_beside(mirror, nx) {
            return false;
        }
        match mirror.tag(nx) {
            "h1" | "h2" => {
                self.under_heading = true;
                return false;
            }
            "h3" | "h4" | "h5" | "h6" | "legend" | "button" | "a" | "option" | "summary" => return false,
            "label" => {
                let mut inside = mirror.subtree(nx).take(BLOCK_NODES_MAX);
                let field = inside.find(|inner| matches!(mirror.tag(*inner), "input" | "select"));
                push(&mut self.choices, CHOICES_MAX, field.and_then(|field| choice(mirror, field)));
                return false;
            }
            "dt" => {
                self.value(labels::definition(mirror, nx));
                return false;
            }
            "dd" if labels::is_defined(mirror, nx) => return false,
            "select" | "input" => {
                let choice = choice(mirror, nx);
                push(&mut self.choices, CHOICES_MAX, choice);
                return false;
            }
            "ul" | "ol" => {
                if let Some(list) = list(mirror, nx) {
                    push(&mut self.lists, LISTS_MAX, Some(list));
                    return false;
                }
            }
            "pre" | "textarea" => {
                push(&mut self.texts, TEXTS_MAX, text_of(mirror, nx));
                return false;
            }
            _ => {}
        }
        if matches!(role(mirror, nx), "table" | "grid" | "treegrid") {
            return self.table(mirror, nx);
        }
        self.block(mirror, nx)
    }

    fn value(&mut self, value: Option<(String, String)>) {
        let value = value.map(|(label, value)| Shown::Value { label, value });
        push(&mut self.values, VALUES_MAX, value);
    }

    /// A table of labels and values, or one with columns; true when it is neither.
    fn table(&mut self, mirror: &Mirror, nx: NodeIndex) -> bool {
        let rows = tables::rows_of(mirror, nx);
        let pairs = tables::pairs(mirror, &rows);
        if !pairs.is_empty() {
            pairs.into_iter().for_each(|pair| self.value(Some(pair)));
            return false;
        }
        let Some((columns, row)) = tables::head_and_row(mirror, &rows) else { return true };
        let name = name(mirror, nx).map(|name| one_line(&name, TEXT_CHARS_MAX)).filter(|name| !is_masked(name));
        push(&mut self.tables, TABLES_MAX, Some(Shown::Table { name, columns, row }));
        false
    }

    /// A block of text: a count, a value with its label, a first text under the heading.
    fn block(&mut self, mirror: &Mirror, nx: NodeIndex) -> bool {
        if !is_block(mirror, nx) {
            return true;
        }
        let class = mirror.attr(nx, AttrName::Class).unwrap_or_default();
        if class.split(['-', '_', ' ']).any(|word| matches!(word, "btn" | "button")) {
            return false;
        }
        let text = visible_text(mirror, nx, TEXT_CHARS_MAX);
        if text.is_empty() || is_masked(&text) {
            return false;
        }
        if is_count(&text) || self.is_first_price(mirror, nx, &text) {
            push(&mut self.counts, COUNTS_MAX, Some(Shown::Count { text }));
        } else if let Some(pair) = labels::in_text(&text) {
            self.value(Some(pair));
        } else if self.under_heading && tells(&text) {
            push(&mut self.texts, TEXTS_MAX, Some(Shown::Text { text }));
        }
        false
    }

    /// True for the first amount alone under the heading: the price of what the page shows.
    fn is_first_price(&self, mirror: &Mirror, nx: NodeIndex, text: &str) -> bool {
        let is_price = |known: &Shown| matches!(known, Shown::Count { text } if labels::is_price(text));
        let is_first = self.under_heading && !self.counts.iter().any(is_price);
        is_first && labels::is_price(text) && role(mirror, nx) != "status"
    }

    /// The facts that have room, the important ones first.
    fn told(self, told: &[Shown]) -> Vec<Shown> {
        let Self { counts, mut values, choices, tables, lists, texts, .. } = self;
        // The sum stands under what it sums up.
        let is_amount = |shown: &Shown| matches!(shown, Shown::Value { value, .. } if labels::is_price(value));
        if values.len() > 1 && values.iter().all(is_amount) {
            values.rotate_right(1);
        }
        let mut chars = 0;
        let mut out: Vec<Shown> = Vec::new();
        for shown in [counts, values, tables, choices, lists, texts].into_iter().flatten() {
            let size = chars_of(&shown);
            if chars + size <= CHARS_MAX && !out.contains(&shown) && !told.iter().any(|known| says(known, &shown)) {
                chars += size;
                out.push(shown);
            }
        }
        out
    }
}

fn push(list: &mut Vec<Shown>, max: usize, shown: Option<Shown>) {
    if list.len() < max {
        list.extend(shown);
    }
}

/// True for what stands beside the page's own content, or isn't read.
fn is_beside(mirror: &Mirror, nx: NodeIndex) -> bool {
    matches!(
        mirror.tag(nx),
        "nav" | "footer" | "head" | "script" | "style" | "noscript" | "template" | "svg" | "iframe" | "dialog"
    ) || matches!(
        mirror.attr(nx, AttrName::Role),
        Some(
            "navigation"
                | "contentinfo"
                | "dialog"
                | "alertdialog"
                | "alert"
                | "menu"
                | "menubar"
                | "tablist"
                | "toolbar"
                | "tooltip"
                | "listbox"
                | "button"
                | "tab"
                | "link"
                | "heading"
        )
    )
}

/// True for an element that holds text directly and nothing but text with its marks.
fn is_block(mirror: &Mirror, nx: NodeIndex) -> bool {
    let is_plain = |inner: NodeIndex| {
        mirror.node(inner).kind != NodeKind::Element
            || matches!(
                mirror.tag(inner),
                "span" | "b" | "strong" | "em" | "i" | "small" | "a" | "code" | "br" | "time" | "mark" | "sup" | "data"
            )
    };
    let mut nodes = 0;
    let mut inside = mirror.subtree(nx).skip(1).inspect(|_| nodes += 1).take(BLOCK_NODES_MAX + 1);
    let all_plain = inside.by_ref().all(is_plain);
    drop(inside);
    let has_text = || mirror.children(nx).take(BLOCK_NODES_MAX).any(|child| !mirror.text(child).trim().is_empty());
    let is_marks = || {
        mirror.subtree(nx).take(BLOCK_NODES_MAX).any(|inner| !mirror.text(inner).trim().is_empty())
            && matches!(mirror.tag(nx), "p" | "li" | "td" | "dd" | "div" | "output")
    };
    all_plain && (1..=BLOCK_NODES_MAX).contains(&nodes) && (has_text() || is_marks())
}

/// True for a text that counts something: `14 matching runs`, `0 of 31 selected`.
pub(crate) fn is_count(text: &str) -> bool {
    let mut words = text.split(' ');
    let first = words.next().unwrap_or_default();
    let is_number = !first.is_empty()
        && first.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.'))
        && first.bytes().any(|byte| byte.is_ascii_digit());
    let second = words.next().unwrap_or_default();
    is_number && text.chars().count() <= COUNT_CHARS_MAX && second.chars().filter(|c| c.is_alphabetic()).count() >= 2
}

/// True for a text of a few words.
fn tells(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphabetic()).count() >= TEXT_LETTERS_MIN
        && text.split_whitespace().count() >= TEXT_WORDS_MIN
}

fn text_of(mirror: &Mirror, nx: NodeIndex) -> Option<Shown> {
    let text = visible_text(mirror, nx, TEXT_CHARS_MAX);
    (tells(&text) && !is_masked(&text)).then_some(Shown::Text { text })
}

/// The items of a short list, the first ones of a long one; `None` for a list of links alone, which is a menu.
fn list(mirror: &Mirror, nx: NodeIndex) -> Option<Shown> {
    let is_item = |nx: &NodeIndex| mirror.node(*nx).kind == NodeKind::Element && !is_hidden(mirror, *nx);
    let items: Vec<NodeIndex> = mirror.children(nx).filter(is_item).take(ITEMS_MAX).collect();
    let texts: Vec<String> = items.iter().map(|nx| visible_text(mirror, *nx, ITEM_CHARS_MAX)).collect();
    let is_link = |(item, text): (&NodeIndex, &String)| {
        let mut inside = mirror.subtree(*item).take(BLOCK_NODES_MAX);
        let link = inside.find(|inner| matches!(mirror.tag(*inner), "a" | "button" | "label"));
        link.is_some_and(|link| visible_text(mirror, link, ITEM_CHARS_MAX) == *text)
    };
    let is_bare = texts.iter().any(|text| text.is_empty() || is_masked(text));
    // Nearly all lists are menus, of which nothing more has to be known.
    if items.is_empty() || is_bare || items.iter().zip(&texts).all(is_link) {
        return None;
    }
    let length = mirror.children(nx).take(LIST_LENGTH_MAX).filter(is_item).count() as u32;
    let label = name(mirror, nx).map(|name| one_line(&name, TEXT_CHARS_MAX));
    let told = if length as usize > ITEMS_MAX { LONG_ITEMS_MAX } else { ITEMS_MAX };
    let items: Vec<String> = texts.into_iter().take(told).collect();
    Some(Shown::List { name: label, items, length })
}

/// What is chosen already in a list or among radio buttons.
fn choice(mirror: &Mirror, nx: NodeIndex) -> Option<Shown> {
    let is_list = mirror.tag(nx) == "select";
    let is_radio = || mirror.attr(nx, AttrName::Type).is_some_and(|kind| kind.eq_ignore_ascii_case("radio"));
    let value = if is_list {
        chosen(mirror, nx)?
    } else {
        (is_radio() && mirror.has(nx, AttrName::Checked)).then(|| "on".to_owned())?
    };
    let name = one_line(&name(mirror, nx)?, TEXT_CHARS_MAX);
    let is_told = !is_masked(&name) && !is_masked(&value) && name != value;
    let element = Element { role: role(mirror, nx).to_owned(), name: Some(name) };
    is_told.then_some(Shown::Choice { element, value })
}

/// The option of a list that is chosen.
pub(crate) fn chosen(mirror: &Mirror, list: NodeIndex) -> Option<String> {
    // An option without a value asks to choose one.
    if mirror.attr(list, AttrName::Value) == Some("") {
        return None;
    }
    let value = mirror.attr(list, AttrName::Value).and_then(|value| option_text(mirror, list, value));
    let marked = || {
        let mut options = mirror.subtree(list).take(BLOCK_NODES_MAX * 4).filter(|nx| mirror.tag(*nx) == "option");
        let option = options.find(|option| mirror.has(*option, AttrName::Selected))?;
        Some(visible_text(mirror, option, ITEM_CHARS_MAX))
    };
    value.or_else(marked).filter(|text| !text.is_empty())
}

/// Characters that a fact takes.
fn chars_of(shown: &Shown) -> usize {
    let sum = |texts: &[String]| texts.iter().map(|text| text.chars().count() + 3).sum::<usize>();
    match shown {
        Shown::Value { label, value } => label.chars().count() + value.chars().count(),
        Shown::Choice { element, value } => {
            element.name.as_deref().unwrap_or_default().chars().count() + value.chars().count()
        }
        Shown::Table { columns, row, .. } => sum(columns) + sum(row),
        Shown::List { items, .. } => sum(items),
        Shown::Text { text } | Shown::Count { text } => text.chars().count(),
        _ => 0,
    }
}

/// True when what is told already says a fact.
fn says(known: &Shown, shown: &Shown) -> bool {
    let says = |text: &str| match known {
        Shown::Heading { text: known } | Shown::Message { text: known, .. } | Shown::Text { text: known } => {
            known.contains(text.trim_end_matches('…'))
        }
        Shown::Invalid { message: Some(known), .. } => known.contains(text.trim_end_matches('…')),
        _ => false,
    };
    match shown {
        Shown::Text { text } | Shown::Count { text } => says(text),
        Shown::List { items, .. } => items.iter().all(|item| says(item)),
        _ => false,
    }
}
