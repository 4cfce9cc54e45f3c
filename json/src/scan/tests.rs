//! The vectors against a scan byte by byte.

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
        assert_eq!(walk(&text, BlockMasks::of, prefix_xor), slow_end(&text), "{}", String::from_utf8_lossy(&text));
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
        assert_eq!(string(&text, BlockMasks::of), slow(&text), "{}", String::from_utf8_lossy(&text));
    }
}
