//! Recordings read in pieces against the same ones read as a whole.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::decode::blocks::BlockReader;
use crate::decode::envelope;
use crate::decode::event::DataReader;
use crate::decode::reread::Rereader;

/// Window, type, time and data of every event, read from the whole text and in pieces.
fn both(text: &[u8]) -> (Vec<String>, Option<Vec<String>>) {
    let told = |event: &Event<'_>, data: &[u8]| {
        format!("{:?} {} {:?} {}", event.window, event.event_type, event.at, String::from_utf8_lossy(data))
    };
    let whole = envelope::events(text, Some("w"), 1 << 30, &mut Defects::default()).value;
    let whole = whole.iter().map(|event| told(event, event.data.text().unwrap())).collect();
    let packed = zstd::encode_all(text, 1).unwrap();
    let [reread, blocks] = [Storage::Reread(0), Storage::Blocks].map(|storage| {
        let streamed = events(&packed, Some("w"), usize::MAX, storage)?;
        let mut reader = reader(&packed, &streamed.events);
        Some(streamed.events.iter().map(|event| told(event, event.data.read(&mut reader))).collect::<Vec<_>>())
    });
    assert_eq!(reread, blocks);
    (whole, blocks)
}

fn reader<'a>(packed: &'a [u8], events: &[Event<'_>]) -> DataReader<'a> {
    let spans = events.iter().filter_map(|event| event.data.stream_range());
    DataReader { blocks: BlockReader::default(), streams: Rereader::new([packed].into_iter(), spans) }
}

fn long(between: &str) -> String {
    let event = |n: usize| {
        let body = format!("{n}").repeat(2000 + n * 40);
        format!("{{\"type\":3,\"data\":{{\"n\":\"{body}\"}},\"timestamp\":{n}}}")
    };
    (0..400).map(event).collect::<Vec<_>>().join(between)
}

#[test]
fn events_are_the_same_as_those_of_the_whole_text() {
    let list = format!("[{}]", long(","));
    let pairs =
        |between: &str| long("\n").lines().map(|line| format!("[\"v\",{line}]")).collect::<Vec<_>>().join(between);
    let packed: Vec<String> = long("\n").lines().map(str::to_owned).collect();
    for text in [
        list.clone(),
        format!(" [ {} ] ", long(" ,\n")),
        long("\n"),
        long("\r\n\n"),
        format!("\u{feff}{list}"),
        format!("{{\"segment_id\":0}}\n{list}"),
        format!("{{\"events\":{list}}}"),
        format!(
            "{{\"v\":[1],\"session\":{{\"id\":[]}},\"events\":{list},\"more\":{{\"a\":1}},\"results\":[{{\"type\":4}}]}}\n"
        ),
        format!("{{\"data\":{{\"recording\":{{\"snapshots\": {list} }}}}}}"),
        format!("[{}]", pairs(",")),
        pairs("\n"),
        serde_json::to_string(&packed).unwrap(),
    ] {
        let (whole, streamed) = both(text.as_bytes());
        assert!(text.len() > 4 << 20 && whole.len() >= 400);
        assert_eq!(streamed.unwrap_or_else(|| panic!("{:.60} is declined", text)), whole, "{:.60}", text);
    }
}

#[test]
fn what_breaks_off_gives_what_came_before() {
    let list = format!("[{}]", long(","));
    let wrapped = format!("{{\"events\":{list},\"end\":1}}");
    for (text, length) in [
        (&list, list.len() - 1),
        (&list, list.len() / 2),
        (&wrapped, wrapped.len() - 1),
        (&wrapped, wrapped.len() - 9),
        (&wrapped, wrapped.len() / 3),
        (&long("\n"), list.len() / 2),
    ] {
        let (whole, streamed) = both(&text.as_bytes()[..length]);
        assert!(whole.len() > 100);
        assert_eq!(streamed.unwrap(), whole, "{:.40} {length}", text);
    }
    let packed = zstd::encode_all(list.as_bytes(), 1).unwrap();
    let told = events(&packed[..packed.len() / 2], None, usize::MAX, Storage::Blocks).unwrap();
    let codes: Vec<DefectCode> = told.defects.list().iter().map(|defect| defect.code).collect();
    assert_eq!(codes, [DefectCode::BadCompression, DefectCode::BadJson]);
    assert!(told.events.len() > 100 && !told.cut);
    let told = events(&packed, None, list.len() / 2, Storage::Blocks).unwrap();
    assert!(told.cut && told.bytes == list.len() / 2 && told.events.len() > 100);
    assert_eq!(told.defects.list()[0].code, DefectCode::BadJson);
}

#[test]
fn blocks_are_read_in_any_order() {
    let text = format!("[{}]", long(","));
    let packed = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let streamed = events(&packed, None, usize::MAX, Storage::Blocks).unwrap();
    let mut reader = reader(&packed, &streamed.events);
    let read = |event: &Event<'_>, reader: &mut DataReader<'_>| event.data.read(reader).to_vec();
    let ahead: Vec<_> = streamed.events.iter().map(|event| read(event, &mut reader)).collect();
    let mut back: Vec<_> = streamed.events.iter().rev().map(|event| read(event, &mut reader)).collect();
    back.reverse();
    assert_eq!(ahead, back);
}

#[test]
fn what_is_not_plainly_events_is_declined() {
    for text in [
        "[{\"type\":3}] 7",
        "[{\"type\":3}] [{\"type\":3}]",
        "[\"w\",{\"type\":3},\"packed\"] 7",
        "[{\"type\":3},\"w\",{\"type\":3}]",
        "[\"packed\"]",
        "{\"segment_id\":0}\nx",
        "{\"type\":3} nonsense",
        "nonsense",
        "",
    ] {
        assert!(both(text.as_bytes()).1.is_none(), "{:.60}", text);
    }
    let half = format!("{{\"events\":[{}", long(","));
    for end in ["],\"window_id\":\"v\"}", "],\"type\":3}", "]}{\"type\":3}"] {
        assert!(both(format!("{half}{end}").as_bytes()).1.is_none(), "{end}");
    }
}

#[test]
fn large_is_told_by_the_frame_or_by_the_compressed_length() {
    let packed = zstd::bulk::compress(&[b' '; 4096], 1).unwrap();
    assert!(is_large(&packed, 4096) && !is_large(&packed, 4097));
    assert!(!is_large(&[b' '; 4096], 1));
    assert!(is_large(&[0x1f, 0x8b, 0, 0], 64) && !is_large(&[0x1f, 0x8b, 0, 0], 80));
}
