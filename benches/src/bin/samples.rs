//! Writes what `store/src/results/dictionary.bin` is trained on: the moments of testdata's recordings as the store keeps
//! them, one file for each.
//!
//! ```sh
//! cargo run --release -p playhead-benches --bin samples -- /tmp/samples
//! zstd --train /tmp/samples/* --maxdict=32768 -o store/src/results/dictionary.bin
//! ```
//!
//! Another dictionary is another version of the block's format (`store/src/results/block.rs`).

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use playhead_benches::cases;
use playhead_schemas::{SegmentNo, Stream};
use playhead_transcriber::{Options, SegmentInput, transcribe};

/// Writes the samples that the dictionary of timeline blocks is trained on.
///
/// Example: samples /tmp/samples
#[derive(Debug, Parser)]
struct Args {
    /// The folder to write to. Created when missing.
    folder: PathBuf,
}

fn main() -> Result<()> {
    let folder = Args::parse().folder;
    std::fs::create_dir_all(&folder)?;
    for case in cases::read_all()? {
        let inputs: Vec<SegmentInput<'_>> = case
            .streams
            .iter()
            .map(|(stream, bytes): &(Stream, Vec<u8>)| SegmentInput {
                n: SegmentNo(0),
                stream: *stream,
                window: None,
                bytes,
            })
            .collect();
        let made = transcribe(&inputs, &Options::default());
        for moment in &made.timeline.moments {
            let sample = format!("{}{}", moment.text, serde_json::to_string(moment)?);
            std::fs::write(folder.join(format!("{}-{}.json", case.name, moment.id)), sample)?;
        }
        std::fs::write(folder.join(format!("{}-summary.txt", case.name)), &made.summary)?;
    }
    Ok(())
}
