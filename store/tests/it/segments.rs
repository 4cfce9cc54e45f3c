use futures::future::join_all;
use playhead_schemas::{EpochMs, ErrorCode, ProjectId, ReplayId, SegmentNo, Stream};
use playhead_store::{JobKind, PutOutcome, ReplayState, ReprocessFilter, SegmentPut, StoreError, TranscriptState};

use crate::support::{TestStore, clicks, decompressed, rejected};

#[tokio::test]
async fn every_stream_has_its_own_outcome() {
    let t = TestStore::new().await;
    let first = t.put("r1", 0, "one").await;
    assert_eq!(first.outcomes, [(Stream::Rrweb, PutOutcome::Accepted)]);
    let again = t.segment("r1", 0, &[(Stream::Console, "c"), (Stream::Rrweb, "one")]);
    let receipt = t.store.put_segment(again).await.unwrap();
    assert_eq!(receipt.replay, first.replay);
    assert_eq!(receipt.outcomes, [(Stream::Console, PutOutcome::Accepted), (Stream::Rrweb, PutOutcome::Duplicate)]);
    let other =
        t.store.put_segment(t.segment("r1", 0, &[(Stream::Rrweb, "two"), (Stream::Network, "n")])).await.unwrap();
    assert!(rejected(ErrorCode::Conflict)(&other.outcomes[0].1), "{other:?}");
    assert_eq!(other.outcomes[1].1, PutOutcome::Accepted);

    let t = t.reopen().await;
    let segments = t.store.segments(first.replay).await.unwrap();
    let streams: Vec<_> = segments.iter().map(|s| s.stream).collect();
    assert_eq!(streams, Stream::ALL);
    assert_eq!(decompressed(&t.store.read_segment(&segments[0]).await.unwrap()), "one");
    let replay = t.store.replay_by_key(t.project, &"r1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((replay.segments, replay.raw_bytes, replay.state), (3, 5, ReplayState::Open));
    assert_eq!(t.store.replay(first.replay).await.unwrap(), replay);
    assert_eq!(t.store.replay_by_key(ProjectId::new(), &"r1".parse().unwrap()).await.unwrap(), None);
}

#[tokio::test]
async fn of_two_callers_at_once_exactly_one_is_accepted() {
    let t = TestStore::new().await;
    for round in 0..5 {
        let same: Vec<_> = (0..8).map(|_| t.segment("same", round, &[(Stream::Rrweb, "x")])).collect();
        let receipts = join_all(same.into_iter().map(|put| t.store.put_segment(put))).await;
        let outcomes: Vec<_> = receipts.into_iter().map(|r| r.unwrap().outcomes[0].1.clone()).collect();
        assert_eq!(outcomes.iter().filter(|o| **o == PutOutcome::Accepted).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|o| **o == PutOutcome::Duplicate).count(), 7, "{outcomes:?}");

        let texts: Vec<String> = (0..8).map(|i| format!("bytes {i}")).collect();
        let puts = texts.iter().map(|text| t.store.put_segment(t.segment("other", round, &[(Stream::Rrweb, text)])));
        let receipts: Vec<_> = join_all(puts).await.into_iter().map(Result::unwrap).collect();
        let winners: Vec<usize> = (0..8).filter(|i| receipts[*i].outcomes[0].1 == PutOutcome::Accepted).collect();
        assert_eq!(winners.len(), 1);
        let stored = &t.store.segments(receipts[0].replay).await.unwrap()[round as usize];
        let text = decompressed(&t.store.read_segment(stored).await.unwrap());
        assert_eq!(text, texts[winners[0]], "the loser's bytes took the winner's place");
    }
    let replay = t.store.replay_by_key(t.project, &"same".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((replay.segments, replay.raw_bytes), (5, 5));
}

#[tokio::test]
async fn a_replay_has_a_limit_that_duplicates_do_not_meet() {
    let t = TestStore::new().await;
    let limited = |n, raw: &str| SegmentPut { replay_bytes_max: 10, ..t.segment("r", n, &[(Stream::Rrweb, raw)]) };
    assert_eq!(t.store.put_segment(limited(0, "12345678")).await.unwrap().outcomes[0].1, PutOutcome::Accepted);
    let over = t.store.put_segment(limited(1, "123")).await.unwrap();
    assert!(rejected(ErrorCode::PayloadTooLarge)(&over.outcomes[0].1), "{over:?}");
    assert_eq!(t.store.put_segment(limited(0, "12345678")).await.unwrap().outcomes[0].1, PutOutcome::Duplicate);
    assert_eq!(t.store.put_segment(limited(1, "12")).await.unwrap().outcomes[0].1, PutOutcome::Accepted);

    // The limit holds for uploads that race, too.
    let puts =
        (0..8).map(|n| t.store.put_segment(SegmentPut { replay: "race".parse().unwrap(), ..limited(n, "1234") }));
    let accepted =
        join_all(puts).await.into_iter().filter(|r| r.as_ref().unwrap().outcomes[0].1 == PutOutcome::Accepted);
    assert_eq!(accepted.count(), 2);
}

#[tokio::test]
async fn malformed_uploads_are_refused_whole() {
    let t = TestStore::new().await;
    let twice = t.segment("r", 0, &[(Stream::Rrweb, "a"), (Stream::Rrweb, "b")]);
    let empty = t.segment("r", 0, &[]);
    let high = t.segment("r", 100_000, &[(Stream::Rrweb, "a")]);
    let mut window = t.segment("r", 0, &[(Stream::Rrweb, "a")]);
    window.parts[0].window = Some("w".repeat(65));
    for (what, put) in [("twice", twice), ("empty", empty), ("high", high), ("window", window)] {
        assert!(matches!(t.store.put_segment(put).await, Err(StoreError::Invalid(_))), "{what}");
    }
    let foreign = SegmentPut { project: ProjectId::new(), ..t.segment("r", 0, &[(Stream::Rrweb, "a")]) };
    assert!(matches!(t.store.put_segment(foreign).await, Err(StoreError::NotFound("project"))));
    // A whole call that fails leaves the others of its group alone.
    let puts = (0..6).map(|n| {
        let put = t.segment("r", n, &[(Stream::Rrweb, "a")]);
        let project = if n % 2 == 0 { put.project } else { ProjectId::new() };
        t.store.put_segment(SegmentPut { project, ..put })
    });
    let results = join_all(puts).await;
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result.is_ok(), n % 2 == 0, "{result:?}");
    }
}

