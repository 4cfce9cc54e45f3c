//! What Playhead's recorder saw beside the page, in words.

use std::fmt::Write;

use playhead_schemas::text::{counted, one_line};
use playhead_schemas::timeline::Moment;

use super::phrases;
use super::text::Text;
use crate::dialects::{Chooser, Clipboard, RecorderNote};

/// Characters of a text in a line.
const VALUE_CHARS_MAX: usize = 200;
/// Characters of the name of a target.
const NAME_CHARS_MAX: usize = 80;

/// The moment of a note.
pub(super) fn write(out: &mut Text, moment: &Moment, note: &RecorderNote) {
    let target = |out: &mut Text, before: &str| {
        if moment.target.is_some() {
            out.push(before);
            phrases::write_target(out, moment.target.as_ref(), NAME_CHARS_MAX);
        }
    };
    let page = moment.url.as_deref();
    let by = |by_script: bool| if by_script { " by script" } else { "" };
    match note {
        RecorderNote::Download { url, extension, by_script } => {
            out.push("download ");
            out.unit(&phrases::address(url, page));
            if let Some(extension) = extension.as_deref().filter(|extension| !url.ends_with(extension)) {
                let _ = write!(out, " ({extension})");
            }
            out.push(by(*by_script));
        }
        RecorderNote::NewTab { url, blocked, by_script } => {
            out.push("new tab ");
            out.unit(&phrases::address(url, page));
            out.push(by(*by_script));
            out.push(if *blocked { ", refused by the browser" } else { "" });
        }
        RecorderNote::FileChooser(chooser) => {
            match chooser {
                Chooser::Opened => out.push("file chooser opened"),
                Chooser::Cancelled => out.push("file chooser cancelled"),
                Chooser::Chosen { .. } => out.push(&chosen(chooser)),
            }
            target(out, " for ");
        }
        RecorderNote::Popover { is_open } => {
            out.push("popover");
            target(out, " ");
            out.push(if *is_open { " opened" } else { " closed" });
        }
        RecorderNote::Print { is_open } => {
            out.push(if *is_open { "print dialog opened" } else { "print dialog closed" });
        }
        RecorderNote::Clipboard(Clipboard::Paste) => {
            out.push("paste");
            target(out, " into ");
        }
        RecorderNote::Clipboard(action) => {
            out.push(if *action == Clipboard::Cut { "cut" } else { "copy" });
            target(out, " from ");
        }
        RecorderNote::LongTask { ms } => {
            let _ = write!(out, "main thread busy for {}", phrases::duration(*ms));
        }
        note => write_told(out, note),
    }
}

/// What the page or the recorder itself told.
fn write_told(out: &mut Text, note: &RecorderNote) {
    let quote = |out: &mut Text, before: &str, text: &str| {
        out.push(before);
        out.quote(&one_line(text, VALUE_CHARS_MAX));
    };
    match note {
        RecorderNote::SocketMessage { is_received, text } => {
            quote(out, if *is_received { "message received " } else { "message sent " }, text);
        }
        RecorderNote::Report { title } => quote(out, "bug report sent ", title),
        RecorderNote::User { id: Some(id) } => quote(out, "page used by ", id),
        RecorderNote::User { id: None } => out.push("page used by nobody who is signed in"),
        RecorderNote::Metadata(fields) => {
            out.push("page told about itself ");
            out.unit(&one_line(fields, VALUE_CHARS_MAX));
        }
        RecorderNote::ClockSetBack { ms } => {
            let _ = write!(out, "clock set back by {}; times go on as before", phrases::duration(*ms));
        }
        RecorderNote::Lost { reason, count } => {
            let _ = write!(out, "recorder lost something ({}): ", counted(*count, "time", "times"));
            out.unit(&one_line(reason, VALUE_CHARS_MAX));
        }
        _ => {}
    }
}

/// `1 file (text/plain, 120 bytes)`; what is not known is left out.
pub(super) fn chosen(chooser: &Chooser) -> String {
    let Chooser::Chosen { files, types, bytes } = chooser else { return String::new() };
    let bytes = bytes.map(|bytes| counted(bytes, "byte", "bytes"));
    let more: Vec<&str> =
        [Some(types.as_str()), bytes.as_deref()].into_iter().flatten().filter(|t| !t.is_empty()).collect();
    let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(", ")) };
    format!("{}{more}", counted(*files, "file", "files"))
}
