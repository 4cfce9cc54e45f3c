//! Where strings and containers end: JSON text looked at in vectors of bytes.
//!
//! In: JSON text. Out: positions. A container of any size is stepped over without looking at what is in
//! it: per 64 bytes a mask of the quotes that no backslash escapes tells what is inside strings, and the
//! brackets outside of them are counted (the method of Langdale and Lemire, "Parsing Gigabytes of JSON
//! per Second", sections 3.1.1 and 3.1.2).
//!
//! Never here: allocation, values, judgement whether the text is valid.

use ::wide::u8x16;

const BLOCK: usize = 64;

/// The place of the first quote or backslash of a vector.
#[inline(always)]
pub(crate) fn quote_or_escape_in(chunk: &[u8; 16]) -> Option<usize> {
    let chunk = u8x16::new(*chunk);
    let hits = (chunk.simd_eq(u8x16::splat(b'"')) | chunk.simd_eq(u8x16::splat(b'\\'))).to_bitmask();
    (hits != 0).then(|| hits.trailing_zeros() as usize)
}

/// The place of the quote that ends a string whose content begins at the start of `bytes`, and whether a backslash is in
/// it; `None` when it never ends.
pub(crate) fn string_end(bytes: &[u8]) -> Option<(usize, bool)> {
    #[cfg(target_arch = "x86_64")]
    if wide::is_there() {
        return wide::string_end(bytes);
    }
    string(bytes, Signs::of)
}

/// Walks the blocks of a string. `signs` finds the signs of a block.
#[inline(always)]
fn string(bytes: &[u8], signs: impl Fn(&[u8; BLOCK]) -> Signs) -> Option<(usize, bool)> {
    let mut carry = Carry::default();
    let mut is_escaped = false;
    let mut at = 0;
    loop {
        let found = block(bytes, at, &signs)?;
        let ends = found.quotes & !escaped(found.slashes, &mut carry);
        if ends != 0 {
            let bit = ends.trailing_zeros();
            return Some((at + bit as usize, is_escaped || found.slashes & ((1 << bit) - 1) != 0));
        }
        is_escaped |= found.slashes != 0;
        at += BLOCK;
    }
}

/// The signs of the block at `at`; `None` past the end.
#[inline(always)]
fn block(bytes: &[u8], at: usize, signs: impl Fn(&[u8; BLOCK]) -> Signs) -> Option<Signs> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    Some(match rest.first_chunk::<BLOCK>() {
        Some(block) => signs(block),
        None => {
            let mut padded = [b' '; BLOCK];
            padded[..rest.len()].copy_from_slice(rest);
            signs(&padded)
        }
    })
}

/// The place after the container that begins at the start of `bytes`; `None` when it never ends.
pub(crate) fn container_end(bytes: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if wide::is_there() {
        return wide::container_end(bytes);
    }
    walk(bytes, Signs::of, prefix_xor)
}

/// Walks the blocks of a container. `signs` finds the signs of a block.
#[inline(always)]
fn walk(bytes: &[u8], signs: impl Fn(&[u8; BLOCK]) -> Signs, parity: impl Fn(u64) -> u64) -> Option<usize> {
    let mut depth = 0i64;
    let mut carry = Carry::default();
    let mut at = 0;
    loop {
        let block = Masks::of(block(bytes, at, &signs)?, &mut carry, &parity);
        let closes = i64::from(block.close.count_ones());
        if closes >= depth && block.close != 0 {
            let mut left = block.close;
            let mut passed = 0;
            while left != 0 {
                let bit = left.trailing_zeros();
                let opens = i64::from((block.open & ((1u64 << bit) - 1)).count_ones());
                passed += 1;
                if depth + opens - passed <= 0 {
                    return Some(at + bit as usize + 1);
                }
                left &= left - 1;
            }
        }
        depth += i64::from(block.open.count_ones()) - closes;
        at += BLOCK;
    }
}

/// True when a class may have `toast`, `toastify`, `modal`, `snackbar` or `notification` in it: it has three letters of
/// one of them in a row. Nearly all classes have not.
pub(crate) fn may_have_landmark_part(class: &[u8]) -> bool {
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
        // Of o-a-s, o-d-a, k-b-a and i-f-i each vowel and consonant is looked for at its place.
        let (a, i) = (of(b'a'), of(b'i'));
        let second = (of(b'o') << 1) & ((a & of(b's') >> 1) | (of(b'd') & a >> 1));
        if second | (of(b'k') << 1 & of(b'b') & a >> 1) | (i << 1 & of(b'f') & i >> 1) != 0 {
            return true;
        }
        at += STEP;
    }
    false
}

