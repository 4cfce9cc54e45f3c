//! What a person reads: results on standard output, progress on standard error.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

/// Writes the result: as JSON on one line, or as text.
pub(crate) fn result<T: Serialize>(json: bool, result: &T, text: impl FnOnce(&T) -> String) -> Result<()> {
    let text = if json { serde_json::to_string(result)? } else { text(result) };
    writeln!(std::io::stdout(), "{}", text.trim_end())?;
    Ok(())
}

/// Says how far it is. Nobody reading is no reason to end.
pub(crate) fn progress(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
