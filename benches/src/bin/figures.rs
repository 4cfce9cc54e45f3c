//! Prints the table in docs/performance.md: bytes per second of a transcription beside parsers that only parse, on
//! one thread. Contestants take turns, so that whatever else the machine does hits all of them.

use std::io::Write;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use playhead_benches::contest::{Contestant, Corpus, Work};
use playhead_benches::machine::{self, Machine};
use playhead_benches::recording::Size;
use serde::Serialize;

/// Measures transcribing beside parsing alone, on one thread.
///
/// Example: figures --sizes 1,10,60,300 --threads 2 --recordings testdata/cases/*
#[derive(Debug, Parser)]
struct Args {
    /// Generated recordings, in MB, with commas.
    #[arg(long, value_name = "MB,..", default_value = "60", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=300))]
    sizes: Vec<u32>,
    /// Nodes of the first snapshot of a generated recording.
    #[arg(long, default_value_t = 3000)]
    nodes: usize,
    /// Seed of the generated recordings.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folders of further recordings, each with its `events.json.zst`; the median of their ratios is told.
    #[arg(long, value_name = "DIR", num_args = 1..)]
    recordings: Vec<std::path::PathBuf>,
    /// Measure testdata on one thread and on so many, and tell how much more they do.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=256))]
    threads: Option<u32>,
    /// Passes of each contestant; the table shows the median, and the best in brackets.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    passes: u32,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Write the generated recording of the first size to this file and end.
    #[arg(long, value_name = "FILE")]
    write: Option<std::path::PathBuf>,
}

#[derive(Serialize)]
struct Report {
    before: Machine,
    after: Machine,
    corpora: Vec<Figures>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recordings: Option<Ratios>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threads: Option<Threads>,
}

/// How many times as long as a parser a transcription from zstd takes: medians over the recordings that were named.
#[derive(Serialize)]
struct Ratios {
    count: usize,
    to_sonic_rs: f64,
    to_simd_json: f64,
}

/// Plain bytes per second of many recordings, MB (10^6), medians.
#[derive(Serialize)]
struct Threads {
    threads: u32,
    one_mb_per_s: f64,
    all_mb_per_s: f64,
    times: f64,
}

#[derive(Serialize)]
struct Figures {
    corpus: String,
    plain_bytes: u64,
    zstd_bytes: u64,
    events: u64,
    moments: usize,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    contestant: &'static str,
    /// Plain bytes per second, MB (10^6).
    median_mb_per_s: f64,
    best_mb_per_s: f64,
    /// How many times the time of `transcribe` this takes, by the medians.
    time_to_transcribe: f64,
}

fn main() -> Result<()> {
    let args = Args::parse();
    let size = |mb: &u32| Size { bytes: *mb as usize * 1_000_000, nodes: args.nodes, seed: args.seed };
    if let (Some(path), Some(mb)) = (&args.write, args.sizes.first()) {
        return Ok(std::fs::write(path, playhead_benches::recording::generate(&size(mb)))?);
    }
    let before = machine::now();
    let mut corpora = vec![measure(&Corpus::testdata()?, args.passes)?];
    for mb in &args.sizes {
        corpora.push(measure(&Corpus::generated(&size(mb))?, args.passes)?);
    }
    let named: Vec<Figures> =
        args.recordings.iter().map(|folder| measure(&Corpus::folder(folder)?, args.passes)).collect::<Result<_>>()?;
    let recordings = (!named.is_empty()).then(|| ratios(&named));
    corpora.extend(named);
    let threads = args.threads.map(|threads| on_threads(threads, args.passes)).transpose()?;
    let report = Report { before, after: machine::now(), corpora, recordings, threads };
    let text = if args.json { serde_json::to_string(&report)? } else { table(&report) };
    Ok(writeln!(std::io::stdout(), "{}", text.trim_end())?)
}

