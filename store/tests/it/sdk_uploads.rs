//! Segments that get their numbers here, and events of other products.

use playhead_schemas::{EpochMs, Stream};
use playhead_store::{
    CompressedPayload, PageSpan, PutOutcome, ReplayState, SegmentOrigin, SegmentPart, SegmentReceipt, UnnumberedSegment,
};

use crate::support::TestStore;

const DAY_MS: i64 = 86_400_000;

impl TestStore {
    fn unnumbered(&self, identity: &str, origin: SegmentOrigin, raw: &str) -> UnnumberedSegment {
        let payload = CompressedPayload::from_raw(raw.as_bytes()).unwrap();
        UnnumberedSegment {
            project: self.project,
            replay: "r1".parse().unwrap(),
            identity: identity.to_owned(),
            is_told_by_content: true,
            origin,
            page: None,
            part: SegmentPart { stream: Stream::Rrweb, window: None, payload },
            replay_bytes_max: 1 << 20,
        }
    }

    async fn put_unnumbered(&self, identity: &str, origin: SegmentOrigin, raw: &str) -> SegmentReceipt {
        self.store.put_unnumbered_segment(self.unnumbered(identity, origin, raw)).await.unwrap()
    }

    async fn numbers(&self) -> Vec<u32> {
        let key = "r1".parse().unwrap();
        let replay = self.store.replay_by_key(self.project, &key).await.unwrap().unwrap();
        self.store.segments(replay.id).await.unwrap().iter().map(|segment| segment.n.0).collect()
    }
}

fn wanted(n: u32) -> SegmentOrigin {
    SegmentOrigin::Recording(Some(playhead_schemas::SegmentNo(n)))
}

#[tokio::test]
async fn the_same_segment_has_the_same_number() {
    let t = TestStore::new().await;
    let any = SegmentOrigin::Recording(None);
    for (identity, origin, raw, outcome) in [
        ("a", any, "[1]", PutOutcome::Accepted),
        ("a", any, "[1]", PutOutcome::Duplicate),
        ("a", any, "[2]", PutOutcome::Accepted),
        ("b", wanted(7), "[3]", PutOutcome::Accepted),
        ("b", wanted(7), "[3]", PutOutcome::Duplicate),
        // Another under a number that is taken.
        ("b", wanted(7), "[4]", PutOutcome::Accepted),
        ("b", wanted(7), "[4]", PutOutcome::Duplicate),
        ("c", any, "[5]", PutOutcome::Accepted),
        ("d", SegmentOrigin::Beside, "[6]", PutOutcome::Accepted),
    ] {
        let receipt = t.put_unnumbered(identity, origin, raw).await;
        assert_eq!(receipt.only_outcome(), Some(&outcome), "{identity} {raw}");
    }
    assert_eq!(t.numbers().await, [0, 1, 7, 8, 50_000, 50_001]);
    // A number that was taken without a reservation is not given away.
    t.store.put_segment(t.segment("r1", 9, &[(Stream::Rrweb, "[7]")])).await.unwrap();
    t.put_unnumbered("e", any, "[8]").await;
    t.put_unnumbered("f", wanted(9), "[9]").await;
    assert_eq!(t.numbers().await, [0, 1, 7, 8, 9, 10, 50_000, 50_001, 50_002]);
}

#[tokio::test]
async fn concurrent_segments_have_numbers_of_their_own() {
    let t = TestStore::new().await;
    let puts = (0..40).map(|n| {
        let segment = t.unnumbered(&format!("s{}", n / 2), SegmentOrigin::Recording(None), &format!("[{}]", n / 2));
        t.store.put_unnumbered_segment(segment)
    });
    let receipts = futures::future::join_all(puts).await;
    assert!(receipts.iter().all(Result::is_ok), "{receipts:?}");
    assert_eq!(t.numbers().await, (0..20).collect::<Vec<u32>>());
}

