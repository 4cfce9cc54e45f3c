//! Parallel work whose results take memory, within a limit for all of it.
//!
//! In: items, and an estimate of what each needs. Out: the results in order. What an item gets depends on the items
//! alone, not on how many threads there are.

use rayon::prelude::*;

/// The result of work on one item.
pub(crate) struct Expanded<R> {
    pub(crate) value: R,
    /// Bytes that the result takes beyond those of the item.
    pub(crate) bytes: usize,
    /// True when the limit cut the result short.
    pub(crate) cut: bool,
}

/// Works on the items in parallel, in all within `bytes_left` bytes.
///
/// `estimate` says what an item should need at most. Items whose estimates fit together are worked on at the same time.
/// An item that needs more than its estimate is done a second time with all bytes that are left.
pub(crate) fn map_within<T: Sync, R: Send>(
    items: &[T],
    mut bytes_left: usize,
    estimate: impl Fn(&T) -> usize,
    work: impl Fn(&T, usize) -> Expanded<R> + Sync,
) -> Vec<R> {
    let mut all = Vec::with_capacity(items.len());
    let mut rest = items;
    while !rest.is_empty() {
        let mut estimated = 0usize;
        let fits = rest.iter().take_while(|item| {
            estimated = estimated.saturating_add(estimate(item));
            estimated <= bytes_left
        });
        let (now, later) = rest.split_at(fits.count().max(1));
        rest = later;
        // Computed before the threads start: `estimate` need not be shared between threads.
        let limits: Vec<usize> = now.iter().map(|item| estimate(item).min(bytes_left)).collect();
        let mut done: Vec<Option<Expanded<R>>> =
            now.par_iter().zip(&limits).map(|(item, limit)| Some(work(item, *limit))).collect();
        bytes_left = bytes_left
            .saturating_sub(done.iter().flatten().filter(|result| !result.cut).map(|result| result.bytes).sum());
        for ((result, item), had) in done.iter_mut().zip(now).zip(&limits) {
            let Some(old) = result.take_if(|result| result.cut) else { continue };
            let more = if *had == bytes_left {
                old
            } else {
                drop(old);
                work(item, bytes_left)
            };
            bytes_left = bytes_left.saturating_sub(more.bytes);
            *result = Some(more);
        }
        all.extend(done.into_iter().flatten().map(|result| result.value));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items that need as many bytes as they say, with an estimate of 10.
    fn expanded(wanted: &[usize], limit: usize) -> Vec<usize> {
        map_within(
            wanted,
            limit,
            |_| 10,
            |wanted, limit| {
                let bytes = limit.min(*wanted);
                Expanded { value: bytes, bytes, cut: bytes < *wanted }
            },
        )
    }

    #[test]
    fn bytes_are_shared_in_order() {
        assert_eq!(expanded(&[3, 4, 5], 100), [3, 4, 5]);
        assert_eq!(expanded(&[3, 40, 5], 100), [3, 40, 5]);
        assert_eq!(expanded(&[30, 40, 50], 100), [30, 40, 30]);
        assert_eq!(expanded(&[30, 40, 50, 1], 100), [30, 40, 29, 1]);
        assert_eq!(expanded(&[200, 200, 5], 100), [95, 0, 5]);
        assert_eq!(expanded(&[5; 40], 100), [vec![5; 20], vec![0; 20]].concat());
        assert_eq!(expanded(&[], 100), [0usize; 0]);
        assert_eq!(expanded(&[7], 0), [0]);
    }
}
