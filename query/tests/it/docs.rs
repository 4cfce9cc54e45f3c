//! `docs/tools.md` is what the registry of tools gives.

use std::path::Path;

/// With `UPDATE_DOCS=1` the page is written instead.
#[test]
fn the_page_about_the_tools_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/tools.md");
    let page = playhead_query::tools_markdown();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == page,
        "docs/tools.md differs from the registry; write it again: UPDATE_DOCS=1 cargo test --release docs"
    );
}
