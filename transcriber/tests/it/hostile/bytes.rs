//! Compression that lies, bombs, bytes that are no JSON.

use playhead_schemas::timeline::DefectCode::{BadCompression, BadEvent, BadJson, LimitReached, OutOfOrder};
use playhead_transcriber::Options;

use super::{assert_defect, assert_paid, gzip, latin1, one_click, zlib, zstd};
use crate::tape::{codes, rrweb, rrweb_with};

#[test]
fn whole_compression_of_every_kind_is_undone() {
    let json = one_click();
    let plain = json.as_bytes();
    for bytes in [plain.to_vec(), gzip(plain), zlib(plain), zstd(plain), zstd(&gzip(plain)), zstd(&zstd(&zlib(plain)))]
    {
        let done = rrweb(&[&bytes]);
        assert_paid(&done.timeline);
        assert!(done.timeline.defects.is_empty(), "{:?}", done.timeline.defects);
    }
}

/// The events before the cut count, and so do the other segments.
#[test]
fn a_cut_stream_gives_what_came_before_the_cut() {
    let json = one_click();
    // Compressed in pieces, so that what stands before the cut can be had.
    let padded = format!(
        "{}{}",
        &json[..json.len() - 1],
        ",{\"type\":3,\"data\":{\"source\":1,\"positions\":[]}}".repeat(20_000)
    );
    for whole in [gzip(padded.as_bytes()), zlib(padded.as_bytes()), zstd(padded.as_bytes())] {
        let cut = &whole[..whole.len() * 9 / 10];
        let done = rrweb(&[cut]);
        assert_defect(&done.timeline, BadCompression);
        assert_defect(&done.timeline, BadJson);
        assert_paid(&done.timeline);
        let beside = rrweb(&[&cut[..12], &gzip(json.as_bytes())]);
        assert_defect(&beside.timeline, BadCompression);
        assert_paid(&beside.timeline);
    }
}

#[test]
fn lying_checksums_and_sizes_are_told() {
    let json = one_click();
    let flipped = |mut bytes: Vec<u8>, from_end: usize| {
        let at = bytes.len() - from_end;
        bytes[at] ^= 0x55;
        bytes
    };
    let gzip = gzip(json.as_bytes());
    for (what, bytes) in [
        ("checksum of gzip", flipped(gzip.clone(), 6)),
        ("length of gzip", flipped(gzip, 2)),
        ("checksum of zlib", flipped(zlib(json.as_bytes()), 2)),
    ] {
        let done = rrweb(&[&bytes]);
        assert_eq!(codes(&done.timeline), [BadCompression], "{what}");
        assert_paid(&done.timeline);
    }
    // A zstd frame whose header promises 2^56 bytes, and one that wants a window of 2 TiB.
    let promising = [&[0x28, 0xb5, 0x2f, 0xfd, 0xe0][..], &(1u64 << 56).to_le_bytes(), &[0x01, 0x00, 0x00]].concat();
    let wide = [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8][..], &[0x01, 0x00, 0x00]].concat();
    for bytes in [promising, wide] {
        let done = rrweb(&[&bytes, json.as_bytes()]);
        assert_defect(&done.timeline, BadCompression);
        assert_paid(&done.timeline);
    }
}

#[test]
fn a_bomb_is_cut_off_and_its_neighbours_count() {
    let options = Options { segment_bytes_max: 1 << 20, ..Options::default() };
    let spaces = vec![b' '; 64 << 20];
    let json = one_click();
    for bomb in [gzip(&spaces), zlib(&spaces), zstd(&spaces), zstd(&gzip(&spaces))] {
        let done = rrweb_with(&[&bomb, json.as_bytes()], &options);
        assert_defect(&done.timeline, LimitReached);
        assert!(done.timeline.coverage.truncated);
        assert_paid(&done.timeline);
    }
}

#[test]
fn too_many_layers_are_left_alone() {
    let json = one_click();
    let deep = (0..12).fold(json.clone().into_bytes(), |bytes, _| zstd(&bytes));
    let done = rrweb(&[&deep, json.as_bytes()]);
    assert_defect(&done.timeline, BadJson);
    assert_paid(&done.timeline);
}

#[test]
fn what_is_not_json_is_told() {
    let json = one_click();
    let noise: Vec<u8> = (0..4000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for junk in
        [&b"nonsense"[..], b"<!doctype html><p>Bad Gateway</p>", b"{", b"[[[[", b"\0\0\0\0", b"]", b"\"", &noise]
    {
        let done = rrweb(&[junk, json.as_bytes()]);
        assert_defect(&done.timeline, BadJson);
        assert_paid(&done.timeline);
    }
    for nothing in [&b""[..], b"   \n", b"\xef\xbb\xbf", b"[]", b"{}"] {
        assert_paid(&rrweb(&[nothing, json.as_bytes()]).timeline);
    }
}

#[test]
fn nonsense_among_events_is_counted() {
    let json = one_click();
    let inner = &json[1..json.len() - 1];
    let text = format!(
        r#"[1,-2.5,"x",null,true,{{}},[],[[]],{{"a":1}},{inner},{{"type":"3"}},{{"type":null}},{{"events":7}}]"#
    );
    let done = rrweb(&[text.as_bytes()]);
    assert_defect(&done.timeline, BadEvent);
    assert_paid(&done.timeline);
    let mut lines: Vec<String> =
        serde_json::from_str::<Vec<serde_json::Value>>(&json).unwrap().iter().map(ToString::to_string).collect();
    lines.insert(3, "nonsense".to_owned());
    lines.insert(2, "{\"type\":3,".to_owned());
    lines.push("{\"type\":3,\"data".to_owned());
    let done = rrweb(&[lines.join("\n").as_bytes()]);
    assert_defect(&done.timeline, BadJson);
    assert_paid(&done.timeline);
}

/// Packed strings may hold packed strings, and compression makes that cheap.
#[test]
fn packing_in_packing_ends() {
    let json = one_click();
    let inner = &json[1..json.len() - 1];
    let mut packed = inner.to_owned();
    for _ in 0..3000 {
        packed = format!("[{}]", latin1(&zlib(packed.as_bytes())));
        if packed.len() > 4 << 20 {
            break;
        }
    }
    let text = format!("[{packed},{inner}]");
    let done = rrweb(&[text.as_bytes()]);
    assert_defect(&done.timeline, BadEvent);
    assert_paid(&done.timeline);
}

/// Transport that is not for bytes breaks them: the event is counted, and what is around it is told.
#[test]
fn compressed_fields_that_broke_on_their_way_cost_their_event() {
    let json = one_click();
    let field = latin1(&gzip(b"{\"node\":{\"type\":0,\"id\":1,\"childNodes\":[]}}"))
        .replace('\u{a0}', " ")
        .replace("\\u001f", " ");
    let events = format!(r#"[{{"type":2,"cv":"2024-10","timestamp":1700000001000,"data":{field}}},{}"#, &json[1..]);
    let done = rrweb(&[events.as_bytes()]);
    assert_eq!(codes(&done.timeline), [BadCompression, OutOfOrder]);
    assert_eq!((done.timeline.coverage.events, done.timeline.coverage.events_skipped), (8, 1));
    assert_paid(&done.timeline);
}
