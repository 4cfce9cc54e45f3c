//! Fixed sets of names, looked up by their bytes.
//!
//! In: the bytes of a tag or an attribute's name as a recording writes them. Out: the index of the name in its list. A
//! name is hashed by its length and three of its bytes, and compared once. Never here: what a name means.

/// Slots of the table: a power of two, several times the length of the longest list, so that most names that are not in
/// the list hit an empty slot.
const SLOTS: usize = 1024;

/// A list of names with the table that finds them.
pub(super) struct NameTable<const N: usize> {
    names: [&'static str; N],
    /// The place in the list and 1; 0 for none.
    table: [u8; SLOTS],
}

impl<const N: usize> NameTable<N> {
    /// The table of a list of less than 255 different names. Made by the compiler.
    pub(super) const fn new(names: [&'static str; N]) -> Self {
        assert!(N < 255);
        let mut table = [0; SLOTS];
        let mut i = 0;
        while i < N {
            let mut place = hash(names[i].as_bytes());
            while table[place] != 0 {
                place = (place + 1) % SLOTS;
            }
            table[place] = i as u8 + 1;
            i += 1;
        }
        Self { names, table }
    }

    /// The place of a name in the list.
    #[inline]
    pub(super) fn find(&self, name: &[u8]) -> Option<usize> {
        let mut place = hash(name);
        loop {
            let found = usize::from(self.table[place]).checked_sub(1)?;
            if self.names[found].as_bytes() == name {
                return Some(found);
            }
            place = (place + 1) % SLOTS;
        }
    }

    /// The name at a place.
    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<&'static str> {
        self.names.get(place).copied()
    }
}

#[inline]
const fn hash(name: &[u8]) -> usize {
    let len = name.len();
    if len == 0 {
        return 0;
    }
    let (first, middle, last) = (name[0] as usize, name[len / 2] as usize, name[len - 1] as usize);
    (len.wrapping_mul(37) ^ first.wrapping_mul(11) ^ middle.wrapping_mul(59) ^ last.wrapping_mul(131)) % SLOTS
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_name_is_found_and_nothing_else() {
        static NAMES: NameTable<5> = NameTable::new(["", "a", "div", "dav", "dlv"]);
        for (i, name) in ["", "a", "div", "dav", "dlv"].into_iter().enumerate() {
            assert_eq!(NAMES.find(name.as_bytes()), Some(i));
            assert_eq!(NAMES.get(i), Some(name));
        }
        for other in ["b", "DIV", "di", "divs", "d\u{e9}v"] {
            assert_eq!(NAMES.find(other.as_bytes()), None, "{other}");
        }
    }
}
