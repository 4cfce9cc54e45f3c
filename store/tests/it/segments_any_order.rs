//! Whatever the order and however often segments come, the replay ends up the same.

use std::collections::BTreeMap;

use playhead_schemas::Stream;
use playhead_store::PutOutcome;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::support::{TestStore, decompressed};

/// (segment number, stream, which of two payloads)
fn uploads() -> impl Strategy<Value = Vec<(u32, usize, bool)>> {
    // The second payload is rare: most repeats are honest.
    let other = prop_oneof![4 => Just(false), 1 => Just(true)];
    prop::collection::vec((0..5u32, 0..3usize, other), 1..25)
}

#[tokio::test]
async fn segments_in_any_order_with_repeats() {
    let t = TestStore::new().await;
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() });
    for case in 0..24 {
        let uploads = uploads().new_tree(&mut runner).unwrap().current();
        check(&t, &format!("case{case}"), &uploads).await;
    }
}

async fn check(t: &TestStore, key: &str, uploads: &[(u32, usize, bool)]) {
    let mut model: BTreeMap<(u32, Stream), String> = BTreeMap::new();
    let mut replay = None;
    for (n, stream, other) in uploads {
        let stream = Stream::ALL[*stream];
        let raw = format!("{n} {stream} {other}");
        let receipt = t.store.put_segment(t.segment(key, *n, &[(stream, &raw)])).await.unwrap();
        replay = Some(receipt.replay);
        let stored = model.get(&(*n, stream));
        match (&receipt.outcomes[0].1, stored) {
            (PutOutcome::Accepted, None) => {
                model.insert((*n, stream), raw);
            }
            (PutOutcome::Duplicate, Some(stored)) => assert_eq!(*stored, raw, "{uploads:?}"),
            (PutOutcome::Rejected(..), Some(stored)) => assert_ne!(*stored, raw, "{uploads:?}"),
            (outcome, stored) => panic!("{outcome:?} with {stored:?} stored: {uploads:?}"),
        }
    }
    let replay = t.store.replay(replay.unwrap()).await.unwrap();
    let segments = t.store.segments(replay.id).await.unwrap();
    let mut found = Vec::new();
    for s in &segments {
        found.push(((s.n.0, s.stream), decompressed(&t.store.read_segment(s).await.unwrap())));
    }
    assert_eq!(found, model.clone().into_iter().collect::<Vec<_>>(), "{uploads:?}");
    let raw_bytes: usize = model.values().map(String::len).sum();
    assert_eq!((replay.segments as usize, replay.raw_bytes as usize), (model.len(), raw_bytes));
}
