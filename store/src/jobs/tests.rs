#![allow(clippy::unwrap_used)]

use playhead_schemas::{EpochMs, ProjectId};
use ulid::Ulid;

use super::{ADD, GIVE_UP, JobKind};
use crate::engine::values;
use crate::{Store, StoreConfig};

#[tokio::test]
async fn a_kind_of_a_newer_version_is_left_to_its_nodes() {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(StoreConfig { readers: 1, ..StoreConfig::for_tests(dir.path()) }).await.unwrap();
    let (now, project) = (EpochMs::now(), ProjectId::new());
    let add = |kind: &'static str, due: EpochMs, is_dead: bool| {
        let store = store.clone();
        async move {
            let id = Ulid::generate();
            let added = store.write(move |tx| {
                tx.execute(ADD, &values![id, kind, Ulid::generate(), project, due])?;
                if is_dead { tx.execute(GIVE_UP, &values![id, "why", due]).map(drop) } else { Ok(()) }
            });
            added.await.unwrap();
        }
    };
    // More than one claim looks at, and due before the one that is known.
    for _ in 0..5 {
        add("embroider", now.plus_ms(-10), false).await;
    }
    add("embroider", now, true).await;
    assert!(store.claim_jobs("w", now, 1000, 2).await.unwrap().is_empty());
    add("transcribe", now, false).await;
    let claimed = store.claim_jobs("w", now, 1000, 2).await.unwrap();
    assert_eq!(claimed.iter().map(|job| job.kind).collect::<Vec<_>>(), [JobKind::Transcribe]);
    assert!(store.dead_jobs(None, 10).await.unwrap().items.is_empty());
    let summary = store.jobs_summary().await.unwrap();
    assert_eq!((summary.queued, summary.running, summary.dead), (5, 1, 1), "they are counted");
    store.close().await;
}
