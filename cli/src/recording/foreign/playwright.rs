//! Playwright's traces: a ZIP archive with JSON Lines of what a test did, and of requests.
//!
//! In: the archive. Out: requests as HAR entries, console lines, the test's steps as events, the last picture of the screen.
//! Everything is bounded: entries, names, unpacked bytes. Never here: snapshots of the page, which are no rrweb.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use anyhow::{Context, bail};
use playhead_schemas::text::one_line;
use playhead_schemas::{Stream, limits};
use serde_json::{Value, json};
use zip::ZipArchive;

use super::{Foreign, TREE_BYTES_MAX, stream, text};
use crate::recording::Kind;

/// Files in an archive; traces have some hundreds.
const ENTRIES_MAX: usize = 20_000;
/// Files that are named in an error.
const NAMED_MAX: usize = 5;
/// Bytes of all files that are unpacked.
const ALL_BYTES_MAX: u64 = limits::REPLAY_BYTES_MAX;
/// Bytes of the picture of the screen.
const PICTURE_BYTES_MAX: u64 = 8 << 20;
/// Lines of one kind that are taken.
const LINES_MAX: usize = 100_000;
/// Characters of a step.
const STEP_CHARS_MAX: usize = 300;

pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Reads a trace.
///
/// # Errors
/// When the archive is damaged, too large, or holds no trace.
pub(super) fn read(bytes: &[u8]) -> anyhow::Result<Foreign> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).context("it is a ZIP archive that is damaged")?;
    if archive.len() > ENTRIES_MAX {
        bail!("it is a ZIP archive of {} files, and a trace has at most {ENTRIES_MAX}", archive.len());
    }
    let mut names: Vec<String> = archive.file_names().filter_map(Result::ok).map(Cow::into_owned).collect();
    names.sort();
    let traces: Vec<&String> =
        names.iter().filter(|name| name.ends_with(".trace") || name.ends_with(".network")).collect();
    if traces.is_empty() {
        let shown: Vec<String> = names.iter().take(NAMED_MAX).map(|name| one_line(name, 60)).collect();
        let more = if names.len() > NAMED_MAX { ", .." } else { "" };
        bail!("it is a ZIP archive without a Playwright trace; it holds {}{more}", shown.join(", "));
    }
    let mut trace = Trace::default();
    let mut left = ALL_BYTES_MAX;
    for name in traces {
        let text = unpacked(&mut archive, name, left)?;
        left = left.saturating_sub(text.len() as u64);
        trace.offset = 0.0;
        // The clock stands in the first line of a trace; a test runner's trace has several, each with its own.
        text.split(|b| *b == b'\n').for_each(|line| trace.line(line));
    }
    let picture = trace.picture.take().and_then(|(_, sha1)| {
        let name = names.iter().find(|name| name.ends_with(&sha1))?;
        unpacked(&mut archive, name, PICTURE_BYTES_MAX).ok()
    });
    let found = trace.parts(picture);
    if found.parts.is_empty() {
        bail!("it is a Playwright trace in which nothing was recorded");
    }
    Ok(found)
}

fn unpacked(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str, bytes_max: u64) -> anyhow::Result<Vec<u8>> {
    let damaged = || format!("{} in the archive is damaged", one_line(name, 60));
    let file = archive.by_name(name).with_context(damaged)?;
    let mut bytes = Vec::new();
    // What the archive says of a size may be a lie.
    file.take(bytes_max + 1).read_to_end(&mut bytes).with_context(damaged)?;
    if bytes.len() as u64 > bytes_max {
        bail!("{} in the archive holds more than {bytes_max} bytes", one_line(name, 60));
    }
    Ok(bytes)
}

#[derive(Debug, Default)]
struct Trace {
    /// What makes the times of a trace, which count from the start of a process, epoch milliseconds.
    offset: f64,
    title: Option<String>,
    steps: Vec<Value>,
    console: Vec<Value>,
    requests: Vec<Value>,
    /// Time and name of the last picture.
    picture: Option<(f64, String)>,
}

