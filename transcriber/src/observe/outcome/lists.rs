//! Lists and tables that became longer or shorter.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Change, ItemKind, Subject};

use super::watch::Found;
use super::{QUOTE_CHARS_MAX, element, is_element};
use crate::dom::context::row_label;
use crate::dom::name::{is_masked, name, visible_text};
use crate::dom::role::{named_from_content, role};
use crate::dom::{Mirror, NodeIndex};
use crate::observe::contents::{head_and_row, rows_of};

/// Lists that are followed for one action.
const LISTS_MAX: usize = 40;
/// Items of one list that are counted.
const ITEMS_MAX: usize = 10_000;
/// Items of a list that are named, and characters of a name.
const NAMED_MAX: usize = 4;
const NAME_CHARS_MAX: usize = 40;
/// Entries of a menu that are named, and nodes that are looked at for them.
const ENTRIES_MAX: usize = 10;
const ENTRY_CHARS_MAX: usize = 24;
const ENTRY_NODES_MAX: usize = 400;

/// A list to which items were added or from which they were removed.
#[derive(Clone, Debug)]
pub(super) struct List {
    nx: NodeIndex,
    at: f64,
    added: u32,
    removed: u32,
    /// The first items that were added.
    came: Vec<NodeIndex>,
    /// The name of the removed item, when it was one alone.
    removed_item: Option<String>,
    item: ItemKind,
}

/// What kind of item a node is, if it is one.
fn item_of(mirror: &Mirror, nx: NodeIndex) -> Option<ItemKind> {
    if !is_element(mirror, nx) {
        return None;
    }
    Some(match role(mirror, nx) {
        "row" => ItemKind::Row,
        "listitem" => ItemKind::Item,
        "option" => ItemKind::Option,
        "treeitem" => ItemKind::Treeitem,
        "article" => ItemKind::Article,
        _ => return None,
    })
}

/// Takes an added node into its list, when it is an item of one.
pub(super) fn note_added(mirror: &Mirror, lists: &mut Vec<List>, nx: NodeIndex, at: f64) {
    if let (Some(item), Some(parent)) = (item_of(mirror, nx), mirror.parent(nx))
        && let Some(list) = list_of(lists, parent, item)
    {
        (list.added, list.at) = (list.added + 1, at);
        if list.came.len() < NAMED_MAX {
            list.came.push(nx);
        }
    }
}

/// Takes a removed node out of the list that it was in.
pub(super) fn note_removed(mirror: &Mirror, lists: &mut Vec<List>, nx: NodeIndex, from: NodeIndex, at: f64) {
    let Some(item) = item_of(mirror, nx) else { return };
    if let Some(list) = list_of(lists, from, item) {
        (list.removed, list.at) = (list.removed + 1, at);
        let label = || if item == ItemKind::Row { row_label(mirror, nx) } else { Some(visible_text(mirror, nx, 40)) };
        list.removed_item = (list.removed == 1).then(label).flatten().filter(|text| !text.is_empty());
    }
}

/// Takes the counts of a later time into those of an earlier one.
pub(super) fn absorb(lists: &mut Vec<List>, later: Vec<List>) {
    for list in later {
        match lists.iter_mut().find(|known| known.nx == list.nx) {
            Some(known) => {
                (known.added, known.removed, known.at) =
                    (known.added + list.added, known.removed + list.removed, list.at);
                known.removed_item = None;
            }
            None => lists.push(list),
        }
    }
    lists.truncate(LISTS_MAX);
}

fn list_of(lists: &mut Vec<List>, nx: NodeIndex, item: ItemKind) -> Option<&mut List> {
    let known = lists.iter().position(|list| list.nx == nx);
    let at = match known {
        Some(at) => at,
        None if lists.len() < LISTS_MAX => {
            lists.push(List { nx, at: 0.0, added: 0, removed: 0, removed_item: None, item, came: Vec::new() });
            lists.len() - 1
        }
        None => return None,
    };
    lists.get_mut(at)
}

/// The change of each list that is still there.
/// `by_drag` says that something was dragged.
pub(super) fn changes(mirror: &Mirror, lists: &[List], by_drag: bool) -> Vec<Found> {
    lists
        .iter()
        .filter(|list| mirror.node(list.nx).attached && (list.added, list.removed) != (0, 0))
        .map(|list| {
            let moved = if by_drag { moved(mirror, list) } else { None };
            let change = moved.unwrap_or_else(|| change(mirror, list));
            Found { weight: 2, at: list.at, of: list.nx, change }
        })
        .collect()
}

