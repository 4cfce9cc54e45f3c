//! Input that is small as it travels must stay bounded in memory.
//!
//! Each case runs alone in a process of its own, which reads its peak at the end.
#![cfg(target_os = "linux")]

use std::process::Command;

use playhead_transcriber::Options;
use serde_json::json;

use super::{gzip, latin1, one_click, zlib, zstd};
use crate::doc::Doc;
use crate::tape::{Tape, rrweb_with};

const MB: usize = 1 << 20;

/// A replay that wants much memory, and how much it may have, in MB.
fn cases() -> Vec<(&'static str, usize, fn() -> Vec<Vec<u8>>)> {
    vec![
        ("bombs_in_many_segments", 300, || {
            let bomb = zstd(&vec![b' '; 40 * MB]);
            std::iter::repeat_n(bomb, 20).collect()
        }),
        ("packed_events_that_swell", 300, || {
            let event = [b"{\"type\":5,\"timestamp\":1,\"data\":\"", &vec![b'x'; 20 * MB][..], b"\"}"].concat();
            let packed = latin1(&zlib(&event));
            vec![format!("[{}]", vec![packed; 40].join(",")).into_bytes()]
        }),
        ("compressed_fields_that_swell", 300, || {
            let data = [b"{\"node\":\"", &vec![b'x'; 20 * MB][..], b"\"}"].concat();
            let event = format!("{{\"type\":2,\"cv\":\"2024-10\",\"timestamp\":1,\"data\":{}}}", latin1(&gzip(&data)));
            vec![format!("[{}]", vec![event; 40].join(",")).into_bytes()]
        }),
        ("huge_ids_in_many_windows", 300, || {
            let mut tape = Tape::default();
            for i in 0..64 {
                tape.window = Some(i.to_string());
                tape.event(2, json!({ "node": { "type": 0, "id": 15_999_999, "childNodes": [] } })).wait(1);
            }
            vec![tape.json().into_bytes()]
        }),
        ("thousands_of_windows", 300, || {
            let doc = Doc::new("<button id=pay>Pay</button>");
            let mut tape = Tape::default();
            for i in 0..20_000 {
                tape.window = Some(format!("{i}"));
                tape.snapshot(&doc).wait(1);
            }
            vec![tape.json().into_bytes()]
        }),
    ]
}

#[test]
fn swelling_input_stays_bounded() {
    for (name, limit_mb, _) in cases() {
        let out = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture", "--test-threads=1", "hostile::memory::one_case"])
            .env("PLAYHEAD_MEMORY_CASE", name)
            .env("RAYON_NUM_THREADS", "4")
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stderr);
        assert!(out.status.success(), "{name}: {text}");
        let peak: usize = text
            .lines()
            .find_map(|line| line.strip_prefix("peak "))
            .and_then(|mb| mb.parse().ok())
            .unwrap_or_else(|| panic!("{name}: {text}"));
        assert!(peak <= limit_mb, "{name} took {peak} MB of {limit_mb}");
    }
}

#[test]
#[ignore = "one case of swelling_input_stays_bounded, in a process of its own"]
#[allow(clippy::print_stderr)]
fn one_case() {
    let Ok(name) = std::env::var("PLAYHEAD_MEMORY_CASE") else { return };
    let (_, _, make) = cases().into_iter().find(|(known, ..)| *known == name).unwrap();
    let mut payloads = make();
    payloads.push(one_click().into_bytes());
    let before = peak_mb();
    let payloads: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
    let done = rrweb_with(&payloads, &Options { replay_bytes_max: 64 * MB, ..Options::default() });
    assert!(!done.summary.is_empty());
    // What making the case took is not the transcriber's.
    eprintln!("before {before}, told {}", done.timeline.moments.len());
    eprintln!("peak {}", peak_mb());
}

/// The most memory that this process has had, in MB.
fn peak_mb() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<usize>().unwrap() / 1024
}
