//! Clean-ups: what they close and delete, and what they leave.

use playhead_schemas::clock::Clock;
use playhead_schemas::{EpochMs, Stream};
use playhead_store::{AuditEntry, AuditQuery, ClientLimits, NewClient, ReplayState};
use playhead_worker::{JanitorConfig, Sweep, TEMPORARY_KEY_LABEL, WorkerConfig};
use tokio_util::sync::CancellationToken;

use crate::support::{TestApp, events, wait_for};

const DAY_MS: i64 = 86_400_000;

fn entry(at: EpochMs, principal: &str) -> AuditEntry {
    AuditEntry {
        at,
        workspace: None,
        principal: principal.to_owned(),
        client_name: None,
        client_version: None,
        action: "tools/call".to_owned(),
        tool: None,
        project: None,
        subject: None,
        code: None,
        duration_ms: 0,
    }
}

#[tokio::test]
async fn idle_replays_are_closed() {
    let app = TestApp::new().await;
    app.put("r1", 0, Stream::Rrweb, &events()).await;
    let clock = Clock::manual(EpochMs::now());
    let worker = app.worker().with_clock(clock.clone());
    assert_eq!(worker.sweep(Sweep::IdleReplays).await.unwrap(), 0);
    clock.advance_ms(290_000);
    assert_eq!(worker.sweep(Sweep::IdleReplays).await.unwrap(), 0);
    clock.advance_ms(3_600_000);
    assert_eq!(worker.sweep(Sweep::IdleReplays).await.unwrap(), 1);
    assert_eq!(worker.sweep(Sweep::IdleReplays).await.unwrap(), 0);
    assert_eq!(app.replay("r1").await.state, ReplayState::Closed);
    assert_eq!(worker.clone().drain(|_| ()).await.unwrap().done, 1);
    // What comes after all is still taken.
    app.put("r1", 1, Stream::Console, "[]").await;
    assert_eq!(worker.clone().drain(|_| ()).await.unwrap().done, 1);
}

#[tokio::test]
async fn a_running_worker_hears_of_new_jobs_closes_idle_replays_and_stops() {
    let app = TestApp::new().await;
    let janitor = JanitorConfig { idle_sweep_ms: 1, ..JanitorConfig::default() };
    let config = WorkerConfig { threads: 1, poll_ms: 3_600_000, janitor, ..WorkerConfig::default() };
    let clock = Clock::manual(EpochMs::now().plus_ms(150_000));
    let worker = app.worker_with(config).with_clock(clock.clone());
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker.run(stop.clone()));
    let first = app.upload_final("r1").await;
    wait_for(|| async { app.store.transcript(first).await.unwrap().is_some() }).await;
    app.put("r2", 0, Stream::Rrweb, &events()).await;
    clock.advance_ms(3_600_000);
    wait_for(|| async { app.jobs().await.done == 2 }).await;
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn audit_entries_are_kept_for_their_days_and_no_longer() {
    let app = TestApp::new().await;
    for days in [0, 6, 8, 100] {
        app.store.audit(entry(app.clock.now().plus_ms(-days * DAY_MS), &format!("{days} days ago")));
    }
    assert_eq!(app.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items.len(), 4);
    let janitor = JanitorConfig { audit_days: 7, ..JanitorConfig::default() };
    let worker = app.worker_with(WorkerConfig { threads: 1, janitor, ..WorkerConfig::default() });
    assert_eq!(worker.sweep(Sweep::AuditLog).await.unwrap(), 2);
    let kept = app.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items;
    let mut kept: Vec<_> = kept.into_iter().map(|(_, entry)| entry.principal).collect();
    kept.sort();
    assert_eq!(kept, ["0 days ago", "6 days ago"]);
}