fn items(mirror: &Mirror, list: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
    mirror.children(list).take(ITEMS_MAX).filter(|nx| item_of(mirror, *nx).is_some())
}

fn length(mirror: &Mirror, list: &List) -> u32 {
    items(mirror, list.nx).count() as u32
}

/// What one item alone was moved to.
fn moved(mirror: &Mirror, list: &List) -> Option<Change> {
    let item = list.came.first().copied().filter(|_| (list.added, list.removed) == (1, 1))?;
    let name = visible_text(mirror, item, NAME_CHARS_MAX);
    let is_same = list.removed_item.as_ref() == Some(&name) && mirror.parent(item) == Some(list.nx);
    let place = items(mirror, list.nx).position(|nx| nx == item)? as u32 + 1;
    let length = length(mirror, list);
    (is_same && length > 1).then(|| Change::Moved {
        list: title(mirror, list.nx),
        item: list.item,
        name,
        place,
        length,
    })
}

/// The names of the items that were added, of more the first: of rows their labels.
fn names(mirror: &Mirror, list: &List) -> Vec<String> {
    let name_of = |nx: &NodeIndex| {
        let label = if list.item == ItemKind::Row { row_label(mirror, *nx) } else { None };
        let own = || name(mirror, *nx).filter(|_| list.item != ItemKind::Row);
        let label = label.or_else(own).unwrap_or_else(|| visible_text(mirror, *nx, NAME_CHARS_MAX));
        one_line(&label, NAME_CHARS_MAX)
    };
    let attached = list.came.iter().filter(|nx| mirror.node(**nx).attached && list.removed == 0);
    attached.map(name_of).filter(|name| !name.is_empty() && !is_masked(name)).collect()
}

/// The names of the first entries of a menu or of a list of options.
pub(super) fn entries(mirror: &Mirror, top: NodeIndex) -> Vec<String> {
    let is_entry = |nx: &NodeIndex| {
        is_element(mirror, *nx)
            && matches!(role(mirror, *nx), "menuitem" | "menuitemcheckbox" | "menuitemradio" | "option" | "treeitem")
    };
    let inside = mirror.subtree(top).skip(1).take(ENTRY_NODES_MAX).filter(is_entry);
    let names = inside.map(|nx| one_line(&name(mirror, nx).unwrap_or_default(), ENTRY_CHARS_MAX));
    names.filter(|name| !name.is_empty() && !is_masked(name)).take(ENTRIES_MAX).collect()
}

fn change(mirror: &Mirror, list: &List) -> Change {
    let length = length(mirror, list);
    let alone = list.removed_item.as_ref().filter(|_| (list.added, list.removed) == (0, 1));
    Change::ListLength {
        list: title(mirror, list.nx),
        item: list.item,
        added: list.added,
        removed: list.removed,
        length,
        removed_item: alone.map(|removed_item| one_line(removed_item, 40)),
        added_items: names(mirror, list),
    }
}

/// The name of a list: its own, or that of an element directly around it.
fn title(mirror: &Mirror, list: NodeIndex) -> Option<String> {
    let around = mirror.self_and_ancestors(list).take(3).filter(|up| is_element(mirror, *up));
    // An element that is named by its content would have the list's items as its name.
    let name = around.filter(|up| !named_from_content(role(mirror, *up))).find_map(|up| name(mirror, up))?;
    Some(one_line(&name, QUOTE_CHARS_MAX))
}

/// A whole list that was added.
pub(super) fn whole(mirror: &Mirror, top: NodeIndex) -> Option<Change> {
    if !matches!(role(mirror, top), "list" | "table" | "grid" | "listbox") || mirror.tag(top) == "select" {
        return None;
    }
    let items = || mirror.subtree(top).skip(1).take(ITEMS_MAX).filter_map(|nx| Some((nx, item_of(mirror, nx)?)));
    let (mut length, mut item) = (0, ItemKind::Item);
    for (_, found) in items() {
        (length, item) = (length + 1, found);
    }
    if length < 2 {
        return None;
    }
    let name = name(mirror, top).map(|name| one_line(&name, QUOTE_CHARS_MAX));
    let (columns, items) = match item {
        ItemKind::Row => head_and_row(mirror, &rows_of(mirror, top)).unwrap_or_default(),
        _ => {
            let texts = items().map(|(nx, _)| visible_text(mirror, nx, NAME_CHARS_MAX));
            (Vec::new(), texts.filter(|text| !text.is_empty() && !is_masked(text)).take(NAMED_MAX).collect())
        }
    };
    Some(Change::Appeared { what: Subject::List { element: element(mirror, top, name), item, length, columns, items } })
}
