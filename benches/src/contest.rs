//! One pass over a corpus by one contestant: a transcription, or a parser that only parses.
//!
//! Every contestant reads the same bytes on one thread. What it made is dropped outside of the time.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use playhead_schemas::{SegmentNo, Stream};
use playhead_transcriber::{Options, SegmentInput, transcribe};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::cases;
use crate::recording::{self, Size};

/// zstd's level, as the store compresses.
const ZSTD_LEVEL: i32 = 3;

/// Recordings that are read together.
#[derive(Debug)]
pub struct Corpus {
    /// What they are.
    pub name: String,
    /// Each recording's payloads, as plain JSON.
    recordings: Vec<Vec<Payload>>,
    threads: ThreadPool,
    /// Recordings from elsewhere may lack this and that.
    may_have_defects: bool,
}

#[derive(Debug)]
struct Payload {
    stream: Stream,
    plain: Vec<u8>,
    zstd: Vec<u8>,
}

/// What transcribing a corpus gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// Events that were read.
    pub events: u64,
    /// Moments that were found.
    pub moments: usize,
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contestant {
    /// `transcribe` of plain JSON: everything, up to the summary.
    Transcribe,
    /// `transcribe` of the same JSON in zstd, as it is stored. Its bytes per second are plain bytes.
    TranscribeZstd,
    /// `simd_json::to_borrowed_value`, which writes into its input.
    SimdJson,
    /// `serde_json::from_slice` to `serde_json::Value`.
    SerdeJson,
    /// `sonic_rs::from_slice` to `sonic_rs::Value`.
    SonicRs,
}

impl Corpus {
    /// Every case of `testdata`.
    ///
    /// # Errors
    /// When `testdata` can't be read.
    pub fn testdata() -> Result<Self> {
        let cases = cases::read_all()?;
        Self::new("testdata", cases.into_iter().map(|case| case.streams).collect())
    }

    /// One generated recording.
    ///
    /// # Errors
    /// When it can't be compressed.
    pub fn generated(size: &Size) -> Result<Self> {
        let bytes = recording::generate(size);
        Self::new(&format!("generated {} MB", size.bytes / 1_000_000), vec![vec![(Stream::Rrweb, bytes)]])
    }

    /// The recording in a folder, see [`cases::streams`].
    ///
    /// # Errors
    /// When it can't be read.
    pub fn folder(folder: &Path) -> Result<Self> {
        let mut corpus = Self::new(&cases::name(folder), vec![cases::streams(folder)?])?;
        corpus.may_have_defects = true;
        Ok(corpus)
    }

    /// Plain bytes per second, MB (10^6), when so many threads transcribe all recordings `rounds` times from zstd, a
    /// recording a thread.
    ///
    /// # Errors
    /// When no threads can be had.
    pub fn throughput(&self, threads: usize, rounds: usize) -> Result<f64> {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
        let took = pool.install(|| {
            timed(|| {
                (0..rounds * self.recordings.len()).into_par_iter().for_each(|i| {
                    let recording = &self.recordings[i % self.recordings.len()];
                    std::hint::black_box(transcribe(&segments(recording, true), &Options::default()));
                });
            })
        });
        Ok(self.plain_bytes() as f64 * rounds as f64 / 1e6 / took.as_secs_f64())
    }

    fn new(name: &str, recordings: Vec<Vec<(Stream, Vec<u8>)>>) -> Result<Self> {
        let payload = |(stream, plain): (Stream, Vec<u8>)| -> Result<Payload> {
            Ok(Payload { stream, zstd: zstd::bulk::compress(&plain, ZSTD_LEVEL)?, plain })
        };
        let recordings = recordings.into_iter().map(|streams| streams.into_iter().map(payload).collect());
        let threads = ThreadPoolBuilder::new().num_threads(1).build()?;
        let recordings = recordings.collect::<Result<_>>()?;
        Ok(Self { name: name.to_owned(), recordings, threads, may_have_defects: false })
    }

    /// Plain bytes of everything.
    pub fn plain_bytes(&self) -> u64 {
        self.payloads().map(|payload| payload.plain.len() as u64).sum()
    }

    /// Bytes of everything in zstd.
    pub fn zstd_bytes(&self) -> u64 {
        self.payloads().map(|payload| payload.zstd.len() as u64).sum()
    }

