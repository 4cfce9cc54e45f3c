//! Quick filters for classes that name a toast, modal or notification, or say that something failed or went well.
//!
//! In: the text of a class attribute. Out: false when [`landmark_class`](super::content::landmark_class) or
//! [`tone`](super::super::message::tone) finds nothing in it. Never here: which landmark or tone it is.

use wide::u8x16;

/// True when a class may contain `toast`, `toastify`, `modal`, `snackbar` or `notification`, because it contains three
/// consecutive letters of one of them. Nearly all classes do not.
pub(super) fn may_have_landmark_part(class: &[u8]) -> bool {
    const STEP: usize = 14;
    let fold = u8x16::splat(0x20);
    let mut at = 0;
    while at < class.len() {
        let rest = &class[at..];
        let mut bytes = [0; 16];
        match rest.first_chunk::<16>() {
            Some(chunk) => bytes = *chunk,
            None => bytes[..rest.len()].copy_from_slice(rest),
        }
        let chunk = u8x16::new(bytes) | fold;
        let of = |b: u8| chunk.simd_eq(u8x16::splat(b)).to_bitmask();
        // The three letters are o-a-s, o-d-a, k-b-a or i-f-i.
        let (a, i) = (of(b'a'), of(b'i'));
        let second = (of(b'o') << 1) & ((a & of(b's') >> 1) | (of(b'd') & a >> 1));
        if second | (of(b'k') << 1 & of(b'b') & a >> 1) | (i << 1 & of(b'f') & i >> 1) != 0 {
            return true;
        }
        at += STEP;
    }
    false
}

/// Three consecutive letters of each word that makes an element a message, see [`tone`](super::super::message::tone),
/// and of each class that marks a refused field.
const MESSAGE_PARTS: [&[u8; 3]; 10] = [b"err", b"ale", b"dan", b"fai", b"war", b"suc", b"fla", b"mes", b"onf", b"inv"];
/// Bits of a letter in a key, and of a key.
const LETTER_BITS: usize = 5;
const KEY_BITS: usize = 3 * LETTER_BITS;

/// The keys of the parts: a bit for each combination of three letters.
static MESSAGE_KEYS: [u64; (1 << KEY_BITS) / 64] = {
    let mut keys = [0; (1 << KEY_BITS) / 64];
    let mut at = 0;
    while at < MESSAGE_PARTS.len() {
        let part = MESSAGE_PARTS[at];
        let key = with_letter(with_letter(with_letter(0, part[0]), part[1]), part[2]);
        keys[key / 64] |= 1 << (key % 64);
        at += 1;
    }
    keys
};

/// The key of the last three letters. Case makes no difference, and few other signs have the bits of a letter.
const fn with_letter(key: usize, letter: u8) -> usize {
    (key << LETTER_BITS | (letter & 0x1f) as usize) & ((1 << KEY_BITS) - 1)
}

/// True when a class may make an element a message, because it contains three letters of a word that does. Nearly all
/// classes do not.
pub(super) fn may_have_message_part(class: &[u8]) -> bool {
    let mut key = 0;
    class.iter().any(|letter| {
        key = with_letter(key, *letter);
        MESSAGE_KEYS[key / 64] >> (key % 64) & 1 == 1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_words_are_found_wherever_they_stand() {
        for word in [
            "danger",
            "failure",
            "Warning",
            "alert",
            "success",
            "flash",
            "messagelist",
            "confirmation",
            "field-ERROR",
            "is-invalid",
            "errors",
            "has-error",
        ] {
            for before in 0..10 {
                let class = "-".repeat(before) + word;
                assert!(may_have_message_part(class.as_bytes()), "{class}");
            }
        }
        for class in ["", "er", "body", "btn btn-primary node code", "col-md-6 load row", "e r r"] {
            assert!(!may_have_message_part(class.as_bytes()), "{class}");
        }
    }

    #[test]
    fn landmark_words_are_found_wherever_they_stand() {
        for word in ["toast", "Toastify", "modal", "SNACKBAR", "notification"] {
            for before in 0..40 {
                let class = "-".repeat(before) + word;
                assert!(may_have_landmark_part(class.as_bytes()), "{class}");
            }
        }
        for class in
            ["", "body", "btn btn-primary node code", "col-md-6 load", "a-very-long-list of-names that-says nothing"]
        {
            assert!(!may_have_landmark_part(class.as_bytes()), "{class}");
        }
    }
}
