//! Cutting a recording into pieces of a size that one request carries.

use std::borrow::Cow;

use playhead_json::{Cursor, Items, Members, without_bom};

/// Bytes of one upload.
pub(crate) type Piece<'a> = Cow<'a, [u8]>;

/// `bytes` as pieces of about `piece_bytes_max`, in order. What is small enough stays one piece, and so does
/// what has no list of records to cut; a single record is never cut.
pub(crate) fn pieces(bytes: &[u8], piece_bytes_max: usize) -> Vec<Piece<'_>> {
    if bytes.len() <= piece_bytes_max {
        return vec![Cow::Borrowed(bytes)];
    }
    match records(bytes) {
        Some(records) => groups(records, piece_bytes_max).map(|group| Cow::Owned(as_array(&group))).collect(),
        None => lines(bytes, piece_bytes_max),
    }
}

/// A JSON array of the given values.
fn as_array(values: &[&[u8]]) -> Vec<u8> {
    [&b"["[..], &values.join(&b','), b"]"].concat()
}

/// The list of records: the text itself, or the list in an envelope that holds nothing else of use. The other
/// envelopes name windows and are not cut.
fn records(bytes: &[u8]) -> Option<Items<'_>> {
    let mut cursor = Cursor::new(without_bom(bytes));
    if cursor.peek() == b'[' {
        return Items::of(cursor);
    }
    let outer = Members::of(cursor);
    let inner = outer.clone().find("log").map_or(outer, |log| Members::of(Cursor::new(log)));
    let list = inner.clone().find("entries").or_else(|| inner.find("events"))?;
    Items::of(Cursor::new(list))
}

/// Collects consecutive parts until they hold `bytes_max`.
fn groups<'a>(parts: impl Iterator<Item = &'a [u8]>, bytes_max: usize) -> impl Iterator<Item = Vec<&'a [u8]>> {
    let mut parts = parts.peekable();
    std::iter::from_fn(move || {
        let mut group = vec![parts.next()?];
        let mut size = group[0].len();
        while let Some(next) = parts.next_if(|next| size + next.len() < bytes_max) {
            size += next.len() + 1;
            group.push(next);
        }
        Some(group)
    })
}

/// JSON Lines in pieces that end at line ends.
fn lines(bytes: &[u8], piece_bytes_max: usize) -> Vec<Piece<'_>> {
    let mut rest = bytes;
    groups(bytes.split_inclusive(|b| *b == b'\n'), piece_bytes_max)
        .map(|group| {
            let (piece, tail) = rest.split_at(group.iter().map(|line| line.len()).sum());
            rest = tail;
            Cow::Borrowed(piece)
        })
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