#[tokio::test]
async fn the_end_of_a_replay_asks_for_one_transcription() {
    let t = TestStore::new().await;
    t.put("r", 0, "a").await;
    assert_eq!(t.claim("w").await, None);
    let last = SegmentPut { is_final: true, ..t.segment("r", 1, &[(Stream::Rrweb, "b")]) };
    let receipt = t.store.put_segment(last.clone()).await.unwrap();
    assert_eq!(receipt.state, ReplayState::Closed);
    assert_eq!(t.store.put_segment(last).await.unwrap().outcomes[0].1, PutOutcome::Duplicate);
    t.put("r", 2, "late").await;
    assert_eq!(t.store.jobs_summary().await.unwrap().queued, 1);
    assert_eq!(t.store.replay(receipt.replay).await.unwrap().transcript, TranscriptState::Queued);

    let job = t.claim("w").await.unwrap();
    assert_eq!((job.kind, job.subject, job.project), (JobKind::Transcribe, receipt.replay.0, t.project));
    // What comes while it is transcribed is transcribed after it.
    t.put("r", 3, "later").await;
    assert_eq!(t.claim("w2").await, None);
    t.store.publish_transcript(receipt.replay, job.id, "w", &clicks(1), "s", 1).await.unwrap();
    assert_eq!(t.claim("w2").await.unwrap().subject, receipt.replay.0);
    assert_eq!(t.store.replay(receipt.replay).await.unwrap().transcript, TranscriptState::Ready);

    // A final segment without payload closes, and asks for nothing when there is nothing.
    let bare = SegmentPut { is_final: true, ..t.segment("bare", 0, &[]) };
    assert_eq!(t.store.put_segment(bare).await.unwrap().state, ReplayState::Closed);
    assert_eq!(t.claim("w3").await, None);
}

