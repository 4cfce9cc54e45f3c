//! How long the content of a zstd frame can be, told by its headers alone (RFC 8878, sections 3.1.1.1 and 3.1.1.2).
//!
//! In: compressed bytes. Out: a bound. Never here: decompressing.

/// The longest content of a block.
const BLOCK_BYTES_MAX: usize = 128 << 10;
/// Bytes before a block: whether it is the last, its type, its size.
const BLOCK_HEADER_BYTES: usize = 3;

/// The most that the one whole frame in `bytes` can hold. `None` when there is none, or something beside it.
pub(super) fn content_bound(bytes: &[u8]) -> Option<usize> {
    let descriptor = *bytes.get(4).filter(|_| bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]))?;
    let is_single_segment = descriptor & 0x20 != 0;
    let window = usize::from(!is_single_segment);
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content_size = match descriptor >> 6 {
        0 => usize::from(is_single_segment),
        flag => 1 << flag,
    };
    let mut at = 5 + window + dictionary + content_size;
    let mut bound = 0usize;
    loop {
        let header = bytes.get(at..at + BLOCK_HEADER_BYTES)?;
        let header = u32::from_le_bytes([header[0], header[1], header[2], 0]);
        let (is_last, kind, size) = (header & 1 == 1, header >> 1 & 3, header as usize >> 3);
        let (stored, content) = match kind {
            0 => (size, size),
            1 => (1, size),
            2 => (size, BLOCK_BYTES_MAX),
            _ => return None,
        };
        bound = bound.checked_add(content)?;
        at += BLOCK_HEADER_BYTES + stored;
        if is_last {
            let checksum = if descriptor & 4 != 0 { 4 } else { 0 };
            return (at + checksum == bytes.len()).then_some(bound);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use super::content_bound;

    /// Compressed as a stream is, which doesn't say how long it is, with a checksum and a flush here and there.
    fn streamed(content: &[u8], flush_each: usize) -> Vec<u8> {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).unwrap();
        encoder.include_checksum(true).unwrap();
        for part in content.chunks(flush_each) {
            encoder.write_all(part).unwrap();
            encoder.flush().unwrap();
        }
        encoder.finish().unwrap()
    }

    #[test]
    fn bounds_hold_and_are_near() {
        let mut seed = 1u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 24) as u8
        })
        .take(300_000)
        .collect();
        for content in [b"".to_vec(), b"abc".to_vec(), vec![b'x'; 1_000_000], noise, b"0,1,2,".repeat(90_000)] {
            for bytes in [zstd::bulk::compress(&content, 3).unwrap(), streamed(&content, 200_000)] {
                let bound = content_bound(&bytes).unwrap();
                assert!(bound >= content.len() && bound <= content.len() + 8 * super::BLOCK_BYTES_MAX, "{bound}");
            }
        }
    }

    #[test]
    fn what_is_no_whole_frame_has_no_bound() {
        let whole = streamed(b"0123456789", 4);
        for end in 0..whole.len() {
            assert_eq!(content_bound(&whole[..end]), None, "{end}");
        }
        assert_eq!(content_bound(&[&whole[..], &whole[..]].concat()), None);
        assert_eq!(content_bound(b"{\"no\": \"frame\"}"), None);
    }
}
