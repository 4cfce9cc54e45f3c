//! PostgreSQL is stopped and started under load: errors meanwhile, and nothing lost.
//!
//! Runs when `PLAYHEAD_TEST_POSTGRES_CONTROL` names a program that takes `stop` and `start`: see `.ci/check-postgres`.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use playhead_schemas::{EpochMs, ReplayId, Stream};
use playhead_store::{PutOutcome, TranscriptState};

use crate::support::{TestStore, clicks, decompressed};

const UPLOADERS: u32 = 4;
/// How often the database is stopped, and how many acknowledgements are waited for before and after.
const ROUNDS: u64 = 3;
const ACKS: u64 = 60;

fn text_of(uploader: u32, n: u32) -> String {
    format!("uploader {uploader} segment {n} ").repeat(50)
}

#[derive(Default)]
struct Seen {
    acks: AtomicU64,
    errors: AtomicU64,
    ended: AtomicU64,
    stored: Mutex<BTreeMap<ReplayId, Vec<(u32, u32)>>>,
    published: Mutex<Vec<ReplayId>>,
}

impl Seen {
    fn is_ended(&self) -> bool {
        self.ended.load(SeqCst) > 0
    }
}

async fn upload(t: Arc<TestStore>, seen: Arc<Seen>, uploader: u32) {
    for n in 0..u32::MAX {
        let key = format!("{uploader}-{}", n / 5);
        loop {
            if seen.is_ended() {
                return;
            }
            let mut put = t.segment(&key, n % 5, &[(Stream::Rrweb, &text_of(uploader, n))]);
            put.is_final = n % 5 == 4;
            match t.store.put_segment(put).await {
                Ok(receipt) => {
                    // After an error the first attempt may have been stored all the same.
                    assert!(matches!(receipt.outcomes[0].1, PutOutcome::Accepted | PutOutcome::Duplicate));
                    seen.stored.lock().unwrap().entry(receipt.replay).or_default().push((uploader, n));
                    seen.acks.fetch_add(1, SeqCst);
                    break;
                }
                Err(_) => seen.errors.fetch_add(1, SeqCst),
            };
        }
    }
}

async fn publish(t: Arc<TestStore>, seen: Arc<Seen>) {
    while !seen.is_ended() {
        // A lease of nothing: what failed is claimed again at once.
        let Ok(Some(job)) = t.store.claim_job("worker", EpochMs::now(), 0).await else { continue };
        let replay = ReplayId(job.subject);
        if t.store.publish_transcript(replay, job.id, "worker", &clicks(20), "summary", 1).await.is_ok() {
            seen.published.lock().unwrap().push(replay);
            seen.acks.fetch_add(1, SeqCst);
        }
    }
}

async fn until(reached: impl Fn() -> bool) {
    while !reached() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_database_costs_errors_and_nothing_else() {
    let Ok(control) = std::env::var("PLAYHEAD_TEST_POSTGRES_CONTROL") else { return };
    let told = |what: &str| assert!(Command::new(&control).arg(what).status().unwrap().success(), "{control} {what}");
    let t = Arc::new(TestStore::new().await);
    let seen = Arc::new(Seen::default());
    let mut tasks: Vec<_> = (0..UPLOADERS).map(|u| tokio::spawn(upload(t.clone(), seen.clone(), u))).collect();
    tasks.push(tokio::spawn(publish(t.clone(), seen.clone())));
    for _ in 0..ROUNDS {
        let acks = seen.acks.load(SeqCst) + ACKS;
        until(|| seen.acks.load(SeqCst) >= acks).await;
        told("stop");
        let errors = seen.errors.load(SeqCst) + u64::from(UPLOADERS) * 2;
        until(|| seen.errors.load(SeqCst) >= errors).await;
        assert!(t.store.health().await.is_err());
        told("start");
    }
    let acks = seen.acks.load(SeqCst) + ACKS;
    until(|| seen.acks.load(SeqCst) >= acks).await;
    seen.ended.store(1, SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    t.store.health().await.unwrap();
    for (replay, puts) in &*seen.stored.lock().unwrap() {
        let (row, segments) = (t.store.replay(*replay).await.unwrap(), t.store.segments(*replay).await.unwrap());
        assert_eq!(row.segments as usize, segments.len(), "counted what is there");
        for (uploader, n) in puts {
            let segment = segments.iter().find(|s| s.n.0 == n % 5).expect("an acknowledged segment is lost");
            assert_eq!(decompressed(&t.store.read_segment(segment).await.unwrap()), text_of(*uploader, *n));
        }
    }
    let published = seen.published.lock().unwrap().clone();
    assert!(!published.is_empty());
    for replay in published {
        assert_eq!(t.store.replay(replay).await.unwrap().transcript, TranscriptState::Ready);
        assert_eq!(t.store.transcript(replay).await.unwrap().unwrap().moments, 20);
    }
}
