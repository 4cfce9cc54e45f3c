//! The same scan in vectors of 32 bytes and with instructions that count bits, which nearly all x86-64 processors made
//! since 2013 have.
//!
//! Never here: a call without a check that the processor has the instructions.

use std::arch::x86_64::{
    __m256i, _mm_clmulepi64_si128, _mm_cvtsi128_si64, _mm_set_epi64x, _mm_set1_epi8, _mm256_cmpeq_epi8,
    _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x, _mm256_set1_epi8,
};

use super::{BLOCK, BlockMasks, string, walk};

pub(super) fn is_supported() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("popcnt")
        && std::arch::is_x86_feature_detected!("pclmulqdq")
}

/// Only for processors that [have the instructions](is_supported).
pub(super) fn container_end(bytes: &[u8]) -> Option<usize> {
    debug_assert!(is_supported());
    // SAFETY: the function only requires a processor with these instructions, and its one caller has checked that.
    #[allow(unsafe_code)]
    unsafe {
        container_end_avx2(bytes)
    }
}

/// Only for processors that [have the instructions](is_supported).
pub(super) fn string_end(bytes: &[u8]) -> Option<(usize, bool)> {
    debug_assert!(is_supported());
    // SAFETY: see `container_end`.
    #[allow(unsafe_code)]
    unsafe {
        string_end_avx2(bytes)
    }
}

#[target_feature(enable = "avx2,bmi1,bmi2")]
fn string_end_avx2(bytes: &[u8]) -> Option<(usize, bool)> {
    string(bytes, |block| block_masks(block))
}

#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,pclmulqdq")]
fn container_end_avx2(bytes: &[u8]) -> Option<usize> {
    walk(bytes, |block| block_masks(block), |bits| parity(bits))
}

#[target_feature(enable = "avx2")]
#[inline]
fn block_masks(block: &[u8; BLOCK]) -> BlockMasks {
    let (low, high) = (load(block, 0), load(block, 32));
    let fold = _mm256_set1_epi8(0x20);
    let (low_folded, high_folded) = (_mm256_or_si256(low, fold), _mm256_or_si256(high, fold));
    BlockMasks {
        quotes: positions(low, high, b'"'),
        backslashes: positions(low, high, b'\\'),
        open: positions(low_folded, high_folded, b'{'),
        close: positions(low_folded, high_folded, b'}'),
    }
}

/// See [`prefix_xor`](super::prefix_xor): a multiplication by all ones that doesn't carry.
#[target_feature(enable = "avx2,pclmulqdq")]
#[inline]
fn parity(bits: u64) -> u64 {
    let product = _mm_clmulepi64_si128::<0>(_mm_set_epi64x(0, bits as i64), _mm_set1_epi8(-1));
    _mm_cvtsi128_si64(product) as u64
}

/// The positions of a byte in 64 bytes, one bit each.
#[target_feature(enable = "avx2")]
#[inline]
fn positions(low: __m256i, high: __m256i, byte: u8) -> u64 {
    let wanted = _mm256_set1_epi8(byte as i8);
    let mask = |half: __m256i| u64::from(_mm256_movemask_epi8(_mm256_cmpeq_epi8(half, wanted)) as u32);
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
