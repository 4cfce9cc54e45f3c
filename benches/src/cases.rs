//! The real recordings of `testdata/cases`: whole, or cut into segments as an SDK uploads them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use playhead_schemas::Stream;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How much of a session one uploaded segment covers, in milliseconds.
pub const SEGMENT_MS: i64 = 5_000;

/// A recorded session.
#[derive(Clone, Debug)]
pub struct Case {
    /// The name of its folder.
    pub name: String,
    /// Its payloads as plain JSON.
    pub streams: Vec<(Stream, Vec<u8>)>,
    /// What the user reported: the fields of a bug.
    pub report: Value,
}

/// One segment: for some streams, a JSON array of records.
pub type Segment = BTreeMap<Stream, Vec<u8>>;

/// Reads every case, by name.
///
/// # Errors
/// When `testdata` is not where this crate was built, or a file of it can't be read.
pub fn read_all() -> Result<Vec<Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/cases");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("{} can't be read", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.retain(|path| path.is_dir());
    paths.sort();
    paths.iter().map(|path| read(path).with_context(|| format!("case {}", path.display()))).collect()
}

/// Reads the payloads of one recording: `events`, `console` and `network.har` in a folder, as `.json.zst`.
///
/// # Errors
/// When there are none, or one can't be read.
pub fn streams(folder: &Path) -> Result<Vec<(Stream, Vec<u8>)>> {
    let files = [
        (Stream::Rrweb, "events.json.zst"),
        (Stream::Console, "console.json.zst"),
        (Stream::Network, "network.har.json.zst"),
    ];
    let mut streams = Vec::new();
    for (stream, name) in files {
        let path = folder.join(name);
        if path.is_file() {
            streams.push((stream, zstd::decode_all(std::fs::File::open(path)?)?));
        }
    }
    anyhow::ensure!(!streams.is_empty(), "{} has no events.json.zst: name the folder of a recording", folder.display());
    Ok(streams)
}

/// The name of a recording's folder.
pub fn name(folder: &Path) -> String {
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(folder: &Path) -> Result<Case> {
    let streams = streams(folder)?;
    let name = name(folder);
    let report = serde_json::from_slice(&std::fs::read(folder.join("context.json"))?)?;
    Ok(Case { name, streams, report })
}

impl Case {
    /// The case cut by time: what each stream had in every few seconds.
    ///
    /// # Errors
    /// When a payload is not the JSON that it should be.
    pub fn segments(&self) -> Result<Vec<Segment>> {
        let mut by_time: BTreeMap<i64, BTreeMap<Stream, Vec<Value>>> = BTreeMap::new();
        for (stream, json) in &self.streams {
            let mut slot = 0;
            for record in records(*stream, json)? {
                if let Some(ms) = time_ms(*stream, &record) {
                    slot = ms.div_euclid(SEGMENT_MS);
                }
                by_time.entry(slot).or_default().entry(*stream).or_default().push(record);
            }
        }
        let packed = |(stream, records)| Ok((stream, serde_json::to_vec::<Vec<Value>>(&records)?));
        by_time.into_values().map(|segment| segment.into_iter().map(packed).collect()).collect()
    }
}

fn records(stream: Stream, json: &[u8]) -> Result<Vec<Value>> {
    let mut root: Value = serde_json::from_slice(json).with_context(|| format!("{stream} is not JSON"))?;
    let list = match stream {
        Stream::Network => root.pointer_mut("/log/entries").map(Value::take),
        Stream::Rrweb | Stream::Console => Some(root),
    };
    match list {
        Some(Value::Array(records)) => Ok(records),
        _ => anyhow::bail!("{stream} has no list of records"),
    }
}

fn time_ms(stream: Stream, record: &Value) -> Option<i64> {
    match stream {
        Stream::Rrweb | Stream::Console => record.get("timestamp")?.as_f64().map(|ms| ms as i64),
        Stream::Network => {
            let time = OffsetDateTime::parse(record.get("startedDateTime")?.as_str()?, &Rfc3339).ok()?;
            i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok()
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cutting_a_case_loses_nothing() {
        let cases = read_all().unwrap();
        assert!(cases.len() >= 8);
        for case in cases {
            let segments = case.segments().unwrap();
            assert!(segments.len() > 2, "{}", case.name);
            for (stream, json) in &case.streams {
                let parts = segments.iter().filter_map(|segment| segment.get(stream));
                let cut: Vec<Value> =
                    parts.flat_map(|json| serde_json::from_slice::<Vec<Value>>(json).unwrap()).collect();
                assert_eq!(cut.len(), records(*stream, json).unwrap().len(), "{} {stream}", case.name);
            }
        }
    }
}