#[tokio::test]
async fn idle_replays_are_closed_once() {
    let t = TestStore::new().await;
    let replay = t.put("idle", 0, "a").await.replay;
    let now = EpochMs::now();
    assert!(t.store.close_idle_replays(now, 60_000, 10).await.unwrap().is_empty());
    let later = now.plus_ms(60_001);
    assert_eq!(t.store.close_idle_replays(later, 60_000, 10).await.unwrap(), [replay]);
    assert!(t.store.close_idle_replays(later, 60_000, 10).await.unwrap().is_empty());
    assert_eq!(t.store.jobs_summary().await.unwrap().queued, 1);
}

#[tokio::test]
async fn a_compacted_replay_reads_the_same() {
    // Every segment staged, every one an object, and some of both.
    for stage_bytes_max in [64 * 1024, 0, 24] {
        compacts(TestStore::staging(stage_bytes_max).await).await;
    }
}

async fn compacts(t: TestStore) {
    let texts: Vec<String> = (0..12).map(|n| format!("[{n}]").repeat(n as usize + 1)).collect();
    for (n, text) in (0..).zip(&texts) {
        t.put("r", n, text).await;
    }
    let replay = t.store.replay_by_key(t.project, &"r".parse().unwrap()).await.unwrap().unwrap().id;
    assert!(!t.store.compact_replay(replay).await.unwrap(), "an open replay still grows");
    let before = t.store.segments(replay).await.unwrap();
    t.store.close_idle_replays(EpochMs::now().plus_ms(10), 0, 10).await.unwrap();
    assert!(t.store.compact_replay(replay).await.unwrap());
    assert!(!t.store.compact_replay(replay).await.unwrap());
    t.put("r", 12, "late").await;
    let check = async |segments: &[playhead_store::SegmentMeta]| {
        for (segment, text) in segments.iter().zip(texts.iter().map(String::as_str).chain(["late"])) {
            assert_eq!(decompressed(&t.store.read_segment(segment).await.unwrap()), text);
        }
    };
    check(&before).await; // rows that were read before the switch
    assert_eq!(payloads(&t, replay).await[..12], texts);
    let after = t.store.segments(replay).await.unwrap();
    assert_eq!(after.len(), 13);
    check(&after).await;
    assert_eq!(payloads(&t, replay).await[12], "late");
    assert!(t.store.compact_replay(replay).await.unwrap());
    check(&t.store.segments(replay).await.unwrap()).await;
    let files = walk(&t.dir.path().join("objects"));
    assert_eq!(files.len(), 1, "the pieces are gone: {files:?}");
    assert_eq!(t.put("r", 3, &texts[3]).await.outcomes[0].1, PutOutcome::Duplicate);
}

async fn payloads(t: &TestStore, replay: ReplayId) -> Vec<String> {
    t.store.read_replay(replay).await.unwrap().iter().map(|(_, bytes)| decompressed(bytes)).collect()
}