fn measure(corpus: &Corpus, passes: u32) -> Result<Figures> {
    let Work { events, moments } = corpus.check()?;
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); Contestant::ALL.len()];
    for _ in 0..passes {
        for (contestant, times) in Contestant::ALL.iter().zip(&mut times) {
            times.push(contestant.pass(corpus));
        }
    }
    times.iter_mut().for_each(|times| times.sort_unstable());
    let median = |times: &[Duration]| times[times.len() / 2].as_secs_f64();
    let rate = |seconds: f64| corpus.plain_bytes() as f64 / 1e6 / seconds;
    let transcribe = median(&times[0]);
    let row = |(contestant, times): (&Contestant, &Vec<Duration>)| Row {
        contestant: contestant.name(),
        median_mb_per_s: rate(median(times)),
        best_mb_per_s: rate(times[0].as_secs_f64()),
        time_to_transcribe: median(times) / transcribe,
    };
    let rows = Contestant::ALL.iter().zip(&times).map(row).collect();
    let (plain_bytes, zstd_bytes) = (corpus.plain_bytes(), corpus.zstd_bytes());
    Ok(Figures { corpus: corpus.name.clone(), plain_bytes, zstd_bytes, events, moments, rows })
}

fn ratios(named: &[Figures]) -> Ratios {
    let time = |figures: &Figures, of: Contestant| {
        let row = figures.rows.iter().find(|row| row.contestant == of.name());
        row.map_or(f64::NAN, |row| row.time_to_transcribe)
    };
    let median = |to: Contestant| {
        let mut all: Vec<f64> =
            named.iter().map(|figures| time(figures, Contestant::TranscribeZstd) / time(figures, to)).collect();
        all.sort_by(f64::total_cmp);
        (all[(all.len() - 1) / 2] + all[all.len() / 2]) / 2.0
    };
    Ratios { count: named.len(), to_sonic_rs: median(Contestant::SonicRs), to_simd_json: median(Contestant::SimdJson) }
}

/// Takes turns, so that whatever else the machine does hits both.
fn on_threads(threads: u32, passes: u32) -> Result<Threads> {
    const ROUNDS: usize = 8;
    let corpus = Corpus::testdata()?;
    let (mut one, mut all) = (Vec::new(), Vec::new());
    for _ in 0..passes {
        one.push(corpus.throughput(1, ROUNDS)?);
        all.push(corpus.throughput(threads as usize, ROUNDS)?);
    }
    let median = |mut of: Vec<f64>| {
        of.sort_by(f64::total_cmp);
        of[of.len() / 2]
    };
    let (one_mb_per_s, all_mb_per_s) = (median(one), median(all));
    Ok(Threads { threads, one_mb_per_s, all_mb_per_s, times: all_mb_per_s / one_mb_per_s })
}

fn table(report: &Report) -> String {
    let mut text = format!("{}; at the end {}\n", report.before, report.after);
    for figures in &report.corpora {
        text.push_str(&format!(
            "\n{}: {:.1} MB plain, {:.1} MB in zstd, {} events, {} moments\n\n",
            figures.corpus,
            figures.plain_bytes as f64 / 1e6,
            figures.zstd_bytes as f64 / 1e6,
            figures.events,
            figures.moments
        ));
        text.push_str("| one thread | MB/s, median (best) | time, transcribe = 1 |\n|---|---:|---:|\n");
        for row in &figures.rows {
            text.push_str(&format!(
                "| {} | {:.0} ({:.0}) | {:.2} |\n",
                row.contestant, row.median_mb_per_s, row.best_mb_per_s, row.time_to_transcribe
            ));
        }
    }
    if let Some(ratios) = &report.recordings {
        text.push_str(&format!(
            "\nFrom zstd, median of {} recordings: {:.2} times sonic_rs::Value, {:.2} times simd_json\n",
            ratios.count, ratios.to_sonic_rs, ratios.to_simd_json
        ));
    }
    if let Some(threads) = &report.threads {
        text.push_str(&format!(
            "\ntestdata over and over: one thread {:.0} MB/s, {} threads {:.0} MB/s: {:.2} times\n",
            threads.one_mb_per_s, threads.threads, threads.all_mb_per_s, threads.times
        ));
    }
    text
}