#[tokio::test]
async fn what_comes_late_opens_the_replay_and_what_comes_again_does_not() {
    let t = TestStore::new().await;
    let put = |identity, raw| t.put_unnumbered(identity, SegmentOrigin::Recording(None), raw);
    let close = || t.store.close_idle_replays(EpochMs::now().plus_ms(DAY_MS), 1000, 10);
    assert_eq!(put("a", "[1]").await.state, ReplayState::Open);
    assert_eq!(close().await.unwrap().len(), 1);
    assert_eq!(put("a", "[1]").await.state, ReplayState::Closed);
    assert_eq!(put("b", "[2]").await.state, ReplayState::Open);
    assert_eq!(close().await.unwrap().len(), 1);
    // One that can't be stored opens nothing.
    let large =
        UnnumberedSegment { replay_bytes_max: 6, ..t.unnumbered("c", SegmentOrigin::Recording(None), "[1,2,3]") };
    let receipt = t.store.put_unnumbered_segment(large).await.unwrap();
    assert!(matches!(receipt.only_outcome(), Some(PutOutcome::Rejected(..))));
    assert_eq!(receipt.state, ReplayState::Closed);
}

#[tokio::test]
async fn a_page_that_came_back_has_a_window_of_its_own() {
    let t = TestStore::new().await;
    for (identity, started, ended) in
        [("a", 100, 190), ("b", 200, 290), ("c", 100, 150), ("d", 100, 250), ("e", 300, 310)]
    {
        let page = PageSpan { page_started_at: EpochMs(started), segment_ended_at: EpochMs(ended) };
        let segment = t.unnumbered(identity, SegmentOrigin::Recording(None), &format!("[\"{identity}\"]"));
        t.store.put_unnumbered_segment(UnnumberedSegment { page: Some(page), ..segment }).await.unwrap();
    }
    let replay = t.store.replay_by_key(t.project, &"r1".parse().unwrap()).await.unwrap().unwrap();
    let segments = t.store.segments(replay.id).await.unwrap();
    let windows: Vec<_> = segments.iter().map(|segment| segment.window.as_deref()).collect();
    assert_eq!(windows, [None, None, None, Some("back-100"), None]);
}

#[tokio::test]
async fn events_lead_to_their_bugs_until_they_are_forgotten() {
    let t = TestStore::new().await;
    let (bug, _) = t.store.create_bug(t.bug("Broken")).await.unwrap();
    assert_eq!(t.store.bug_of_sdk_event(t.project, "sentry:1").await.unwrap(), None);
    t.store.remember_sdk_event(t.project, "sentry:1", bug.id).await.unwrap();
    t.store.remember_sdk_event(t.project, "sentry:1", playhead_schemas::BugId::new()).await.unwrap();
    assert_eq!(t.store.bug_of_sdk_event(t.project, "sentry:1").await.unwrap(), Some(bug.id));
    assert!(t.store.bug_of_sdk_event(t.project, &"x".repeat(201)).await.is_err());

    let key = "r1".parse().unwrap();
    assert_eq!(t.store.crumbs_until(t.project, &key).await.unwrap(), None);
    for (until, want) in [(5, 5), (9, 9), (7, 9)] {
        t.store.set_crumbs_until(t.project, &key, EpochMs(until)).await.unwrap();
        assert_eq!(t.store.crumbs_until(t.project, &key).await.unwrap(), Some(EpochMs(want)));
    }
    t.put_unnumbered("a", SegmentOrigin::Recording(None), "[1]").await;
    let now = EpochMs::now();
    assert_eq!(t.store.forget_old_sdk_uploads(now.plus_ms(29 * DAY_MS)).await.unwrap(), 0);
    assert_eq!(t.store.forget_old_sdk_uploads(now.plus_ms(31 * DAY_MS)).await.unwrap(), 3);
    assert_eq!(t.store.bug_of_sdk_event(t.project, "sentry:1").await.unwrap(), None);
    assert_eq!(
        t.put_unnumbered("b", SegmentOrigin::Recording(None), "[2]").await.only_outcome(),
        Some(&PutOutcome::Accepted)
    );
    assert_eq!(t.numbers().await, [0, 1]);
}
