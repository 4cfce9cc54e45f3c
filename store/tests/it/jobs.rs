use futures::future::join_all;
use playhead_schemas::{EpochMs, ErrorCode, ReplayId};
use playhead_store::{JobsSummary, TranscriptState};

use crate::support::TestStore;

#[tokio::test]
async fn no_two_workers_get_the_same_job() {
    let t = TestStore::new().await;
    for i in 0..10 {
        t.closed_replay(&format!("r{i}")).await;
    }
    let workers: Vec<String> = (0..20).map(|i| format!("w{i}")).collect();
    let claims = join_all(workers.iter().map(|w| t.claim(w))).await;
    let mut got: Vec<_> = claims.into_iter().flatten().map(|job| job.id).collect();
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 10);
    assert_eq!(t.store.jobs_summary().await.unwrap(), JobsSummary { running: 10, ..JobsSummary::default() });
}

#[tokio::test]
async fn a_lease_that_ran_out_is_claimed_again_and_its_worker_refused() {
    let t = TestStore::new().await;
    t.closed_replay("r").await;
    let now = EpochMs::now();
    let first = t.store.claim_job("slow", now, 1000).await.unwrap().unwrap();
    assert_eq!(t.store.claim_job("other", now.plus_ms(999), 1000).await.unwrap(), None);
    assert!(t.store.extend_lease(first.id, "slow", now, 5000).await.unwrap());
    assert_eq!(t.store.claim_job("other", now.plus_ms(4999), 1000).await.unwrap(), None);
    let second = t.store.claim_job("other", now.plus_ms(5000), 1000).await.unwrap().unwrap();
    assert_eq!((second.id, second.attempt), (first.id, 2));
    assert!(!t.store.extend_lease(first.id, "slow", now, 1000).await.unwrap());
    assert!(!t.store.complete_job(first.id, "slow").await.unwrap());
    assert!(!t.store.fail_job(first.id, "slow", "late", None).await.unwrap());
    assert!(t.store.complete_job(second.id, "other").await.unwrap());
    assert!(!t.store.complete_job(second.id, "other").await.unwrap());
    assert_eq!(t.store.jobs_summary().await.unwrap().done, 1);
}

#[tokio::test]
async fn a_job_is_retried_then_given_up_with_its_error() {
    let t = TestStore::new().await;
    let replay = t.closed_replay("r").await;
    let now = EpochMs::now();
    let due = now.plus_ms(60_000);
    let job = t.claim("w").await.unwrap();
    assert!(t.store.fail_job(job.id, "w", "disk full", Some(due)).await.unwrap());
    assert_eq!(t.store.claim_job("w", due.plus_ms(-1), 1000).await.unwrap(), None);
    let job = t.store.claim_job("w", due, 1000).await.unwrap().unwrap();
    assert_eq!(job.attempt, 2);
    let long = "é".repeat(5000);
    assert!(t.store.fail_job(job.id, "w", &long, None).await.unwrap());
    assert_eq!(t.store.claim_job("w", due.plus_ms(600_000), 1000).await.unwrap(), None);
    let dead = t.store.dead_jobs(None, 10).await.unwrap().items.remove(0);
    assert_eq!((dead.id, dead.attempts, dead.error.len()), (job.id, 2, 4000));
    assert!(t.store.dead_jobs(Some(dead.id), 10).await.unwrap().items.is_empty());
    assert_eq!(t.store.replay(replay).await.unwrap().transcript, TranscriptState::Failed);

    // Asking again starts anew.
    assert!(t.store.enqueue_transcribe(replay).await.unwrap());
    assert!(!t.store.enqueue_transcribe(replay).await.unwrap());
    assert_eq!(t.store.replay(replay).await.unwrap().transcript, TranscriptState::Queued);
    assert_eq!(t.claim("w").await.unwrap().attempt, 1);
    let error = t.store.enqueue_transcribe(ReplayId::new()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_failed_job_gives_way_to_the_newer_one() {
    let t = TestStore::new().await;
    let replay = t.closed_replay("r").await;
    let old = t.claim("w").await.unwrap();
    assert!(t.store.enqueue_transcribe(replay).await.unwrap());
    assert!(t.store.fail_job(old.id, "w", "oops", Some(EpochMs::now())).await.unwrap());
    let new = t.claim("w").await.unwrap();
    assert_ne!(new.id, old.id);
    assert_eq!(t.claim("w2").await, None);
}

#[tokio::test]
async fn waiting_workers_are_woken() {
    let t = TestStore::new().await;
    let wakeup = t.store.job_wakeup();
    let woken = wakeup.notified();
    t.closed_replay("r").await;
    woken.await;
    assert!(t.claim("w").await.is_some());
}

#[tokio::test]
async fn jobs_survive_a_restart() {
    let t = TestStore::new().await;
    t.closed_replay("r").await;
    let held = t.claim("w").await.unwrap();
    let t = t.reopen().await;
    let mut at = EpochMs::now();
    if is_shared(&t) {
        // Another node may hold it.
        assert_eq!(t.claim("w2").await, None);
        at = at.plus_ms(60_001);
    }
    let again = t.store.claim_job("w2", at, 1000).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempt), (held.id, 2));
}

#[tokio::test]
async fn one_claim_takes_one_of_two_jobs_of_a_subject() {
    let t = TestStore::new().await;
    if is_shared(&t) {
        return;
    }
    let replay = t.closed_replay("r").await;
    t.claim("killed").await.unwrap();
    assert!(t.store.enqueue_transcribe(replay).await.unwrap());
    // Both wait now: the process that held the first one has ended.
    let t = t.reopen().await;
    let now = EpochMs::now();
    let claimed = t.store.claim_jobs("w", now, 60_000, 5).await.unwrap();
    let [job] = &claimed[..] else { panic!("{claimed:?}") };
    assert!(t.store.complete_job(job.id, "w").await.unwrap());
    assert_eq!(t.store.claim_jobs("w", now, 60_000, 5).await.unwrap().len(), 1);
}

fn is_shared(t: &TestStore) -> bool {
    playhead_store::test_catalog_url(t.dir.path()).is_some()
}

#[tokio::test]
async fn several_jobs_are_claimed_at_once_but_one_of_a_subject() {
    let t = TestStore::new().await;
    for key in ["a", "b", "c"] {
        t.closed_replay(key).await;
    }
    let now = EpochMs::now();
    let first = t.store.claim_jobs("w", now, 60_000, 2).await.unwrap();
    assert_eq!(first.len(), 2);
    assert_ne!(first[0].subject, first[1].subject);
    // Another transcription of a replay that is being transcribed waits for it.
    t.store.enqueue_transcribe(ReplayId(first[0].subject)).await.unwrap();
    let rest = t.store.claim_jobs("w", now.plus_ms(30_000), 60_000, 5).await.unwrap();
    assert_eq!(rest.len(), 1, "{rest:?}");
    assert!(first.iter().all(|job| job.subject != rest[0].subject));
    assert!(t.store.claim_jobs("w", now.plus_ms(30_000), 60_000, 5).await.unwrap().is_empty());
    assert!(t.store.complete_job(first[0].id, "w").await.unwrap());
    assert_eq!(t.store.claim_job("w", now.plus_ms(30_000), 60_000).await.unwrap().unwrap().subject, first[0].subject);
}
