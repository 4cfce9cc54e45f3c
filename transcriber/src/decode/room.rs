//! Work that swells, within a bound on memory that doesn't depend on how many threads share it.

use rayon::prelude::*;

/// What work on one item gave.
pub(crate) struct Filled<R> {
    pub(crate) value: R,
    /// Bytes that it takes beyond those of the item.
    pub(crate) bytes: usize,
    /// True when more room would have given more.
    pub(crate) cut: bool,
}

/// Works on every item in parallel, in all within `room` bytes.
///
/// `guess` says what an item should need at most. Items whose guesses fit together are worked on at
/// the same time; one that needs more than its guess is done again with all the room that is left. So
/// what each gets depends on the items alone.
pub(crate) fn fill<T: Sync, R: Send>(
    items: &[T],
    mut room: usize,
    guess: impl Fn(&T) -> usize,
    work: impl Fn(&T, usize) -> Filled<R> + Sync,
) -> Vec<R> {
    let mut all = Vec::with_capacity(items.len());
    let mut rest = items;
    while !rest.is_empty() {
        let mut guessed = 0usize;
        let fits = rest.iter().take_while(|item| {
            guessed = guessed.saturating_add(guess(item));
            guessed <= room
        });
        let (now, later) = rest.split_at(fits.count().max(1));
        rest = later;
        // Guessed here and not in the threads, which may not share the guess.
        let rooms: Vec<usize> = now.iter().map(|item| guess(item).min(room)).collect();
        let mut done: Vec<Option<Filled<R>>> =
            now.par_iter().zip(&rooms).map(|(item, room)| Some(work(item, *room))).collect();
        room = room.saturating_sub(done.iter().flatten().filter(|filled| !filled.cut).map(|filled| filled.bytes).sum());
        for ((filled, item), had) in done.iter_mut().zip(now).zip(&rooms) {
            let Some(old) = filled.take_if(|filled| filled.cut) else { continue };
            let more = if *had == room {
                old
            } else {
                drop(old);
                work(item, room)
            };
            room = room.saturating_sub(more.bytes);
            *filled = Some(more);
        }
        all.extend(done.into_iter().flatten().map(|filled| filled.value));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Items that want as many bytes as they say, with a guess of 10.
    fn filled(wanted: &[usize], room: usize) -> Vec<usize> {
        fill(
            wanted,
            room,
            |_| 10,
            |wanted, room| {
                let bytes = room.min(*wanted);
                Filled { value: bytes, bytes, cut: bytes < *wanted }
            },
        )
    }

    #[test]
    fn room_is_shared_in_order() {
        assert_eq!(filled(&[3, 4, 5], 100), [3, 4, 5]);
        assert_eq!(filled(&[3, 40, 5], 100), [3, 40, 5]);
        assert_eq!(filled(&[30, 40, 50], 100), [30, 40, 30]);
        assert_eq!(filled(&[30, 40, 50, 1], 100), [30, 40, 29, 1]);
        assert_eq!(filled(&[200, 200, 5], 100), [95, 0, 5]);
        assert_eq!(filled(&[5; 40], 100), [vec![5; 20], vec![0; 20]].concat());
        assert_eq!(filled(&[], 100), [0usize; 0]);
        assert_eq!(filled(&[7], 0), [0]);
    }
}
