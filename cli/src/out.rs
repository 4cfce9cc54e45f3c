//! Standard output: results and nothing else. Progress and logs go to standard error.

use std::io::{self, Write};

use serde::Serialize;

/// Writes `text` and a newline, and flushes, so that a script that waits for the line gets it.
pub(crate) fn line(text: impl AsRef<str>) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", text.as_ref())?;
    Ok(out.flush()?)
}

/// Writes `text`, which may already end with a newline.
pub(crate) fn text(text: &str) -> anyhow::Result<()> {
    line(text.strip_suffix('\n').unwrap_or(text))
}

/// Writes `value` as indented JSON and a newline.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<()> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    serde_json::to_writer_pretty(&mut out, value).map_err(io::Error::from)?;
    writeln!(out)?;
    Ok(out.flush()?)
}

/// Writes `value` as one line of JSON.
pub(crate) fn json_line<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<()> {
    line(serde_json::to_string(value)?)
}

/// Writes `value` as JSON if `as_json`, else the text for people.
pub(crate) fn either<T: Serialize + ?Sized>(
    as_json: bool,
    value: &T,
    text: impl FnOnce() -> String,
) -> anyhow::Result<()> {
    if as_json { json(value) } else { line(text()) }
}

/// Rows under a header, columns padded to their widest cell. Nothing is cut.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let format_row = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (cell, width) in cells.zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count()));
        }
        text.truncate(text.trim_end().len());
        text
    };
    let mut lines = vec![format_row(&mut header.iter().copied())];
    lines.extend(rows.iter().map(|row| format_row(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".to_owned(), "shop".to_owned()], vec!["bcd".to_owned(), "é".to_owned()]];
        assert_eq!(super::table(&["ID", "NAME"], &rows), "ID   NAME\na    shop\nbcd  é");
    }
}
