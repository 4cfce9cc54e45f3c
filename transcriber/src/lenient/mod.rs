//! Reading of damaged JSON.
//!
//! In: the bytes of a list, which may be wrapped, cut off or damaged. Out: each element that can be read, as a flat
//! tape that borrows from those bytes, and the times and numbers in it. An element that cannot be read is a defect and
//! does not affect the others. Never here: recursion over the input's nesting, trees of owned values, what an element
//! means.

mod base64;
mod compact;
mod time;

use std::cell::Cell;

use playhead_json::repair::{self, Repaired};
use playhead_json::scan::container_end;
use playhead_json::{Fields, envelope, lone_surrogates};
use playhead_schemas::timeline::DefectCode;
use simd_json::base::{ValueAsScalar, ValueIntoString};
use simd_json::{Buffers, tape};

pub(crate) use base64::base64;
pub(crate) use compact::compact;
pub(crate) use time::{epoch_ms, has_zone};
use time::{epoch_of_number, epoch_of_text};

/// A value on a tape.
pub(crate) type Value<'t, 'i> = tape::Value<'t, 'i>;

/// An element of a list.
pub(crate) enum Element<'e, 't, 'i> {
    /// The text of an object, which was not checked yet.
    Text(&'e [u8]),
    /// The value itself, repaired where it could be.
    Tape(Value<'t, 'i>),
}

/// What a reader wants after an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The next element.
    GoOn,
    /// No more elements.
    Stop,
    /// The same element, parsed.
    Parse,
}

