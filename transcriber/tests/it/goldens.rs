//! The texts of every case, as they were last read and found right.
//!
//! `INSTA_UPDATE=always cargo test --release -p playhead-transcriber goldens` writes them anew; read the
//! difference before committing it. Where `CI` is set, or `INSTA_UPDATE=no`, nothing is written.

use std::path::PathBuf;

use playhead_transcriber::render;

use crate::cases;

fn folder() -> PathBuf {
    cases::crate_dir().join("tests/goldens")
}

#[test]
fn texts_are_those_that_were_read() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _bound = settings.bind_to_scope();
    for case in cases::all() {
        let done = case.transcribed();
        for (kind, text) in [("summary", done.summary.clone()), ("detailed", render::detailed(&done.timeline))] {
            // Snapshots are compared without the line break at their end.
            assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{} {kind}", case.name);
            insta::assert_snapshot!(golden(&case.name, kind), text);
        }
    }
}

#[test]
fn every_golden_belongs_to_a_case() {
    let cases = cases::all();
    let known: Vec<String> = cases
        .iter()
        .flat_map(|case| ["summary", "detailed"].map(|kind| format!("{}.snap", golden(&case.name, kind))))
        .collect();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        // What insta writes beside a golden that differs.
        let name = name.trim_end_matches(".new");
        assert!(known.iter().any(|golden| golden == name), "{name} belongs to no case: delete it");
    }
}

fn golden(case: &str, kind: &str) -> String {
    format!("{case}.{kind}")
}