/// What a block leaves to the next one.
#[derive(Clone, Copy, Debug, Default)]
struct Carry {
    /// All ones when the block ended inside a string.
    in_string: u64,
    /// The last byte was a backslash that escapes the next byte.
    escapes: bool,
}

/// Where the signs of a block stand, a bit a byte.
#[derive(Clone, Copy)]
struct Signs {
    quotes: u64,
    slashes: u64,
    open: u64,
    close: u64,
}

impl Signs {
    #[inline(always)]
    fn of(block: &[u8; BLOCK]) -> Self {
        let (mut quotes, mut slashes, mut open, mut close) = (0u64, 0u64, 0u64, 0u64);
        // `[` and `{`, and `]` and `}`, differ in this bit alone.
        let fold = u8x16::splat(0x20);
        for (i, chunk) in block.chunks_exact(16).enumerate() {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(chunk);
            let chunk = u8x16::new(bytes);
            let folded = chunk | fold;
            let mask = |hits: u8x16| u64::from(hits.to_bitmask()) << (16 * i);
            quotes |= mask(chunk.simd_eq(u8x16::splat(b'"')));
            slashes |= mask(chunk.simd_eq(u8x16::splat(b'\\')));
            open |= mask(folded.simd_eq(u8x16::splat(b'{')));
            close |= mask(folded.simd_eq(u8x16::splat(b'}')));
        }
        Self { quotes, slashes, open, close }
    }
}

/// Brackets outside of strings, a bit a byte.
struct Masks {
    open: u64,
    close: u64,
}

impl Masks {
    #[inline(always)]
    fn of(signs: Signs, carry: &mut Carry, parity: impl Fn(u64) -> u64) -> Self {
        let quotes = signs.quotes & !escaped(signs.slashes, carry);
        let in_string = parity(quotes) ^ carry.in_string;
        carry.in_string = 0u64.wrapping_sub(in_string >> 63);
        Self { open: signs.open & !in_string, close: signs.close & !in_string }
    }
}

/// The bytes that a backslash before them escapes.
#[inline(always)]
fn escaped(mut slashes: u64, carry: &mut Carry) -> u64 {
    let mut escaped = u64::from(carry.escapes);
    slashes &= !escaped;
    carry.escapes = false;
    // Blocks with a backslash are rare, and then have few.
    while slashes != 0 {
        let bit = slashes.trailing_zeros();
        if bit == 63 {
            carry.escapes = true;
            break;
        }
        escaped |= 1 << (bit + 1);
        slashes &= !(3 << bit);
    }
    escaped
}