#[tokio::test]
async fn a_part_of_a_stream_is_read_alone() {
    for stage_bytes_max in [64 * 1024, 0] {
        let t = TestStore::staging(stage_bytes_max).await;
        for n in 0..6 {
            let (events, lines) = (format!("[{n}]"), format!("line {n}"));
            let put = t.segment("r", n, &[(Stream::Rrweb, &events), (Stream::Console, &lines)]);
            t.store.put_segment(put).await.unwrap();
        }
        let replay = t.store.replay_by_key(t.project, &"r".parse().unwrap()).await.unwrap().unwrap().id;
        for is_compacted in [false, true] {
            if is_compacted {
                t.store.close_idle_replays(EpochMs::now().plus_ms(10), 0, 10).await.unwrap();
                assert!(t.store.compact_replay(replay).await.unwrap());
            }
            let numbers = SegmentNo(2)..=SegmentNo(4);
            let read = t.store.read_stream(replay, Stream::Console, numbers).await.unwrap();
            let read: Vec<_> = read.iter().map(|(s, bytes)| (s.n.0, s.stream, decompressed(bytes))).collect();
            assert_eq!(read, [2, 3, 4].map(|n| (n, Stream::Console, format!("line {n}"))), "{stage_bytes_max}");
        }
    }
}

#[tokio::test]
async fn an_object_that_is_lost_or_cut_is_named() {
    let t = TestStore::staging(0).await;
    let replay = t.put("r", 0, "one").await.replay;
    let objects = t.dir.path().join("objects");
    let path = walk(&objects).remove(0);
    let name = path.strip_prefix(&objects).unwrap().to_str().unwrap().to_owned();
    let segment = t.store.segments(replay).await.unwrap().remove(0);
    let whole = std::fs::read(&path).unwrap();
    for is_gone in [false, true] {
        std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
        if is_gone {
            std::fs::remove_file(&path).unwrap();
        }
        for error in [t.store.read_segment(&segment).await.unwrap_err(), t.store.read_replay(replay).await.unwrap_err()]
        {
            assert!(matches!(&error, StoreError::Lost { object } if *object == name), "{error}");
        }
    }
}

/// Runs a statement in the catalog's file, behind the back of a store that is closed meanwhile.
async fn change_file(t: TestStore, sql: &str) -> TestStore {
    t.store.close().await;
    let catalog = rusqlite::Connection::open(t.dir.path().join("catalog.sqlite")).unwrap();
    assert_eq!(catalog.execute(sql, []).unwrap(), 1, "{sql}");
    drop(catalog);
    t.reopen().await
}

#[tokio::test]
async fn a_flipped_bit_in_an_object_is_told() {
    let t = TestStore::staging(0).await;
    let replay = t.put("r", 0, &"one ".repeat(100)).await.replay;
    t.put("r", 1, "two").await;
    t.store.close_idle_replays(EpochMs::now().plus_ms(10), 0, 10).await.unwrap();
    let path = walk(&t.dir.path().join("objects")).remove(0);
    let whole = std::fs::read(&path).unwrap();
    for at in [0, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 4;
        std::fs::write(&path, damaged).unwrap();
        let read = t.store.read_replay(replay).await;
        assert!(matches!(read, Err(StoreError::Lost { .. })), "byte {at}: {read:?}");
        let compacted = t.store.compact_replay(replay).await;
        assert!(matches!(compacted, Err(StoreError::Lost { .. })), "byte {at}: {compacted:?}");
        let segments = t.store.segments(replay).await.unwrap();
        let one_by_one = join_all(segments.iter().map(|segment| t.store.read_segment(segment))).await;
        assert_eq!(one_by_one.iter().filter(|read| matches!(read, Err(StoreError::Lost { .. }))).count(), 1);
    }
    std::fs::write(&path, whole).unwrap();
    assert!(t.store.compact_replay(replay).await.unwrap());
    assert_eq!(payloads(&t, replay).await, ["one ".repeat(100), "two".to_owned()]);
}

