//! The texts of every case, as they were last read and found right.
//!
//! `UPDATE_GOLDENS=1 cargo test --release -p playhead-transcriber goldens` writes them anew; read the
//! difference before committing it.

use std::path::PathBuf;

use playhead_transcriber::render;

use crate::cases;

fn folder() -> PathBuf {
    cases::crate_dir().join("tests/goldens")
}

#[test]
fn texts_are_those_that_were_read() {
    let update = std::env::var_os("UPDATE_GOLDENS").is_some();
    let (mut wrong, mut known) = (Vec::new(), Vec::new());
    for case in cases::all() {
        let done = case.transcribed();
        for (kind, text) in [("summary", done.summary.clone()), ("detailed", render::detailed(&done.timeline))] {
            let name = format!("{}.{kind}.txt", case.name);
            let path = folder().join(&name);
            if update {
                std::fs::write(&path, &text).unwrap();
            }
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            wrong.extend(first_difference(&golden, &text).map(|difference| format!("{name} {difference}")));
            known.push(name);
        }
    }
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(known.contains(&name), "{name} belongs to no case: delete it");
    }
    assert!(wrong.is_empty(), "{}\nWhen the new text is right: UPDATE_GOLDENS=1", wrong.join("\n"));
}

/// The first line that differs, in both forms, and how many do.
fn first_difference(golden: &str, text: &str) -> Option<String> {
    if golden == text {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (golden.lines().collect(), text.lines().collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let gone = old.iter().filter(|line| !new.contains(line)).count();
    let came = new.iter().filter(|line| !old.contains(line)).count();
    let at = |lines: &[&str]| lines.get(same).copied().unwrap_or("(end)").to_owned();
    Some(format!("line {}, {gone} lines gone, {came} new:\n  was: {}\n  now: {}", same + 1, at(&old), at(&new)))
}

#[test]
fn differences_are_seen() {
    assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
    assert!(first_difference("a\nb\n", "a\nc\n").unwrap().starts_with("line 2, 1 lines gone, 1 new"));
    assert!(first_difference("a\n", "a").is_some());
}
