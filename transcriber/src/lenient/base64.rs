//! Text in base64, in either alphabet.

/// The text that `text` encodes, of which at most `bytes_max` bytes are read; `None` when it isn't base64, or not of text.
pub(crate) fn base64(text: &str, bytes_max: usize) -> Option<String> {
    let mut out = Vec::with_capacity(text.len().min(bytes_max) / 4 * 3);
    let (mut bits, mut held) = (0u32, 0);
    for byte in text.bytes().take(bytes_max) {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            b if b.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    let text = match std::str::from_utf8(&out) {
        Ok(text) => text,
        // Cut inside the last character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&out[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_are_read_and_anything_else_is_none() {
        for (text, want) in [
            ("eyJhIjoxfQ==", Some(r#"{"a":1}"#)),
            ("eyJhIjox\nfQ", Some(r#"{"a":1}"#)),
            ("w6k_w78", Some("\u{e9}?\u{ff}")),
            ("/9j/4AAQ", None),
            ("{\"a\":1}", None),
            ("", Some("")),
        ] {
            assert_eq!(base64(text, 100).as_deref(), want, "{text}");
        }
        assert_eq!(base64("w6nDqQ==", 4).as_deref(), Some("\u{e9}"), "cut inside a character");
    }
}
