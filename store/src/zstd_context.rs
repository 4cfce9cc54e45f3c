//! zstd's contexts, kept by each thread: making one costs as much as a small payload takes.
//!
//! In: a thread's place for a context, how to make one, and what to do with it. Out: the result. Never here: levels and
//! dictionaries, which belong to the formats.

use std::cell::RefCell;
use std::io::Result;
use std::thread::LocalKey;

/// Where a thread keeps its context.
pub(crate) type Kept<C> = RefCell<Option<C>>;

/// Runs `run` with the context that this thread keeps in `place`, made by `make` at the first use.
pub(crate) fn with_kept<C, T>(
    place: &'static LocalKey<Kept<C>>,
    make: impl FnOnce() -> Result<C>,
    run: impl FnOnce(&mut C) -> Result<T>,
) -> Result<T> {
    place.with_borrow_mut(|kept| {
        let context = match kept.take() {
            Some(context) => context,
            None => make()?,
        };
        run(kept.insert(context))
    })
}
