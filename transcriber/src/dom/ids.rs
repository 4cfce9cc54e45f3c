//! Nodes by the ids that the recorder gave them.
//!
//! In: ids, which recorders count up from 1 and hostile recordings choose freely. Out: the indexes of nodes. The table
//! is divided into pages, which are reused when none of their ids is in use any more: a page that is open for hours
//! assigns millions of ids. Ids far above the number of assigned ones are in a map. Never here: nodes.

use std::collections::HashMap;

/// Ids of a page: a power of two.
const PAGE_IDS: usize = 64;
/// Ids that stand in pages however few were given.
const NEAR_IDS: usize = 4096;
/// No page, and no node.
const NONE: u32 = 0;

/// A map from ids to places.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// The number of each page in `pages` and 1.
    table: Vec<u32>,
    /// Places and 1.
    pages: Vec<[u32; PAGE_IDS]>,
    /// Pages that are not in use.
    free: Vec<u32>,
    far: HashMap<u32, u32>,
    /// How often an id was given.
    given: usize,
}

impl Ids {
    /// The place of an id.
    #[inline]
    pub(super) fn get(&self, id: u32) -> Option<u32> {
        let slot = match self.table.get(id as usize / PAGE_IDS) {
            Some(page) => self.pages.get((*page).checked_sub(1)? as usize)?[id as usize % PAGE_IDS],
            None => *self.far.get(&id)?,
        };
        slot.checked_sub(1)
    }

    /// Gives a place an id, which leaves the one that had it.
    pub(super) fn set(&mut self, id: u32, place: u32) {
        self.given += 1;
        let number = id as usize / PAGE_IDS;
        if number >= self.table.len() {
            if id as usize > self.given * 2 + NEAR_IDS {
                self.far.insert(id, place + 1);
                return;
            }
            self.widen(number);
        }
        *self.slot(id) = place + 1;
    }

    /// Makes room for a page in the table, twice as much as there was, so that it happens seldom.
    fn widen(&mut self, number: usize) {
        self.table.resize((number + 1).max(self.table.len() * 2), NONE);
        let end = self.table.len() * PAGE_IDS;
        let near: Vec<(u32, u32)> = self.far.extract_if(|id, _| (*id as usize) < end).collect();
        for (id, slot) in near {
            *self.slot(id) = slot;
        }
    }

    /// The slot of an id whose page is in the table.
    fn slot(&mut self, id: u32) -> &mut u32 {
        let page = &mut self.table[id as usize / PAGE_IDS];
        if *page == NONE {
            *page = self.free.pop().unwrap_or_else(|| {
                self.pages.push([NONE; PAGE_IDS]);
                self.pages.len() as u32
            });
        }
        &mut self.pages[*page as usize - 1][id as usize % PAGE_IDS]
    }

    /// Tells where each place went, or that it is gone.
    pub(super) fn remap(&mut self, to: impl Fn(u32) -> Option<u32>) {
        let slot = |slot: u32| slot.checked_sub(1).and_then(&to).map_or(NONE, |place| place + 1);
        for number in self.table.iter_mut().filter(|number| **number != NONE) {
            let page = &mut self.pages[*number as usize - 1];
            page.iter_mut().for_each(|old| *old = slot(*old));
            if page.iter().all(|slot| *slot == NONE) {
                self.free.push(std::mem::replace(number, NONE));
            }
        }
        self.far.retain(|_, old| {
            *old = slot(*old);
            *old != NONE
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_a_map() {
        let (mut ids, mut map) = (Ids::default(), HashMap::new());
        let mut seed = 7u32;
        for place in 0..60_000u32 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            // Mostly counted up; some far away, some given again.
            let id = match seed >> 28 {
                0 => seed >> 8,
                1 => (seed >> 8) % (place + 1),
                _ => place + 1,
            };
            ids.set(id, place);
            map.insert(id, place);
            if place.is_multiple_of(9_999) {
                let to = |place: u32| (!place.is_multiple_of(3)).then_some(place / 2);
                ids.remap(to);
                map = map.into_iter().filter_map(|(id, place)| Some((id, to(place)?))).collect();
            }
        }
        for id in map.keys().copied().chain(0..70_000) {
            assert_eq!(ids.get(id), map.get(&id).copied(), "{id}");
        }
        assert!(!ids.far.is_empty() && ids.table.len() < 4096);
    }

    #[test]
    fn pages_of_ids_that_are_gone_are_used_again() {
        let mut ids = Ids::default();
        for id in 1..1_000_000 {
            ids.set(id, id);
            if id.is_multiple_of(1000) {
                ids.remap(|place| (place > id - 10).then_some(place));
            }
        }
        assert!(ids.pages.len() < 40, "{} pages", ids.pages.len());
        assert_eq!((ids.get(999_999), ids.get(999_000), ids.get(500_000)), (Some(999_999), Some(999_000), None));
    }
}
