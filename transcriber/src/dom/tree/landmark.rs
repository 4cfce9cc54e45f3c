//! A quick filter for classes that name a toast, modal or notification.
//!
//! In: the text of a class attribute. Out: false when [`landmark_class`](super::content::landmark_class) finds nothing
//! in it. Never here: which landmark it is.

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

#[cfg(test)]
mod tests {
    use super::*;

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
