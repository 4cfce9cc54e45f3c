//! Strings: their contents, and halves of characters.

/// The text that a JSON string (with its quotes) stands for, as bytes. Escapes of half a character are
/// kept as escapes: the text is JSON itself, where they are allowed inside strings.
pub(crate) fn unescape(string: &[u8]) -> Vec<u8> {
    let inner = string.strip_prefix(b"\"").unwrap_or(string);
    let inner = inner.strip_suffix(b"\"").unwrap_or(inner);
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(slash) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(&rest[..slash]);
        rest = &rest[slash + 1..];
        let Some((&kind, tail)) = rest.split_first() else { break };
        rest = tail;
        match kind {
            b'b' => out.push(0x08),
            b'f' => out.push(0x0c),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => rest = unescape_unit(rest, &mut out),
            other => out.push(other),
        }
    }
    out.extend_from_slice(rest);
    out
}

/// Writes the character of `XXXX` (or of `XXXX\uXXXX`) and gives what follows it.
fn unescape_unit<'a>(rest: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let Some((unit, tail)) = hex_unit(rest) else { return rest };
    if let Some(c) = char::from_u32(u32::from(unit)) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        return tail;
    }
    let low = tail.strip_prefix(b"\\u").and_then(hex_unit);
    if let Some((low, after)) = low
        && let Some(Ok(c)) = char::decode_utf16([unit, low]).next()
    {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        return after;
    }
    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
    tail
}

/// Overwrites escapes of half a character in JSON text with `\ufffd`, which has the same length.
pub(crate) fn repair_surrogates(json: &mut [u8]) {
    let mut at = 0;
    while let Some(slash) = json.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
        let unit_at = at + slash + 2;
        let unit = (json.get(unit_at - 1) == Some(&b'u'))
            .then(|| json.get(unit_at..).and_then(hex_unit))
            .flatten()
            .map(|(unit, _)| unit);
        at = unit_at;
        let Some(unit) = unit else { continue };
        at += 4;
        if !(0xd800..0xe000).contains(&unit) {
            continue;
        }
        let low = json.get(at..).and_then(|rest| rest.strip_prefix(b"\\u")).and_then(hex_unit);
        match low {
            Some((low, _)) if unit < 0xdc00 && (0xdc00..0xe000).contains(&low) => at += 6,
            _ => json[unit_at..unit_at + 4].copy_from_slice(b"fffd"),
        }
    }
}

fn hex_unit(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (hex, rest) = bytes.split_at_checked(4)?;
    if !hex.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let unit = u16::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()?;
    Some((unit, rest))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn strings_become_their_text() {
        for (string, want) in [
            (r#""""#, ""),
            (r#""[{\"a\":\"b\\n\"}]""#, r#"[{"a":"b\n"}]"#),
            (r#""x\u00e9\ud83d\ude00\/""#, "xé😀/"),
            (r#""\"\ud83d\"""#, r#""\ud83d""#),
            (r#""\ud800\u0041""#, "\\ud800A"),
            ("\"\\u00", "00"),
        ] {
            assert_eq!(String::from_utf8(unescape(string.as_bytes())).unwrap(), want, "{string}");
        }
    }

    #[test]
    fn halves_are_repaired_and_nothing_else() {
        for (json, want) in [
            (r#""\ud83d\ude00 \u0041 \\ud800""#, r#""\ud83d\ude00 \u0041 \\ud800""#),
            (r#""cut \ud83d""#, r#""cut \ufffd""#),
            (r#""\ude00\ud83d\ud83d\ude00""#, r#""\ufffd\ufffd\ud83d\ude00""#),
            (r#""\\\ud800""#, r#""\\\ufffd""#),
            (r#""\"#, r#""\"#),
            (r#""\u12"#, r#""\u12"#),
        ] {
            let mut bytes = json.as_bytes().to_vec();
            repair_surrogates(&mut bytes);
            assert_eq!(String::from_utf8(bytes).unwrap(), want, "{json}");
        }
    }
}
