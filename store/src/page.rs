//! Pages of lists.

use serde::Serialize;

/// The most rows that one call gives, whatever `limit` it asks for.
pub(crate) const PAGE_ROWS_MAX: u32 = 1000;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page<T, K> {
    /// The rows, in the list's order.
    pub items: Vec<T>,
    /// The key to give as `after` for the next page; `None` when this is the last.
    pub next: Option<K>,
}

impl<T, K> Page<T, K> {
    /// Makes a page of `rows`, which were read with one row more than `limit` to see whether there are more.
    pub(crate) fn from_rows(mut rows: Vec<T>, limit: u32, key: impl Fn(&T) -> K) -> Self {
        let limit = page_limit(limit) as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(key) } else { None };
        Self { items: rows, next }
    }
}

/// `limit` within 1 and [`PAGE_ROWS_MAX`].
pub(crate) fn page_limit(limit: u32) -> u32 {
    limit.clamp(1, PAGE_ROWS_MAX)
}