/// Each bit is the parity of all bits up to it: ones from an opening quote up to before the closing one.
#[inline(always)]
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The same in vectors of 32 bytes, and with instructions that count bits, which nearly all processors since 2013 have.
#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8, _mm256_cmpeq_epi8,
        _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x, _mm256_set1_epi8,
    };

    use super::{BLOCK, Signs, string, walk};

    pub(super) fn is_there() -> bool {
        std::arch::is_x86_feature_detected!("avx2")
            && std::arch::is_x86_feature_detected!("bmi2")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("popcnt")
            && std::arch::is_x86_feature_detected!("pclmulqdq")
    }

    /// Only for processors that [have the instructions](is_there).
    pub(super) fn container_end(bytes: &[u8]) -> Option<usize> {
        debug_assert!(is_there());
        // SAFETY: all that the function asks for is a processor with these instructions, which its one caller has made sure of.
        #[allow(unsafe_code)]
        unsafe {
            container_end_avx2(bytes)
        }
    }

    /// Only for processors that [have the instructions](is_there).
    pub(super) fn string_end(bytes: &[u8]) -> Option<(usize, bool)> {
        debug_assert!(is_there());
        // SAFETY: as above.
        #[allow(unsafe_code)]
        unsafe {
            string_end_avx2(bytes)
        }
    }

    #[target_feature(enable = "avx2,bmi1,bmi2")]
    fn string_end_avx2(bytes: &[u8]) -> Option<(usize, bool)> {
        string(bytes, |block| signs(block))
    }

    #[target_feature(enable = "avx2,bmi1,bmi2,popcnt,pclmulqdq")]
    fn container_end_avx2(bytes: &[u8]) -> Option<usize> {
        walk(bytes, |block| signs(block), |bits| parity(bits))
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    fn signs(block: &[u8; BLOCK]) -> Signs {
        let (low, high) = (load(block, 0), load(block, 32));
        let fold = _mm256_set1_epi8(0x20);
        let (low_folded, high_folded) = (_mm256_or_si256(low, fold), _mm256_or_si256(high, fold));
        Signs {
            quotes: both(low, high, b'"'),
            slashes: both(low, high, b'\\'),
            open: both(low_folded, high_folded, b'{'),
            close: both(low_folded, high_folded, b'}'),
        }
    }

    /// See [`prefix_xor`](super::prefix_xor): a multiplication by all ones that doesn't carry.
    #[target_feature(enable = "avx2,pclmulqdq")]
    #[inline]
    fn parity(bits: u64) -> u64 {
        let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product) as u64
    }

    /// Where a sign stands in 64 bytes.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn both(low: __m256i, high: __m256i, sign: u8) -> u64 {
        let sign = _mm256_set1_epi8(sign as i8);
        let mask = |half: __m256i| u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(half, sign)) as u32);
        mask(low) | mask(high) << 32
    }

    /// Half a block. The compiler makes one load of the four.
    #[target_feature(enable = "avx2")]
    #[inline]
    fn load(block: &[u8; BLOCK], from: usize) -> __m256i {
        let word = |i: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&block[from + i * 8..from + i * 8 + 8]);
            i64::from_le_bytes(bytes)
        };
        _mm256_set_epi64x(word(3), word(2), word(1), word(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same, byte by byte.
    fn slow_end(bytes: &[u8]) -> Option<usize> {
        let (mut depth, mut string, mut escape) = (0i64, false, false);
        for (i, b) in bytes.iter().enumerate() {
            match (string, escape, b) {
                (true, true, _) => escape = false,
                (true, false, b'\\') => escape = true,
                (true, false, b'"') => string = false,
                (true, false, _) => {}
                (false, _, b'"') => string = true,
                (false, _, b'{' | b'[') => depth += 1,
                (false, _, b'}' | b']') => {
                    depth -= 1;
                    if depth <= 0 {
                        return Some(i + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// Numbers below what it is given, the same in each run.
    fn random() -> impl FnMut(usize) -> usize {
        let mut seed = 7u64;
        move |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % n
        }
    }

    #[test]
    fn ends_agree_with_reading_byte_by_byte() {
        let mut random = random();
        for _ in 0..20_000 {
            let length = random(300);
            let mut text = vec![b"{["[random(2)]];
            // Outside of strings a backslash is no JSON; inside it may stand anywhere.
            let mut string = false;
            while text.len() < length {
                if string {
                    match random(8) {
                        0 => text.extend_from_slice(b"\\\""),
                        1 => text.extend_from_slice(b"\\\\"),
                        2 => {
                            text.push(b'"');
                            string = false;
                        }
                        other => text.push(b"{}[]x,"[other - 2]),
                    }
                } else {
                    let b = b"{}[]\"1, "[random(8)];
                    string = b == b'"';
                    text.push(b);
                }
            }
            assert_eq!(container_end(&text), slow_end(&text), "{}", String::from_utf8_lossy(&text));
            assert_eq!(walk(&text, Signs::of, prefix_xor), slow_end(&text), "{}", String::from_utf8_lossy(&text));
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

    #[test]
    fn strings_end_at_the_first_quote_that_is_not_escaped() {
        let slow = |text: &[u8]| {
            let (mut at, mut escapes) = (0, false);
            while *text.get(at)? != b'"' {
                let is_escape = text[at] == b'\\';
                (at, escapes) = (at + 1 + usize::from(is_escape), escapes || is_escape);
            }
            Some((at, escapes))
        };
        let mut random = random();
        for _ in 0..20_000 {
            let length = random(200);
            let text: Vec<u8> = (0..length)
                .map(|_| match random(40) {
                    0..3 => b'\\',
                    3 => b'"',
                    _ => b'a',
                })
                .collect();
            assert_eq!(string_end(&text), slow(&text), "{}", String::from_utf8_lossy(&text));
            assert_eq!(string(&text, Signs::of), slow(&text), "{}", String::from_utf8_lossy(&text));
        }
    }
}
