//! The recordings of the demo shop in `testdata/cases`.

use std::path::{Path, PathBuf};

use playhead_schemas::{SegmentNo, Stream};
use playhead_transcriber::{Options, SegmentInput, Transcription, transcribe};

/// One recorded case: its payloads as they are committed, compressed.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) dir: PathBuf,
    pub(crate) events: Vec<u8>,
    console: Option<Vec<u8>>,
    network: Option<Vec<u8>>,
}

impl Case {
    fn read(dir: PathBuf) -> Self {
        let file = |name: &str| std::fs::read(dir.join(name)).ok();
        Self {
            name: dir.file_name().unwrap().to_string_lossy().into_owned(),
            events: file("events.json.zst").unwrap_or_else(|| panic!("{} has no events", dir.display())),
            console: file("console.json.zst"),
            network: file("network.har.json.zst"),
            dir,
        }
    }

    /// Its payloads as one segment of each stream.
    pub(crate) fn segments(&self) -> Vec<SegmentInput<'_>> {
        let part = |stream, bytes| SegmentInput { n: SegmentNo(0), stream, window: None, bytes };
        let mut all = vec![part(Stream::Rrweb, &self.events[..])];
        all.extend(self.console.as_deref().map(|bytes| part(Stream::Console, bytes)));
        all.extend(self.network.as_deref().map(|bytes| part(Stream::Network, bytes)));
        all
    }

    pub(crate) fn transcribed(&self) -> Transcription {
        transcribe(&self.segments(), &Options::default())
    }
}

/// The folder of this crate.
pub(crate) fn crate_dir() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every case, by name.
pub(crate) fn all() -> Vec<Case> {
    let folder = crate_dir().join("../testdata/cases");
    let mut dirs: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    dirs.sort();
    assert!(dirs.len() >= 8, "only {} cases in {}", dirs.len(), folder.display());
    dirs.into_iter().map(Case::read).collect()
}

/// The case of that name.
pub(crate) fn one(name: &str) -> Case {
    Case::read(crate_dir().join("../testdata/cases").join(name))
}
