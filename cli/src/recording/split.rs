//! Cutting a recording into pieces of a size that one request carries.

use std::borrow::Cow;
use std::ops::Range;

use crate::json_scan::{elements, field, skip_space};

/// Bytes of one upload.
pub(crate) type Piece<'a> = Cow<'a, [u8]>;

/// `bytes` as pieces of about `piece_bytes_max`, in order. What is small enough stays one piece, and so does
/// what has no list of records to cut; a single record is never cut.
pub(crate) fn pieces(bytes: &[u8], piece_bytes_max: usize) -> Vec<Piece<'_>> {
    if bytes.len() <= piece_bytes_max {
        return vec![Cow::Borrowed(bytes)];
    }
    match list_start(bytes) {
        Some(at) => {
            groups(elements(bytes, at), piece_bytes_max).map(|group| Cow::Owned(as_array(bytes, &group))).collect()
        }
        None => lines(bytes, piece_bytes_max),
    }
}

/// An array of the given parts of `bytes`.
fn as_array(bytes: &[u8], parts: &[Range<usize>]) -> Vec<u8> {
    let mut array = vec![b'['];
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            array.push(b',');
        }
        array.extend_from_slice(&bytes[part.clone()]);
    }
    array.push(b']');
    array
}

/// Where the list of records starts: the text itself, or the list in an envelope that says nothing else
/// of use. The other envelopes name windows and are not cut.
fn list_start(bytes: &[u8]) -> Option<usize> {
    let start = skip_space(bytes, if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 });
    match bytes.get(start)? {
        b'[' => Some(start),
        b'{' => {
            let outer = field(bytes, start, "log").map_or(start, |log| log.start);
            let list = field(bytes, outer, "entries").or_else(|| field(bytes, outer, "events"))?;
            (bytes[list.start] == b'[').then_some(list.start)
        }
        _ => None,
    }
}

/// Collects consecutive ranges until they hold `bytes_max`.
fn groups(ranges: impl Iterator<Item = Range<usize>>, bytes_max: usize) -> impl Iterator<Item = Vec<Range<usize>>> {
    let mut ranges = ranges.peekable();
    std::iter::from_fn(move || {
        let mut group = vec![ranges.next()?];
        let mut size = group[0].len();
        while let Some(next) = ranges.next_if(|next| size + next.len() < bytes_max) {
            size += next.len() + 1;
            group.push(next);
        }
        Some(group)
    })
}

/// JSON Lines in pieces that end at line ends.
fn lines(bytes: &[u8], piece_bytes_max: usize) -> Vec<Piece<'_>> {
    let ends = memchr::memchr_iter(b'\n', bytes).map(|at| at + 1).chain([bytes.len()]);
    let mut start = 0;
    let ranges = ends.map(|end| std::mem::replace(&mut start, end)..end);
    groups(ranges.filter(|line| !line.is_empty()), piece_bytes_max)
        .filter_map(|group| Some(Cow::Borrowed(&bytes[group.first()?.start..group.last()?.end])))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(json: &str, max: usize) -> Vec<String> {
        pieces(json.as_bytes(), max).iter().map(|p| String::from_utf8_lossy(p).into_owned()).collect()
    }

    #[test]
    fn lists_are_cut_between_records() {
        for (json, want) in [
            (r#"[{"a":1},{"b":2},{"c":3}]"#, vec![r#"[{"a":1}]"#, r#"[{"b":2}]"#, r#"[{"c":3}]"#]),
            ("[1,22,333,4]", vec!["[1,22,333,4]"]),
            (r#"{"log":{"entries":[{"a":1},{"b":2}]}}"#, vec![r#"[{"a":1}]"#, r#"[{"b":2}]"#]),
            (r#"{"events":[{"a":1},[2,3]]}"#, vec![r#"[{"a":1},[2,3]]"#]),
            ("{\"a\":1}\n{\"b\":22}\n{\"c\":3}", vec!["{\"a\":1}\n", "{\"b\":22}\n", "{\"c\":3}"]),
        ] {
            assert_eq!(texts(json, 14), want, "{json}");
        }
    }

    #[test]
    fn what_fits_or_has_no_list_stays_whole() {
        assert_eq!(texts("[1,2,3]", 7), ["[1,2,3]"]);
        let windows = r#"{"snapshot_data_by_window_id":{"w":[1,2,3]}}"#;
        assert_eq!(texts(windows, 10), [windows]);
        assert_eq!(texts("[\"a record larger than a piece\",1]", 8), ["[\"a record larger than a piece\"]", "[1]"]);
    }
}