/// Calls `each` for each element of the list in `json`. Objects are given as text first, and parsed when `each` asks
/// for it.
///
/// The list is a bare array, the array under one of `lists` in an object (itself possibly under one of
/// `wrappers`), or a sequence of values such as JSON Lines.
pub(crate) fn elements<D: FnMut(DefectCode, &str)>(
    json: &mut [u8],
    wrappers: &[&str],
    lists: &[&str],
    defects: &mut D,
    mut each: impl FnMut(Element<'_, '_, '_>, &mut D) -> Next,
) {
    let (mut at, is_list) = match envelope::list_start(json, wrappers, lists) {
        Some(at) => (at, true),
        None => (bom_length(json), false),
    };
    let mut buffers = Buffers::default();
    loop {
        at = skip(json, at, |b| b.is_ascii_whitespace() || b == b',');
        if at >= json.len() {
            if is_list {
                defects(DefectCode::BadJson, "the list is cut off: its end is missing");
            }
            return;
        }
        if is_list && json[at] == b']' {
            return;
        }
        if json[at] == b'{'
            && let Some(length) = container_end(&json[at..])
        {
            match each(Element::Text(&json[at..at + length]), defects) {
                Next::GoOn => {
                    at += length;
                    continue;
                }
                Next::Stop => return,
                Next::Parse => {}
            }
        }
        let Some(end) = value_end(json, at, defects) else {
            defects(DefectCode::BadJson, "the last element is cut off");
            return;
        };
        if end == at {
            // A stray `}`, `]` or `:` between elements.
            defects(DefectCode::BadJson, "an element is not JSON");
            at += 1;
            continue;
        }
        let mut tape = |value: Value<'_, '_>, defects: &mut D| each(Element::Tape(value), defects) != Next::Stop;
        if !one(&mut json[at..end], &mut buffers, defects, &mut tape) {
            return;
        }
        at = end;
    }
}

/// True when no character of the text of a value needs a repair.
pub(crate) fn is_sound(json: &[u8]) -> bool {
    std::str::from_utf8(json).is_ok() && lone_surrogates(json) == 0
}

/// The text of a value with its characters repaired.
pub(crate) fn repaired(json: &[u8], defects: &mut impl FnMut(DefectCode, &str)) -> Vec<u8> {
    let mut json = json.to_vec();
    replace_invalid_utf8(&mut json, defects);
    value_end(&mut json, 0, defects);
    json
}

thread_local! {
    /// The parser's buffers, which are used again for the next value.
    static BUFFERS: Cell<Buffers> = Cell::default();
}

/// Parses `json` as one value, repaired where possible, and gives it to `read`. `None` when it is not JSON.
pub(crate) fn value<T>(json: &mut [u8], read: impl FnOnce(Value<'_, '_>) -> T) -> Option<T> {
    let start = skip(json, bom_length(json), |b| b.is_ascii_whitespace());
    let end = value_end(json, start, &mut |_, _| ())?;
    let (mut read, mut out) = (Some(read), None);
    let mut buffers = BUFFERS.take();
    one(&mut json[start..end], &mut buffers, &mut |_: DefectCode, _: &str| (), &mut |value, _| {
        if let Some(read) = read.take() {
            out = Some(read(value));
        }
        true
    });
    BUFFERS.set(buffers);
    out
}

fn one<D: FnMut(DefectCode, &str)>(
    json: &mut [u8],
    buffers: &mut Buffers,
    defects: &mut D,
    each: &mut impl FnMut(Value<'_, '_>, &mut D) -> bool,
) -> bool {
    replace_invalid_utf8(json, defects);
    match simd_json::to_tape_with_buffers(json, buffers) {
        Ok(tape) => each(tape.as_value(), defects),
        Err(_) => {
            defects(DefectCode::BadJson, "an element is not JSON");
            true
        }
    }
}

/// Repairs the value that starts at `start`. The position after it; equal to `start` when no value starts there, `None`
/// when the text ends inside it.
fn value_end(json: &mut [u8], start: usize, defects: &mut impl FnMut(DefectCode, &str)) -> Option<usize> {
    let Repaired { end, lone_surrogates } = repair::value(json, start);
    for _ in 0..lone_surrogates {
        defects(DefectCode::LoneSurrogate, "a string holds half of a surrogate pair");
    }
    end
}

fn replace_invalid_utf8(json: &mut [u8], defects: &mut impl FnMut(DefectCode, &str)) {
    if repair::invalid_utf8(json) {
        defects(DefectCode::BadField, "an element holds bytes that are not UTF-8");
    }
}

fn bom_length(json: &[u8]) -> usize {
    json.len() - playhead_json::without_bom(json).len()
}

fn skip(json: &[u8], from: usize, unwanted: impl Fn(u8) -> bool) -> usize {
    json[from..].iter().position(|b| !unwanted(*b)).map_or(json.len(), |n| from + n)
}

/// The field `key` of an object, unless it is null.
pub(crate) fn field<'t, 'i>(object: Value<'t, 'i>, key: &str) -> Option<Value<'t, 'i>> {
    object.as_object()?.get(key).filter(|value| value.as_null().is_none())
}

/// The first of `keys` that `object` has, unless it is null.
pub(crate) fn first<'t, 'i>(object: Value<'t, 'i>, keys: &[&str]) -> Option<Value<'t, 'i>> {
    keys.iter().find_map(|key| field(object, key))
}

/// The text of `value`, when it is a string.
pub(crate) fn as_text<'i>(value: Value<'_, 'i>) -> Option<&'i str> {
    value.into_string()
}

/// The string under `key`.
pub(crate) fn text<'i>(object: Value<'_, 'i>, key: &str) -> Option<&'i str> {
    field(object, key)?.into_string()
}

/// The finite number under `key`, also when it is spelled as a string.
pub(crate) fn number(object: Value<'_, '_>, key: &str) -> Option<f64> {
    as_number(field(object, key)?)
}

/// An epoch time in milliseconds under `key`, see [`epoch_ms`].
pub(crate) fn epoch_ms_of_field(fields: &Fields<'_>, key: &str) -> Option<f64> {
    match fields.text(key) {
        Some(text) => epoch_of_text(&text),
        None => epoch_of_number(fields.number(key)?),
    }
}

/// True for the value `true`.
pub(crate) fn is_true(value: Value<'_, '_>) -> bool {
    value.as_bool() == Some(true)
}

/// The finite number that `value` is or spells.
pub(crate) fn as_number(value: Value<'_, '_>) -> Option<f64> {
    let number = match value.into_string() {
        Some(text) => text.trim().parse().ok()?,
        None => value.cast_f64()?,
    };
    number.is_finite().then_some(number)
}

/// A count: `number` rounded, when it is one.
pub(crate) fn count(number: f64) -> Option<u64> {
    (0.0..9e15).contains(&number).then_some(number.round() as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The `n` of each element, and the defects.
    fn read(json: &[u8]) -> (Vec<f64>, Vec<DefectCode>) {
        let (mut numbers, mut codes) = (Vec::new(), Vec::new());
        let mut json = json.to_vec();
        elements(&mut json, &["log"], &["entries"], &mut |code, _| codes.push(code), |element, _| {
            let Element::Tape(value) = element else { return Next::Parse };
            numbers.extend(number(value, "n"));
            Next::GoOn
        });
        (numbers, codes)
    }

    #[test]
    fn lists_are_found_in_every_wrapper() {
        for json in [
            &br#"[{"n":1},{"n":"2"}]"#[..],
            b"\xef\xbb\xbf [{\"n\":1} , {\"n\":2}] trailing",
            br#"{"version":"1","entries":[{"n":1},{"n":2}]}"#,
            br#"{"log":{"a":[{"entries":[{"n":9}]}],"b":"]}","entries":[{"n":1},{"n":2}],"c":1}}"#,
            b"{\"n\":1}\n{\"n\":2}\n",
        ] {
            assert_eq!(read(json), (vec![1.0, 2.0], vec![]), "{}", String::from_utf8_lossy(json));
        }
    }

    #[test]
    fn damage_costs_one_element() {
        use DefectCode::*;
        for (json, numbers, codes) in [
            (&br#"[{"n":1},{"n":}, {"n":3}]"#[..], vec![1.0, 3.0], vec![BadJson]),
            (br#"[{"n":1},{"n":2,"s":"cut o"#, vec![1.0], vec![BadJson]),
            (br#"[{"n":1},"#, vec![1.0], vec![BadJson]),
            (b"{\"n\":1}\nnonsense\n{\"n\":2}", vec![1.0, 2.0], vec![BadJson]),
            (br#"[{"n":1,"s":"\ud83d x"},{"s":"\ud83d\ude00","n":2}]"#, vec![1.0, 2.0], vec![LoneSurrogate]),
            (b"[{\"n\":1,\"s\":\"a\x01\nb\"}]", vec![1.0], vec![]),
            (b"[{\"n\":1,\"s\":\"a\xff\xfeb\"}]", vec![1.0], vec![BadField]),
            (b"]}:,[", vec![], vec![BadJson, BadJson, BadJson, BadJson]),
            (b"", vec![], vec![]),
            (b"[", vec![], vec![BadJson]),
            (b"\"\\", vec![], vec![BadJson]),
        ] {
            assert_eq!(read(json), (numbers, codes), "{}", String::from_utf8_lossy(json));
        }
    }

    #[test]
    fn deep_nesting_is_one_bad_element() {
        let mut json = b"[{\"n\":1},".to_vec();
        json.extend(std::iter::repeat_n(b'[', 10_000));
        json.extend(std::iter::repeat_n(b']', 10_000));
        json.extend(b",{\"n\":2}]");
        assert_eq!(read(&json), (vec![1.0, 2.0], vec![DefectCode::BadJson]));
    }
}
