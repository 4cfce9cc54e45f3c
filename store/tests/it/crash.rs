//! What was acknowledged survives `kill -9`, and nothing is published by half.
//!
//! The child is this test binary itself, told by a variable of the environment what to do. It prints a line for
//! each thing that the store acknowledged; the parent kills it after so many lines, opens the store and compares.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use playhead_schemas::{EpochMs, ReplayId, Stream};
use playhead_store::{MomentQuery, PutOutcome, Store, TranscriptState};

use crate::support::{TestStore, clicks, config, decompressed};

const ROLE: &str = "PLAYHEAD_STORE_TEST_ROLE";
const DATA: &str = "PLAYHEAD_STORE_TEST_DATA";
const UPLOADERS: u32 = 4;

/// This binary, running only [`child_process`] in a role.
pub(crate) fn child(role: &str, data: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "crash::child_process", "--nocapture", "--include-ignored"]);
    command.env(ROLE, role).env(DATA, data).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).unwrap();
}

fn text_of(uploader: u32, n: u32) -> String {
    format!("uploader {uploader} segment {n} ").repeat(50)
}

/// Does nothing in an ordinary run.
#[test]
fn child_process() {
    let (Ok(role), Ok(data)) = (std::env::var(ROLE), std::env::var(DATA)) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        match (role.as_str(), Store::open(config(Path::new(&data))).await) {
            ("open-only", Ok(_)) => say("open: ok"),
            (_, Err(error)) => say(&format!("open: {error}")),
            (_, Ok(store)) => upload_and_publish(store, Path::new(&data)).await,
        }
    });
}

/// Uploads, closes, transcribes and publishes without end; a line for every acknowledgement.
async fn upload_and_publish(store: Store, data: &Path) {
    let project = std::fs::read_to_string(data.join("project")).unwrap().parse().unwrap();
    let round = std::fs::read_to_string(data.join("round")).unwrap();
    let t = std::sync::Arc::new(TestStore { store, project, dir: tempfile::tempdir().unwrap() });
    let uploaders = (0..UPLOADERS).map(|u| {
        let (t, key) = (t.clone(), format!("round{round}-{u}"));
        tokio::spawn(async move {
            for n in 0.. {
                let mut put = t.segment(&key, n, &[(Stream::Rrweb, &text_of(u, n))]);
                put.is_final = n % 5 == 4;
                let receipt = t.store.put_segment(put).await.unwrap();
                assert_eq!(receipt.outcomes[0].1, PutOutcome::Accepted);
                say(&format!("put {} {u} {n}", receipt.replay));
            }
        })
    });
    let publisher = {
        let t = t.clone();
        tokio::spawn(async move {
            let mut count = 0;
            loop {
                // A lease of nothing: whatever an earlier child held is taken over at once.
                let Some(job) = t.store.claim_job("child", EpochMs::now(), 0).await.unwrap() else { continue };
                count = count % 50 + 1;
                let replay = ReplayId(job.subject);
                let summary = count.to_string();
                t.store.publish_transcript(replay, job.id, "child", &clicks(count), &summary, 1).await.unwrap();
                say(&format!("published {replay}"));
            }
        })
    };
    for task in uploaders.chain([publisher]).collect::<Vec<_>>() {
        task.await.unwrap();
    }
}

#[derive(Default)]
struct Acknowledged {
    puts: BTreeMap<ReplayId, Vec<(u32, u32)>>,
    published: Vec<ReplayId>,
}

impl Acknowledged {
    /// Reads what the child says; after `lines` of it, the child is killed.
    fn collect(&mut self, data: &Path, lines: usize) {
        let mut child = child("upload", data).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let mut acks = 0;
        for line in out.lines() {
            let line = line.unwrap();
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["put", replay, uploader, n] => {
                    let ids = (uploader.parse().unwrap(), n.parse().unwrap());
                    self.puts.entry(replay.parse().unwrap()).or_default().push(ids);
                }
                ["published", replay] => self.published.push(replay.parse().unwrap()),
                // The test harness has lines of its own.
                _ => continue,
            }
            acks += 1;
            if acks == lines {
                // SIGKILL. What is still in the pipe was acknowledged too, and is read on.
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(acks >= lines, "the child ended by itself after {acks} acknowledgements");
    }
}

#[tokio::test]
async fn a_killed_server_loses_nothing_acknowledged() {
    let t = TestStore::new().await;
    let data = t.dir.path().to_owned();
    std::fs::write(data.join("project"), t.project.to_string()).unwrap();
    t.store.close().await;
    let mut acknowledged = Acknowledged::default();
    for (round, lines) in [3, 40, 17, 90].into_iter().enumerate() {
        std::fs::write(data.join("round"), round.to_string()).unwrap();
        acknowledged.collect(&data, lines);
    }
    let t = TestStore { store: Store::open(config(&data)).await.unwrap(), ..t };
    for (replay, puts) in &acknowledged.puts {
        let row = t.store.replay(*replay).await.unwrap();
        let segments = t.store.segments(*replay).await.unwrap();
        assert_eq!(row.segments as usize, segments.len(), "counted what is there");
        assert_eq!(row.raw_bytes, segments.iter().map(|s| s.raw_bytes).sum::<u64>());
        for (uploader, n) in puts {
            let segment = segments.iter().find(|s| s.n.0 == *n).expect("an acknowledged segment is lost");
            assert_eq!(decompressed(&t.store.read_segment(segment).await.unwrap()), text_of(*uploader, *n));
        }
    }
    assert!(!acknowledged.published.is_empty(), "the test must have seen a publication");
    for replay in &acknowledged.published {
        assert_eq!(t.store.replay(*replay).await.unwrap().transcript, TranscriptState::Ready);
    }
    for replay in acknowledged.puts.keys() {
        let query = MomentQuery { limit: 1000, ..MomentQuery::default() };
        if let Some((transcript, lines)) = t.store.transcript_page(*replay, &query).await.unwrap() {
            assert_eq!(transcript.summary, lines.len().to_string(), "a transcript was published by half");
        }
    }
    t.store.close().await;
}