#[tokio::test]
async fn temporary_keys_that_were_forgotten_are_revoked_and_no_others() {
    let app = TestApp::new().await;
    let mut secrets = Vec::new();
    for label in [TEMPORARY_KEY_LABEL, "browser"] {
        secrets.push(app.store.create_ingest_key(app.project.id, label, Vec::new()).await.unwrap().1);
    }
    let clock = Clock::manual(EpochMs::now());
    let worker = app.worker().with_clock(clock.clone());
    clock.advance_ms(23 * 3_600_000);
    assert_eq!(worker.sweep(Sweep::TemporaryKeys).await.unwrap(), 0, "an upload may take a day");
    clock.advance_ms(2 * 3_600_000);
    assert_eq!(worker.sweep(Sweep::TemporaryKeys).await.unwrap(), 1);
    assert_eq!(worker.sweep(Sweep::TemporaryKeys).await.unwrap(), 0);
    let key = |i: usize| app.store.ingest_key_by_secret(secrets[i].expose());
    assert!(key(0).await.unwrap().is_none() && key(1).await.unwrap().is_some());
}

/// Every object, with its path.
fn objects(app: &TestApp) -> Vec<std::path::PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![app.dir.path().join("objects")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

#[tokio::test]
async fn pieces_that_no_row_names_are_deleted_after_a_day_and_no_others() {
    let app = TestApp::new().await;
    app.put("r1", 0, Stream::Rrweb, &events()).await;
    app.put("r1", 1, Stream::Rrweb, "[]").await;
    // What a process leaves that is killed before it records a piece: of a known segment, of an unknown one, of an
    // unknown replay. And a file that is no piece at all.
    let pieces = objects(&app);
    let folder = pieces[0].parent().unwrap();
    std::fs::write(folder.join("00000-rrweb-0123456789abcdef-01KB0000000000000000000000.zst"), b"x").unwrap();
    std::fs::write(folder.join("00009-console-0123456789abcdef.zst"), b"x").unwrap();
    std::fs::create_dir(folder.with_file_name("other-01234567")).unwrap();
    std::fs::write(folder.with_file_name("other-01234567").join("00000-rrweb-0123456789abcdef.zst"), b"x").unwrap();
    std::fs::write(folder.join("note.txt"), b"x").unwrap();
    let clock = Clock::manual(EpochMs::now());
    let worker = app.worker().with_clock(clock.clone());
    clock.advance_ms(DAY_MS - 600_000);
    assert_eq!(worker.sweep(Sweep::Pieces).await.unwrap(), 0, "an upload may be about to name them");
    clock.advance_ms(3_600_000);
    assert_eq!(worker.sweep(Sweep::Pieces).await.unwrap(), 3);
    assert_eq!(worker.sweep(Sweep::Pieces).await.unwrap(), 0);
    let mut kept = [pieces.clone(), vec![folder.join("note.txt")]].concat();
    let mut left = objects(&app);
    kept.sort();
    left.sort();
    assert_eq!(left, kept);
    assert_eq!(app.stored("r1", 0, Stream::Rrweb).await, events().into_bytes());
}

#[tokio::test]
async fn a_running_worker_runs_every_sweep_at_its_start() {
    let app = TestApp::new().await;
    app.put("idle", 0, Stream::Rrweb, &events()).await;
    let limits = ClientLimits { per_address_hour: 10, unused_max: 10 };
    let client = NewClient { name: "unused".to_owned(), redirect_uris: Vec::new(), from: None };
    let registered_at = app.clock.now().plus_ms(-2 * DAY_MS);
    let client = app.store.register_client(client, limits, registered_at).await.unwrap().unwrap();
    app.store.audit(entry(app.clock.now().plus_ms(-91 * DAY_MS), "old"));
    assert_eq!(app.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items.len(), 1);
    let hour_ms = 3_600_000;
    let janitor = JanitorConfig { idle_sweep_ms: hour_ms, ..JanitorConfig::default() };
    let worker = app.worker_with(WorkerConfig { threads: 1, janitor, ..WorkerConfig::default() });
    let stop = CancellationToken::new();
    let running = tokio::spawn(worker.run(stop.clone()));
    wait_for(|| async {
        app.store.oauth_client(&client.id).await.unwrap().is_none()
            && app.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items.is_empty()
            && app.jobs().await.done == 1
    })
    .await;
    stop.cancel();
    running.await.unwrap();
}