    /// Does every contestant's work once and looks at what comes out: a fast wrong answer is no figure.
    ///
    /// # Errors
    /// When the transcription of a recording of ours has defects or finds nothing, when zstd makes a difference, or when a parser fails.
    pub fn check(&self) -> Result<Work> {
        let (plain, zstd) = (self.work(false)?, self.work(true)?);
        ensure!(plain == zstd, "{}: plain bytes give {plain:?}, zstd gives {zstd:?}", self.name);
        ensure!(plain.moments > 0, "{}: no moments", self.name);
        for payload in self.payloads() {
            let serde = serde_json::from_slice::<serde_json::Value>(&payload.plain)?;
            let serde = serde.as_array().map(Vec::len);
            let mut bytes = payload.plain.clone();
            let simd = simd_json::to_borrowed_value(&mut bytes)?;
            let simd = simd_json::prelude::ValueAsArray::as_array(&simd).map(|list| list.len());
            let sonic = sonic_rs::from_slice::<sonic_rs::Value>(&payload.plain)?;
            let sonic = sonic_rs::JsonContainerTrait::as_array(&sonic).map(|list| list.len());
            ensure!(serde == simd && serde == sonic, "{}: the parsers read different things", self.name);
        }
        Ok(plain)
    }

    fn work(&self, packed: bool) -> Result<Work> {
        let mut work = Work { events: 0, moments: 0 };
        for recording in &self.recordings {
            let done = self.threads.install(|| transcribe(&segments(recording, packed), &Options::default()));
            if let Some(defect) = done.timeline.defects.first().filter(|_| !self.may_have_defects) {
                bail!("{}: a defect: {defect:?}", self.name);
            }
            ensure!(!done.summary.is_empty(), "{}: no summary", self.name);
            work.events += done.timeline.coverage.events;
            work.moments += done.timeline.moments.len();
        }
        Ok(work)
    }

    fn payloads(&self) -> impl Iterator<Item = &Payload> {
        self.recordings.iter().flatten()
    }
}

fn segments(recording: &[Payload], packed: bool) -> Vec<SegmentInput<'_>> {
    recording
        .iter()
        .map(|payload| {
            let bytes = if packed { &payload.zstd } else { &payload.plain };
            SegmentInput { n: SegmentNo(0), stream: payload.stream, window: None, bytes }
        })
        .collect()
}

impl Contestant {
    /// Every contestant, in the order of the tables.
    pub const ALL: [Self; 5] = [Self::Transcribe, Self::TranscribeZstd, Self::SimdJson, Self::SerdeJson, Self::SonicRs];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Transcribe => "transcribe",
            Self::TranscribeZstd => "transcribe, from zstd",
            Self::SimdJson => "simd_json::to_borrowed_value",
            Self::SerdeJson => "serde_json::Value",
            Self::SonicRs => "sonic_rs::Value",
        }
    }

    /// One pass over a corpus that [`Corpus::check`] has accepted.
    pub fn pass(self, corpus: &Corpus) -> Duration {
        match self {
            Self::Transcribe => transcription(corpus, false),
            Self::TranscribeZstd => transcription(corpus, true),
            Self::SimdJson => corpus.payloads().map(|payload| simd_json_parse(&payload.plain)).sum(),
            Self::SerdeJson => {
                corpus.payloads().map(|p| timed(|| serde_json::from_slice::<serde_json::Value>(&p.plain))).sum()
            }
            Self::SonicRs => {
                corpus.payloads().map(|p| timed(|| sonic_rs::from_slice::<sonic_rs::Value>(&p.plain))).sum()
            }
        }
    }
}

fn transcription(corpus: &Corpus, packed: bool) -> Duration {
    // Inside of the pool's only thread: handing work over is not what is measured.
    corpus.threads.install(|| {
        let one = |recording: &Vec<Payload>| timed(|| transcribe(&segments(recording, packed), &Options::default()));
        corpus.recordings.iter().map(one).sum()
    })
}

fn simd_json_parse(plain: &[u8]) -> Duration {
    let mut bytes = plain.to_vec();
    let began = Instant::now();
    let value = simd_json::to_borrowed_value(&mut bytes);
    let took = began.elapsed();
    std::hint::black_box(&value);
    took
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = Instant::now();
    let made = work();
    let took = began.elapsed();
    std::hint::black_box(&made);
    took
}