impl Trace {
    /// One line of a trace. What is damaged or not known is passed over.
    fn line(&mut self, line: &[u8]) {
        // As a tree, a line takes many times its size.
        let line = Some(line).filter(|line| line.len() <= TREE_BYTES_MAX);
        let Some(mut event) = line.and_then(|line| serde_json::from_slice::<Value>(line).ok()) else { return };
        match event["type"].as_str().unwrap_or_default() {
            "context-options" => self.begin(&event),
            "before" | "action" => self.step(&event),
            "console" => self.said(&event),
            "event" => self.happened(&event),
            "resource-snapshot" => {
                let entry = event["snapshot"].take();
                if entry["request"].is_object() && self.requests.len() < LINES_MAX {
                    self.requests.push(entry);
                }
            }
            "screencast-frame" => {
                let at = self.at(&event["timestamp"]).unwrap_or_default();
                let sha1 = event["sha1"].as_str().filter(|sha1| !sha1.is_empty());
                if let Some(sha1) = sha1.filter(|_| self.picture.as_ref().is_none_or(|(last, _)| *last <= at)) {
                    self.picture = Some((at, sha1.to_owned()));
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, event: &Value) {
        if let (Some(wall), Some(own)) = (event["wallTime"].as_f64(), event["monotonicTime"].as_f64()) {
            self.offset = wall - own;
        }
        self.title = self.title.take().or_else(|| text(event, "/title", 200));
    }

    fn at(&self, time: &Value) -> Option<f64> {
        Some(time.as_f64()? + self.offset).filter(|at| at.is_finite())
    }

    /// Something that the test did, without the values that it entered.
    fn step(&mut self, event: &Value) {
        let event = event.get("metadata").unwrap_or(event);
        let name = text(event, "/apiName", 80)
            .or_else(|| Some(format!("{}.{}", text(event, "/class", 40)?.to_lowercase(), text(event, "/method", 40)?)));
        let (Some(name), Some(at)) = (name, self.at(&event["startTime"])) else { return };
        let params = &event["params"];
        let values = params.as_object().into_iter().flatten();
        let shown = values.filter(|(key, _)| matches!(key.as_str(), "url" | "selector" | "source" | "target"));
        let shown: Vec<&str> = shown.filter_map(|(_, value)| value.as_str()).collect();
        let is_told = ["page.", "frame.", "locator.", "elementhandle.", "mouse.", "keyboard.", "expect"]
            .iter()
            .any(|part| name.to_lowercase().starts_with(part));
        if !is_told || self.steps.len() >= LINES_MAX {
            return;
        }
        let payload = one_line(&shown.join(" "), STEP_CHARS_MAX);
        self.steps.push(json!({ "type": 5, "timestamp": at, "data": { "tag": name, "payload": payload } }));
        if name.ends_with("goto")
            && let Some(url) = params["url"].as_str().filter(|url| url.contains("://"))
        {
            let data = json!({ "tag": "navigation", "payload": { "href": url } });
            self.steps.push(json!({ "type": 5, "timestamp": at, "data": data }));
        }
    }

    fn said(&mut self, event: &Value) {
        let (Some(at), true) = (self.at(&event["time"]), self.console.len() < LINES_MAX) else { return };
        let location = &event["location"];
        self.console.push(json!({
            "timestamp": at, "level": event["messageType"], "kind": "console", "message": event["text"],
            "url": location["url"], "line": location["lineNumber"].as_u64().map(|line| line + 1),
            "column": location["columnNumber"].as_u64().map(|column| column + 1),
        }));
    }

    fn happened(&mut self, event: &Value) {
        if event["method"] != "pageError" || self.console.len() >= LINES_MAX {
            return;
        }
        let error = event.pointer("/params/error/error").or_else(|| event.pointer("/params/error"));
        let (Some(at), Some(error)) = (self.at(&event["time"]), error) else { return };
        let name = text(error, "/name", 100).unwrap_or_else(|| "Error".to_owned());
        let message = text(error, "/message", 4000).unwrap_or_default();
        let line = json!({ "timestamp": at, "level": "error", "kind": "exception", "message": format!("{name}: {message}"), "stack": error["stack"] });
        self.console.push(line);
    }

    fn parts(self, picture: Option<Vec<u8>>) -> Foreign {
        let picture = picture.and_then(|bytes| match crate::recording::recognise(&bytes) {
            Some(kind @ Kind::Picture(_)) => Some((kind, bytes)),
            _ => None,
        });
        let network = stream(Stream::Network, self.requests);
        let parts = [stream(Stream::Rrweb, self.steps), network, stream(Stream::Console, self.console), picture];
        Foreign { what: "Playwright trace", title: self.title, parts: parts.into_iter().flatten().collect() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    const TRACE: &str = r##"{"version":8,"type":"context-options","wallTime":1795190400000,"monotonicTime":1000,"title":"pays"}
{"type":"before","callId":"call@1","startTime":1100,"class":"Frame","method":"goto","params":{"url":"http://a.test/"}}
{"type":"before","callId":"call@2","startTime":1200,"class":"Frame","method":"fill","params":{"selector":"#mail","value":"SECRET"}}
{"type":"before","callId":"call@4","startTime":1230,"class":"Page","method":"keyboardPress","params":{"key":"SECRET"}}
{"type":"before","callId":"call@3","startTime":1250,"class":"Tracing","method":"tracingStop","params":{}}
{"type":"console","messageType":"error","text":"no stock","location":{"url":"http://a.test/a.js","lineNumber":2,"columnNumber":6},"time":1300}
{"type":"event","time":1310,"class":"BrowserContext","method":"pageError","params":{"error":{"error":{"name":"TypeError","message":"x","stack":"TypeError: x\n    at f (http://a.test/a.js:1:2)"}}}}
{"type":"screencast-frame","sha1":"page-1.jpeg","timestamp":1320}
damaged
"##;
    const NETWORK: &str = r#"{"type":"resource-snapshot","snapshot":{"startedDateTime":"2026-11-20T16:00:00.100Z","time":20,"request":{"method":"GET","url":"http://a.test/"},"response":{"status":200}}}"#;

    #[test]
    fn a_trace_becomes_streams() {
        let jpeg = b"\xff\xd8\xff\xe0 picture";
        let found = read(&zipped(&[
            ("trace.trace", TRACE.as_bytes()),
            ("trace.network", NETWORK.as_bytes()),
            ("resources/page-1.jpeg", jpeg),
        ]));
        let found = found.unwrap();
        assert_eq!((found.what, found.title.as_deref()), ("Playwright trace", Some("pays")));
        let [(_, steps), (_, network), (_, console), (picture, _)] = &found.parts[..] else { panic!("{found:?}") };
        let steps: Value = serde_json::from_slice(steps).unwrap();
        let tags: Vec<&Value> = steps.as_array().unwrap().iter().map(|step| &step["data"]["tag"]).collect();
        assert_eq!(tags, ["frame.goto", "navigation", "frame.fill", "page.keyboardPress"]);
        assert_eq!(steps[0]["timestamp"], 1_795_190_400_100.0);
        assert!(!steps.to_string().contains("SECRET"), "{steps}");
        let console: Value = serde_json::from_slice(console).unwrap();
        assert_eq!((&console[0]["line"], &console[1]["message"]), (&json!(3), &json!("TypeError: x")));
        assert!(String::from_utf8_lossy(network).contains("http://a.test/"));
        assert_eq!(*picture, Kind::Picture("image/jpeg"));
    }

    #[test]
    fn what_is_no_trace_is_told() {
        let whole = zipped(&[("trace.trace", TRACE.as_bytes())]);
        for (bytes, want) in [
            (zipped(&[("a.txt", b"x"), ("b.png", b"y")]), "without a Playwright trace; it holds a.txt, b.png"),
            (zipped(&[("trace.trace", b"nothing\n")]), "in which nothing was recorded"),
            (whole[..whole.len() / 2].to_vec(), "a ZIP archive that is damaged"),
            (zipped(&[]), "without a Playwright trace"),
        ] {
            assert!(is_zip(&bytes));
            let error = format!("{:#}", read(&bytes).unwrap_err());
            assert!(error.contains(want), "{error}");
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = zipped(&[("trace.trace", &vec![b' '; 1 << 20])]);
        let mut archive = ZipArchive::new(Cursor::new(bomb.as_slice())).unwrap();
        let error = unpacked(&mut archive, "trace.trace", 1000).unwrap_err().to_string();
        assert!(error.contains("more than 1000 bytes"), "{error}");
    }
}
