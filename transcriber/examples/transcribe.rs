//! Transcribes one recording without a server or a store:
//! `transcribe EVENTS [--console F] [--network F] --format json|summary|detailed`.
//!
//! The binary `playhead` has the same command; this one builds in seconds.

use std::io::Write;

use playhead_schemas::{SegmentNo, Stream};
use playhead_transcriber::{Options, SegmentInput, render, transcribe};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "transcribe");
    let mut files: Vec<(Stream, Vec<u8>)> = Vec::new();
    let mut format = "summary".to_owned();
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--console" => files.push((Stream::Console, std::fs::read(value()?)?)),
            "--network" => files.push((Stream::Network, std::fs::read(value()?)?)),
            "--format" => format = value()?,
            path => files.push((Stream::Rrweb, std::fs::read(path)?)),
        }
    }
    let segments: Vec<SegmentInput<'_>> = files
        .iter()
        .map(|(stream, bytes)| SegmentInput { n: SegmentNo(0), stream: *stream, window: None, bytes })
        .collect();
    let done = transcribe(&segments, &Options::default());
    let text = match format.as_str() {
        "json" => serde_json::to_string(&done.timeline)?,
        "detailed" => render::detailed(&done.timeline),
        _ => done.summary,
    };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
