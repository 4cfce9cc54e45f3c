//! The ends of strings and containers, found in vectors of bytes.
//!
//! In: JSON text. Out: positions. A container of any size is skipped without parsing its content: for each block of 64
//! bytes the unescaped quotes give a mask of the bytes inside strings, and the brackets outside of strings are counted
//! (the method of Langdale and Lemire, "Parsing Gigabytes of JSON per Second", sections 3.1.1 and 3.1.2).
//!
//! Never here: allocation, values, a check that the text is valid.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(test)]
mod tests;

use ::wide::u8x16;

const BLOCK: usize = 64;

/// The position of the first quote or backslash in `chunk`.
#[inline(always)]
pub(crate) fn quote_or_escape_in(chunk: &[u8; 16]) -> Option<usize> {
    let chunk = u8x16::new(*chunk);
    let hits = (chunk.simd_eq(u8x16::splat(b'"')) | chunk.simd_eq(u8x16::splat(b'\\'))).to_bitmask();
    (hits != 0).then(|| hits.trailing_zeros() as usize)
}

/// The position of the quote that ends a string, and whether a backslash is before it.
///
/// `bytes` starts after the opening quote. `None` when the string does not end.
pub fn string_end(bytes: &[u8]) -> Option<(usize, bool)> {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_supported() {
        return avx2::string_end(bytes);
    }
    string(bytes, BlockMasks::of)
}

/// Walks the blocks of a string. `masks` finds the structural bytes of a block.
#[inline(always)]
fn string(bytes: &[u8], masks: impl Fn(&[u8; BLOCK]) -> BlockMasks) -> Option<(usize, bool)> {
    let mut carry = Carry::default();
    let mut is_escaped = false;
    let mut at = 0;
    loop {
        let found = block(bytes, at, &masks)?;
        let ends = found.quotes & !escaped(found.backslashes, &mut carry);
        if ends != 0 {
            let bit = ends.trailing_zeros();
            return Some((at + bit as usize, is_escaped || found.backslashes & ((1 << bit) - 1) != 0));
        }
        is_escaped |= found.backslashes != 0;
        at += BLOCK;
    }
}

/// The structural bytes of the block at `at`; `None` past the end. The last block is padded with spaces.
#[inline(always)]
fn block(bytes: &[u8], at: usize, masks: impl Fn(&[u8; BLOCK]) -> BlockMasks) -> Option<BlockMasks> {
    let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
    Some(match rest.first_chunk::<BLOCK>() {
        Some(block) => masks(block),
        None => {
            let mut padded = [b' '; BLOCK];
            padded[..rest.len()].copy_from_slice(rest);
            masks(&padded)
        }
    })
}

/// The position after the array or object that begins at the start of `bytes`.
///
/// `None` when it does not end. The kinds of the brackets are not compared: `[}` ends where `[]` does.
pub fn container_end(bytes: &[u8]) -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_supported() {
        return avx2::container_end(bytes);
    }
    walk(bytes, BlockMasks::of, prefix_xor)
}

/// Walks the blocks of a container. `masks` finds the structural bytes of a block, `parity` is [`prefix_xor`].
#[inline(always)]
fn walk(bytes: &[u8], masks: impl Fn(&[u8; BLOCK]) -> BlockMasks, parity: impl Fn(u64) -> u64) -> Option<usize> {
    let mut depth = 0i64;
    let mut carry = Carry::default();
    let mut at = 0;
    loop {
        let block = Brackets::of(block(bytes, at, &masks)?, &mut carry, &parity);
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

/// The state that one block hands to the next.
#[derive(Clone, Copy, Debug, Default)]
struct Carry {
    /// All ones when the block ended inside a string.
    in_string: u64,
    /// The last byte was a backslash that escapes the next byte.
    escapes: bool,
}

/// The positions of the structural bytes of a block, one bit for each byte.
#[derive(Clone, Copy)]
struct BlockMasks {
    quotes: u64,
    backslashes: u64,
    open: u64,
    close: u64,
}

impl BlockMasks {
    #[inline(always)]
    fn of(block: &[u8; BLOCK]) -> Self {
        let (mut quotes, mut backslashes, mut open, mut close) = (0u64, 0u64, 0u64, 0u64);
        // `[` and `{`, and `]` and `}`, differ in this bit alone.
        let fold = u8x16::splat(0x20);
        for (i, chunk) in block.chunks_exact(16).enumerate() {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(chunk);
            let chunk = u8x16::new(bytes);
            let folded = chunk | fold;
            let mask = |hits: u8x16| u64::from(hits.to_bitmask()) << (16 * i);
            quotes |= mask(chunk.simd_eq(u8x16::splat(b'"')));
            backslashes |= mask(chunk.simd_eq(u8x16::splat(b'\\')));
            open |= mask(folded.simd_eq(u8x16::splat(b'{')));
            close |= mask(folded.simd_eq(u8x16::splat(b'}')));
        }
        Self { quotes, backslashes, open, close }
    }
}

/// The positions of brackets outside of strings, one bit for each byte.
struct Brackets {
    open: u64,
    close: u64,
}

impl Brackets {
    #[inline(always)]
    fn of(masks: BlockMasks, carry: &mut Carry, parity: impl Fn(u64) -> u64) -> Self {
        let quotes = masks.quotes & !escaped(masks.backslashes, carry);
        let in_string = parity(quotes) ^ carry.in_string;
        carry.in_string = 0u64.wrapping_sub(in_string >> 63);
        Self { open: masks.open & !in_string, close: masks.close & !in_string }
    }
}

/// The positions of bytes that a backslash before them escapes.
#[inline(always)]
fn escaped(mut backslashes: u64, carry: &mut Carry) -> u64 {
    let mut escaped = u64::from(carry.escapes);
    backslashes &= !escaped;
    carry.escapes = false;
    // Few blocks have a backslash, and those have few of them.
    while backslashes != 0 {
        let bit = backslashes.trailing_zeros();
        if bit == 63 {
            carry.escapes = true;
            break;
        }
        escaped |= 1 << (bit + 1);
        backslashes &= !(3 << bit);
    }
    escaped
}

/// Sets each bit to the parity of the bits up to and including it. Of the positions of quotes it makes a mask of the
/// bytes inside strings: ones from each opening quote up to the byte before its closing quote.
#[inline(always)]
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}
