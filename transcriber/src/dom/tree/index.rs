//! An index of nodes by texts: a list of keys of four bytes each, which is scanned in vectors.
//!
//! In: the texts and attribute values that nodes get. Out: the nodes that may have a text, each once. The caller checks
//! whether a node still has it. Never here: the texts themselves.

use super::NodeIndex;

/// Keys that are compared at once.
const CHUNK: usize = 32;

/// Keys of texts, and the nodes that got them.
#[derive(Debug, Default)]
pub(super) struct Index {
    keys: Vec<u32>,
    nodes: Vec<NodeIndex>,
}

impl Index {
    pub(super) fn add(&mut self, key: u32, nx: NodeIndex) {
        self.keys.push(key);
        self.nodes.push(nx);
    }

    /// The nodes that got a text with this key, in their order.
    pub(super) fn find(&self, key: u32) -> Vec<NodeIndex> {
        let mut found = Vec::new();
        for (at, chunk) in self.keys.chunks(CHUNK).enumerate() {
            // Without an early exit the compiler compares in vectors.
            if chunk.iter().fold(false, |any, other| any | (*other == key)) {
                let nodes = &self.nodes[at * CHUNK..];
                found.extend(chunk.iter().zip(nodes).filter(|(other, _)| **other == key).map(|(_, nx)| *nx));
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    pub(super) fn clear(&mut self) {
        self.keys.clear();
        self.nodes.clear();
    }
}

/// A hash of a text's length, beginning and end. `of` distinguishes kinds of texts.
#[inline]
pub(super) fn key(of: u64, text: &str) -> u32 {
    let bytes = text.as_bytes();
    let (first, last) = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => {
            let mut all = [0; 8];
            all[..bytes.len()].copy_from_slice(bytes);
            (u64::from_le_bytes(all), 0)
        }
    };
    // Odd numbers with about as many ones as zeros.
    let mixed = (first.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ last.rotate_left(29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (bytes.len() as u64) << 8 ^ of).wrapping_mul(0x94d0_49bb_1331_11eb) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_found_once_wherever_they_stand() {
        let mut index = Index::default();
        for at in 0..1000 {
            index.add(key(0, &format!("text {}", at % 300)), NodeIndex(at % 450));
        }
        let nodes = |text: &str| index.find(key(0, text)).into_iter().map(|nx| nx.0).collect::<Vec<_>>();
        assert_eq!(nodes("text 7"), [7, 157, 307]);
        assert_eq!(nodes("text 299"), [149, 299, 449]);
        assert!(nodes("text 300").is_empty());
    }

    #[test]
    fn keys_are_told_apart() {
        let texts = ["", "a", "b", "aa", "ab", "12345678", "123456789", "12345678 2345678", "\u{e9}", "e"];
        let mut keys: Vec<u32> = (0..3).flat_map(|of| texts.map(|text| key(of, text))).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), 30);
    }
}
