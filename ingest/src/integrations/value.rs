//! Reading JSON that an SDK of any version wrote: what is missing or of another kind is absent, never an error.

use bytes::{Bytes, BytesMut};
use memchr::memchr2_iter;
use playhead_json::{repair, without_bom};
use playhead_schemas::EpochMs;
use playhead_schemas::text::one_line;
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Bytes of one event that is read into memory. Its tree takes several times as much.
pub(super) const EVENT_BYTES_MAX: usize = 4 << 20;

/// Objects and lists of one event. Each takes some 700 bytes in a tree, however short it is in the text.
const EVENT_BRANCHES_MAX: usize = 50_000;

/// The tree of a JSON text. Half surrogate pairs and bytes that are no UTF-8 are mended first.
pub(super) fn parse(json: &Bytes) -> Option<Value> {
    if json.len() > EVENT_BYTES_MAX || memchr2_iter(b'{', b'[', json).count() > EVENT_BRANCHES_MAX {
        return None;
    }
    if let Ok(value) = serde_json::from_slice(without_bom(json)) {
        return Some(value);
    }
    let mut mended = BytesMut::from(without_bom(json));
    repair::invalid_utf8(&mut mended);
    repair::surrogates(&mut mended);
    serde_json::from_slice(&mended).ok()
}

/// What stands for the id of an event that has none: the same for the same bytes.
pub(super) fn content_id(event: &Bytes) -> String {
    Sha256::digest(event).iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// A text at a JSON pointer that says something.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.trim().is_empty())
}

/// A text at a JSON pointer, on one line, with at most `chars_max` characters. Numbers count as text.
pub(super) fn line(value: &Value, pointer: &str, chars_max: usize) -> Option<String> {
    let line = match value.pointer(pointer)? {
        Value::String(text) => one_line(text, chars_max),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(line).filter(|line| !line.is_empty())
}

/// `text` with at most `chars_max` characters.
pub(super) fn cut(text: &str, chars_max: usize) -> String {
    match text.char_indices().nth(chars_max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A finite number at a JSON pointer, also one that is spelled as a string.
pub(super) fn number(value: &Value, pointer: &str) -> Option<f64> {
    let number = match value.pointer(pointer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number: &f64| number.is_finite())
}

/// A whole number at a JSON pointer.
pub(super) fn whole(value: &Value, pointer: &str) -> Option<u32> {
    let number = number(value, pointer)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    (number >= 0.0 && number <= f64::from(u32::MAX)).then_some(number as u32)
}

/// The items of a list at a JSON pointer; none when there is no list.
pub(super) fn items<'a>(value: &'a Value, pointer: &str) -> &'a [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A time at a JSON pointer: epoch seconds, epoch milliseconds (told by their size) or RFC 3339.
pub(super) fn time(value: &Value, pointer: &str) -> Option<EpochMs> {
    if let Some(number) = number(value, pointer) {
        return epoch(number);
    }
    rfc3339(text(value, pointer)?)
}

fn epoch(number: f64) -> Option<EpochMs> {
    let ms = if number < 1e11 { number * 1000.0 } else { number };
    #[allow(clippy::cast_possible_truncation)]
    (1e9..8.64e15).contains(&ms).then_some(EpochMs(ms.round() as i64))
}

fn rfc3339(text: &str) -> Option<EpochMs> {
    let at = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1_000_000)).ok().map(EpochMs)
}

/// An id of 32 hexadecimal digits as small letters: SDKs write it with and without hyphens. Other texts stay as they
/// are.
pub(super) fn hex_id(id: &str) -> String {
    let id = id.trim();
    let plain: String = id.chars().filter(|c| *c != '-').flat_map(char::to_lowercase).collect();
    let is_hex = plain.len() == 32 && plain.bytes().all(|b| b.is_ascii_hexdigit());
    if is_hex { plain } else { id.to_owned() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_in_every_spelling() {
        for (value, want) in [
            (json!(1_796_037_616.294), Some(1_796_037_616_294)),
            (json!(1_796_037_616_294.0), Some(1_796_037_616_294)),
            (json!("1796037616.294"), Some(1_796_037_616_294)),
            (json!("2026-11-30T11:20:16.294Z"), Some(1_796_037_616_294)),
            (json!("2026-11-30T13:20:16.294+02:00"), Some(1_796_037_616_294)),
            (json!(-5), None),
            (json!("soon"), None),
            (json!(null), None),
        ] {
            let read = time(&json!({ "t": value }), "/t").map(|at| at.0);
            assert_eq!(read, want, "{value}");
        }
    }

    #[test]
    fn half_characters_cost_themselves() {
        let value = parse(&Bytes::from_static(b"{\"a\":\"x\\ud83d\",\"b\":\"\xff\"}")).unwrap();
        assert_eq!(text(&value, "/a").map(str::len), Some("x\u{fffd}".len()));
        assert!(parse(&Bytes::from_static(b"{\"a\":")).is_none());
        let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(parse(&Bytes::from(deep)).is_none());
    }

    #[test]
    fn ids_have_one_spelling() {
        let hex = "872183973afd46348a18c422178b97fb";
        assert_eq!(hex_id(&hex.to_uppercase()), hex);
        assert_eq!(hex_id("87218397-3AFD-4634-8a18-c422178b97fb"), hex);
        assert_eq!(hex_id(" other "), "other");
    }
}
