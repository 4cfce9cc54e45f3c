//! Tables: their columns, their first row, and those that are labels with values.

use super::labels;
use crate::dom::name::{is_hidden, is_masked, visible_text};
use crate::dom::role::role;
use crate::dom::{Mirror, NodeIndex, NodeKind};

/// Nodes of a table that are looked at for its first rows, and rows that are.
const NODES_MAX: usize = 600;
const ROWS_MAX: usize = 8;
/// Columns of a table that are told, and characters of a cell.
const COLUMNS_MAX: usize = 10;
const CELL_CHARS_MAX: usize = 30;

/// The first rows of a table.
pub(crate) fn rows_of(mirror: &Mirror, table: NodeIndex) -> Vec<NodeIndex> {
    let (mut rows, mut at, mut looked) = (Vec::new(), Some(table), 0);
    while let Some(nx) = at.filter(|_| looked < NODES_MAX && rows.len() < ROWS_MAX) {
        looked += 1;
        let is_element = mirror.node(nx).kind == NodeKind::Element;
        let is_row = is_element && nx != table && role(mirror, nx) == "row";
        if is_row && !is_hidden(mirror, nx) {
            rows.push(nx);
        }
        at = mirror.next_in_subtree(table, nx, is_element && !is_row && !is_hidden(mirror, nx));
    }
    rows
}

/// The cells of a row.
fn cells(mirror: &Mirror, row: NodeIndex) -> impl Iterator<Item = NodeIndex> + '_ {
    let is_cell = |nx: &NodeIndex| {
        mirror.node(*nx).kind == NodeKind::Element
            && matches!(role(mirror, *nx), "cell" | "gridcell" | "columnheader" | "rowheader")
    };
    mirror.children(row).take(COLUMNS_MAX * 8).filter(is_cell)
}

fn is_header(mirror: &Mirror, cell: NodeIndex) -> bool {
    matches!(role(mirror, cell), "columnheader" | "rowheader")
}

fn is_head(mirror: &Mirror, row: NodeIndex) -> bool {
    let mut own = cells(mirror, row).peekable();
    own.peek().is_some() && own.all(|cell| role(mirror, cell) == "columnheader")
}

/// The labels and values of a table whose rows are a header and one cell each.
pub(super) fn pairs(mirror: &Mirror, rows: &[NodeIndex]) -> Vec<(String, String)> {
    let pair = |row: &NodeIndex| {
        let own: Vec<NodeIndex> = cells(mirror, *row).take(3).collect();
        match own.as_slice() {
            [label, value] if is_header(mirror, *label) && !is_header(mirror, *value) => {
                Some((visible_text(mirror, *label, 40), visible_text(mirror, *value, 80)))
            }
            _ => None,
        }
    };
    let found: Option<Vec<(String, String)>> = rows.iter().map(pair).collect();
    found.unwrap_or_default().into_iter().filter_map(|(label, value)| labels::pair(label, value)).collect()
}

/// The columns and the first row of a table; `None` where neither says anything.
pub(crate) fn head_and_row(mirror: &Mirror, rows: &[NodeIndex]) -> Option<(Vec<String>, Vec<String>)> {
    let texts = |row: NodeIndex| -> Vec<String> {
        cells(mirror, row)
            .map(|cell| visible_text(mirror, cell, CELL_CHARS_MAX))
            .filter(|text| !text.is_empty() && !is_masked(text))
            .take(COLUMNS_MAX)
            .collect()
    };
    let head = rows.first().copied().filter(|row| is_head(mirror, *row));
    let first = rows.iter().copied().find(|row| !is_head(mirror, *row));
    let (columns, row) = (head.map(texts).unwrap_or_default(), first.map(texts).unwrap_or_default());
    (!columns.is_empty() || row.len() > 1).then_some((columns, row))
}