#[tokio::test]
async fn damage_in_the_catalog_is_told_and_rows_of_earlier_versions_are_compared_by_their_content() {
    let mut t = TestStore::new().await;
    if playhead_store::test_catalog_url(t.dir.path()).is_some() {
        // The rows are changed in the file of the embedded catalog; what reads them is the same for both.
        return;
    }
    let replay = t.put("r", 0, "one").await.replay;
    t = change_file(t, "UPDATE segments SET stored_check = NULL").await;
    assert_eq!(payloads(&t, replay).await, ["one"]);
    t = change_file(t, "UPDATE segments SET sha256 = zeroblob(32)").await;
    assert!(matches!(t.store.read_replay(replay).await, Err(StoreError::Lost { .. })));
    let other = t.put("other", 0, "other").await.replay;
    t = change_file(t, "UPDATE staged_segments SET zstd = x'28b52ffd' WHERE replay = (SELECT id FROM replays WHERE full_key LIKE '%other')").await;
    let read = t.store.read_replay(other).await;
    assert!(matches!(&read, Err(StoreError::Lost { object }) if object.contains("segment 0 (rrweb)")), "{read:?}");
}

#[tokio::test]
async fn two_uploads_of_one_segment_leave_one_object() {
    let t = TestStore::staging(0).await;
    let puts = (0..8).map(|_| t.put("r", 0, "one"));
    let outcomes = join_all(puts).await.into_iter().map(|receipt| receipt.outcomes[0].1.clone());
    assert_eq!(outcomes.filter(|outcome| *outcome == PutOutcome::Accepted).count(), 1);
    assert_eq!(walk(&t.dir.path().join("objects")).len(), 1);
}

#[tokio::test]
async fn small_segments_are_no_objects_until_their_replay_ends() {
    let t = TestStore::staging(64).await;
    // Bytes that zstd can't make smaller.
    let large: String = (0..200u32).map(|i| char::from(33 + (i * i % 89) as u8)).collect();
    let small = t.put("r", 0, "small").await.replay;
    let objects = t.dir.path().join("objects");
    assert!(walk(&objects).is_empty());
    t.put("r", 1, &large).await;
    assert_eq!(walk(&objects).len(), 1);
    let t = t.reopen().await;
    assert_eq!(payloads(&t, small).await, ["small", &large]);
    t.store.close_idle_replays(EpochMs::now().plus_ms(10), 0, 10).await.unwrap();
    assert!(t.store.compact_replay(small).await.unwrap());
    assert_eq!(payloads(&t, small).await, ["small", &large]);
    assert_eq!(walk(&objects).len(), 1);
}

#[tokio::test]
async fn replays_are_found_for_reprocessing() {
    let t = TestStore::new().await;
    let (a, b) = (t.closed_replay("a").await, t.closed_replay("b").await);
    let bug = playhead_store::NewBug { replay: Some("b".parse().unwrap()), ..t.bug("x") };
    let (bug, _) = t.store.create_bug(bug).await.unwrap();
    let job = t.claim("w").await.unwrap();
    assert_eq!(job.subject, a.0);
    t.store.publish_transcript(a, job.id, "w", &clicks(1), "s", 1).await.unwrap();
    let version = playhead_schemas::timeline::TRANSCRIBER_VERSION;
    let all = ReprocessFilter::default();
    let (mut both, later) = (vec![a, b], EpochMs::now().plus_ms(60_000));
    both.sort();
    for (what, filter, want) in [
        ("all", all.clone(), both.clone()),
        ("project", ReprocessFilter { project: Some(t.project), ..all.clone() }, both.clone()),
        ("foreign", ReprocessFilter { project: Some(ProjectId::new()), ..all.clone() }, vec![]),
        ("since", ReprocessFilter { since: Some(later), ..all.clone() }, vec![]),
        ("bug", ReprocessFilter { bug: Some(bug.id), ..all.clone() }, vec![b]),
        ("same version", ReprocessFilter { below_version: Some(version), ..all.clone() }, vec![b]),
        ("next version", ReprocessFilter { below_version: Some(version + 1), ..all.clone() }, both.clone()),
    ] {
        assert_eq!(t.store.replays_matching(filter, None, 10).await.unwrap(), want, "{what}");
    }
    assert_eq!(t.store.replays_matching(all, Some(both[0]), 10).await.unwrap(), both[1..]);
}

fn walk(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}
