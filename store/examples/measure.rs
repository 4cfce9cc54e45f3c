//! Measures the store by hand: `cargo run --release -p playhead-store --example measure [REPLAYS]`.
//!
//! The figures in the crate's documentation come from here. Nothing is asserted.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use playhead_schemas::{
    BugId, EpochMs, Moment, MomentId, MomentKind, ProjectId, ReplayId, SegmentNo, Stream, Timeline, WindowNo,
};
use playhead_store::{BugQuery, CompressedPayload, MomentQuery, NewBug, SegmentPart, SegmentPut, Store, StoreConfig};

const MOMENTS: u32 = 1000;

#[tokio::main]
async fn main() {
    let replays = std::env::args().nth(1).map_or(500, |n| n.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    // Over PostgreSQL when PLAYHEAD_TEST_CATALOG_URL is set.
    let store = Store::open(StoreConfig::for_tests(dir.path())).await.unwrap();
    let workspace = store.default_workspace().await.unwrap().id;
    let project = store.create_project(workspace, "measure", "Measure").await.unwrap().id;
    for clients in [1, 8, 32, 128] {
        commits(&store, clients).await;
    }
    for clients in [1, 8, 32, 128] {
        uploads(&store, project, clients).await;
    }
    let (bugs, published) = publish(&store, project, replays).await;
    reads(&store, project, &bugs, &published).await;
    let start = Instant::now();
    store.close().await;
    println!("close: {:?}", start.elapsed());
    let start = Instant::now();
    let store = Store::open(StoreConfig::for_tests(dir.path())).await.unwrap();
    println!("open: {:?}", start.elapsed());
    reads(&store, project, &bugs, &published).await;
}

/// Runs `count` calls by `clients` at once and prints rate and latencies.
async fn rate<F: Future<Output = ()> + Send + 'static>(
    what: &str,
    clients: usize,
    count: usize,
    call: impl Fn(usize) -> F + Send + Sync + 'static,
) {
    let call = Arc::new(call);
    let cpu = cpu_ms();
    let start = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|client| {
            let call = call.clone();
            tokio::spawn(async move {
                let mut took = Vec::new();
                for i in (client..count).step_by(clients) {
                    let start = Instant::now();
                    call(i).await;
                    took.push(start.elapsed());
                }
                took
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.unwrap());
    }
    let cpu_us = (cpu_ms() - cpu) * 1000 / took.len() as u64;
    print(what, clients, start.elapsed(), took);
    println!("    {cpu_us} us of CPU each");
}

/// The process's CPU time so far, milliseconds; 0 where there is no /proc. Other load doesn't change it.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2);
    10 * ticks.filter_map(|n| n.parse::<u64>().ok()).sum::<u64>()
}

fn print(what: &str, clients: usize, wall: Duration, mut took: Vec<Duration>) {
    took.sort();
    let at = |p: usize| took[(took.len() * p / 100).min(took.len() - 1)];
    let per_second = took.len() as f64 / wall.as_secs_f64();
    println!("{what}, {clients} at once: {per_second:.0}/s, p50 {:?}, p99 {:?}", at(50), at(99));
}

async fn commits(store: &Store, clients: usize) {
    let store = store.clone();
    let job = playhead_schemas::JobId::new();
    rate("smallest change", clients, 400 * clients.min(8), move |_| {
        let store = store.clone();
        async move {
            store.extend_lease(job, "w", EpochMs::now(), 1).await.unwrap();
        }
    })
    .await;
}

async fn uploads(store: &Store, project: ProjectId, clients: usize) {
    let store = store.clone();
    let raw: String = (0..600).map(|i| format!("{{\"type\":3,\"data\":{i}}},")).collect();
    rate("put_segment of 14 KB", clients, 250 * clients.min(8), move |i| {
        let (store, raw) = (store.clone(), format!("{i} {raw}"));
        async move {
            let part = SegmentPart {
                stream: Stream::Rrweb,
                window: None,
                payload: CompressedPayload::from_raw(raw.as_bytes()).unwrap(),
            };
            let put = SegmentPut {
                project,
                replay: format!("c{clients}-{}", i % 40).parse().unwrap(),
                n: SegmentNo(u32::try_from(i / 40).unwrap()),
                parts: vec![part],
                is_final: false,
                replay_bytes_max: u64::MAX,
            };
            store.put_segment(put).await.unwrap();
        }
    })
    .await;
}

fn timeline() -> Timeline {
    let moment = |id: u32| Moment {
        id: MomentId(id),
        t_ms: u64::from(id) * 400,
        end_ms: u64::from(id) * 400,
        window: WindowNo(1),
        kind: if id.is_multiple_of(5) { MomentKind::Console } else { MomentKind::Click },
        count: 1,
        value: Some("x".repeat(100)),
        url: Some("https://shop.example/cart".into()),
        message: Some("y".repeat(100)),
        text: format!("click button \"Pay now\" [#pay] -> m{} POST /api/pay 500 (182 ms)", id + 1),
        ..Moment::default()
    };
    Timeline { moments: (1..=MOMENTS).map(moment).collect(), ..Timeline::default() }
}

async fn publish(store: &Store, project: ProjectId, replays: usize) -> (Vec<BugId>, Vec<ReplayId>) {
    let timeline = timeline();
    let (mut bugs, mut published, mut took, mut claims) = (vec![], vec![], vec![], vec![]);
    let wall = Instant::now();
    for i in 0..replays {
        let key: playhead_schemas::ReplayKey = format!("r{i}").parse().unwrap();
        let payload = CompressedPayload::from_raw(b"[]").unwrap();
        let part = SegmentPart { stream: Stream::Rrweb, window: None, payload };
        let put = SegmentPut {
            project,
            replay: key.clone(),
            n: SegmentNo(0),
            parts: vec![part],
            is_final: true,
            replay_bytes_max: u64::MAX,
        };
        let replay = store.put_segment(put).await.unwrap().replay;
        let new = NewBug {
            project,
            client_id: None,
            title: format!("Pay button {i} does nothing"),
            description: "I pressed it and nothing happened. ".repeat(20),
            reporter: Default::default(),
            page: Default::default(),
            system: Default::default(),
            metadata: Default::default(),
            tags: vec!["cart".into()],
            priority: Default::default(),
            cookies: vec![],
            replay: Some(key),
            screenshots: vec![],
            attachments: vec![],
        };
        bugs.push(store.create_bug(new).await.unwrap().0.id);
        let start = Instant::now();
        let job = store.claim_job("w", EpochMs::now(), 60_000).await.unwrap().unwrap();
        claims.push(start.elapsed());
        let start = Instant::now();
        store.publish_transcript(replay, job.id, "w", &timeline, &"summary ".repeat(400), 1).await.unwrap();
        took.push(start.elapsed());
        published.push(replay);
    }
    print("claim_job", 1, claims.iter().sum(), claims);
    print("publish_transcript of 1,000 moments", 1, took.iter().sum(), took);
    println!("all of it for {replays} replays: {:?}", wall.elapsed());
    (bugs, published)
}

async fn reads(store: &Store, project: ProjectId, bugs: &[BugId], published: &[ReplayId]) {
    let pick = |i: usize| i * 7919 % bugs.len();
    for clients in [1, 8] {
        let (s, ids) = (store.clone(), bugs.to_vec());
        rate("bug", clients, 400, move |i| {
            let (s, id) = (s.clone(), ids[pick_of(i, ids.len())]);
            async move { drop(s.bug(id).await.unwrap()) }
        })
        .await;
        let (s, ids) = (store.clone(), published.to_vec());
        rate("transcript_page of 200", clients, 400, move |i| {
            let (s, id) = (s.clone(), ids[pick_of(i, ids.len())]);
            async move {
                let query = MomentQuery { limit: 200, from_ms: Some(40_000), ..MomentQuery::default() };
                assert_eq!(s.transcript_page(id, &query).await.unwrap().unwrap().1.len(), 200);
            }
        })
        .await;
        let (s, ids) = (store.clone(), published.to_vec());
        rate("moments_by_id of 20", clients, 400, move |i| {
            let (s, id) = (s.clone(), ids[pick_of(i, ids.len())]);
            async move {
                let ids: Vec<_> = (1..=20).map(|n| MomentId(n * 40)).collect();
                assert_eq!(s.moments_by_id(id, &ids).await.unwrap().len(), 20);
            }
        })
        .await;
        for text in [None, Some("button 3 does".to_owned())] {
            let s = store.clone();
            let what = if text.is_some() { "bugs by text" } else { "bugs, 50 of a page" };
            rate(what, clients, 200, move |_| {
                let (s, text) = (s.clone(), text.clone());
                let query = BugQuery { projects: vec![project], text, limit: 50, ..BugQuery::default() };
                async move { drop(s.bugs(query).await.unwrap()) }
            })
            .await;
        }
    }
    let start = Instant::now();
    assert!(store.bug_of_replay(published[pick(3)]).await.unwrap().is_some());
    println!("bug_of_replay, once: {:?}", start.elapsed());
}

fn pick_of(i: usize, count: usize) -> usize {
    i * 7919 % count
}
