use playhead_schemas::timeline::{Failure, FailureKind, Level, Request, Span};
use playhead_schemas::{ErrorCode, MomentId, MomentKind, ReplayId, Timeline};
use playhead_store::{MomentQuery, NewBug, StoreError};

use crate::support::{TestStore, clicks, moment};

fn sample() -> Timeline {
    let mut error = moment(3, MomentKind::Error, 2000, 2000);
    (error.level, error.message) = (Some(Level::Error), Some("x is not a function".into()));
    let mut request = moment(4, MomentKind::Request, 2500, 9000);
    request.request =
        Some(Request { method: "POST".into(), url: "/api/pay".into(), status: Some(500), ..Request::default() });
    let failure = Failure {
        kind: FailureKind::UncaughtError,
        title: "x is not a function".into(),
        moment: MomentId(3),
        action: Some(MomentId(2)),
        related: vec![],
        count: 1,
        contrast: None,
        tries: Vec::new(),
    };
    let mut click = moment(2, MomentKind::Click, 1000, 1000);
    click.units = vec![Span { start: 0, len: 7 }, Span { start: 6, len: 1 }];
    Timeline {
        moments: vec![
            moment(1, MomentKind::PageLoad, 0, 900),
            click,
            error,
            request,
            moment(5, MomentKind::Click, 9000, 9000),
        ],
        failures: vec![failure],
        ..Timeline::default()
    }
}

#[tokio::test]
async fn a_transcript_is_read_by_the_page() {
    let t = TestStore::new().await;
    let replay = t.closed_replay("r").await;
    assert!(t.store.transcript(replay).await.unwrap().is_none());
    assert!(t.store.transcript_page(replay, &MomentQuery::default()).await.unwrap().is_none());
    t.publish(replay, &sample(), "a summary").await;
    let t = t.reopen().await;
    let transcript = t.store.transcript(replay).await.unwrap().unwrap();
    assert_eq!((transcript.summary.as_str(), transcript.moments), ("a summary", 5));
    assert_eq!(transcript.failures, sample().failures);
    let all = MomentQuery { limit: 100, ..MomentQuery::default() };
    for (what, query, want) in [
        ("all", all.clone(), vec![1, 2, 3, 4, 5]),
        ("from cuts what ended before", MomentQuery { from_ms: Some(2000), ..all.clone() }, vec![3, 4, 5]),
        ("from keeps what lasts", MomentQuery { from_ms: Some(8000), ..all.clone() }, vec![4, 5]),
        ("to is exclusive", MomentQuery { to_ms: Some(2000), ..all.clone() }, vec![1, 2]),
        ("kinds", MomentQuery { kinds: vec![MomentKind::Click], ..all.clone() }, vec![2, 5]),
        ("after", MomentQuery { after: Some(MomentId(3)), ..all.clone() }, vec![4, 5]),
        ("limit", MomentQuery { limit: 2, ..all.clone() }, vec![1, 2]),
        ("far", MomentQuery { from_ms: Some(u64::MAX), ..all.clone() }, vec![]),
    ] {
        let (_, lines) = t.store.transcript_page(replay, &query).await.unwrap().unwrap();
        assert_eq!(lines.iter().map(|l| l.id.0).collect::<Vec<_>>(), want, "{what}");
    }
    let (_, lines) = t.store.transcript_page(replay, &all).await.unwrap().unwrap();
    assert_eq!((lines[3].t_ms, lines[3].kind, lines[3].text.as_str()), (2500, MomentKind::Request, "request 4"));
    assert_eq!(lines[1].units, sample().moments[1].units);
    assert!(lines[3].units.is_empty());
    let click = t.store.moments_by_id(replay, &[MomentId(2)]).await.unwrap();
    assert!(click[0].text == "click 2" && click[0].units.is_empty());
}

#[tokio::test]
async fn whole_moments_come_back_as_they_were() {
    let t = TestStore::new().await;
    let replay = t.closed_replay("r").await;
    t.publish(replay, &sample(), "s").await;
    let ids = [MomentId(4), MomentId(3), MomentId(99)];
    assert_eq!(t.store.moments_by_id(replay, &ids).await.unwrap(), sample().moments[2..4]);
    assert!(t.store.moments_by_id(replay, &[]).await.unwrap().is_empty());
    assert!(t.store.moments_by_id(ReplayId::new(), &ids).await.unwrap().is_empty());
    let many = vec![MomentId(1); 1001];
    assert!(matches!(t.store.moments_by_id(replay, &many).await, Err(StoreError::Invalid(_))));
}

#[tokio::test]
async fn a_newer_transcript_takes_the_place_of_the_old_one() {
    let t = TestStore::new().await;
    let replay = t.closed_replay("r").await;
    let mut generation = None;
    for (count, summary) in [(5, "first"), (3, "second"), (0, "third"), (2000, "fourth")] {
        t.publish(replay, &clicks(count), summary).await;
        let query = MomentQuery { limit: 1000, after: None, ..MomentQuery::default() };
        let (transcript, lines) = t.store.transcript_page(replay, &query).await.unwrap().unwrap();
        assert_eq!(transcript.summary, summary);
        assert_eq!((transcript.moments, lines.len()), (count, count.min(1000) as usize));
        assert!(Some(transcript.generation) > generation);
        generation = Some(transcript.generation);
    }
}

#[tokio::test]
async fn only_the_holder_of_the_job_publishes() {
    let t = TestStore::new().await;
    let replay = t.closed_replay("r").await;
    let other = t.closed_replay("other").await;
    let job = t.claim("w").await.unwrap();
    assert_eq!(job.subject, replay.0);
    for (what, replay, worker) in [("a stranger", replay, "x"), ("for another replay", other, "w")] {
        let error = t.store.publish_transcript(replay, job.id, worker, &clicks(9), "s", 1).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Conflict, "{what}");
        assert!(t.store.transcript(replay).await.unwrap().is_none(), "{what}");
    }
    t.store.publish_transcript(replay, job.id, "w", &clicks(1), "s", 1).await.unwrap();
    let again = t.store.publish_transcript(replay, job.id, "w", &clicks(2), "again", 1).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))));
    assert_eq!(t.store.transcript(replay).await.unwrap().unwrap().summary, "s");
}

#[tokio::test]
async fn readers_never_see_half_a_transcript() {
    let t = TestStore::new().await;
    let replay = t.closed_replay("r").await;
    t.publish(replay, &clicks(1), "1").await;
    let reader = {
        let store = t.store.clone();
        tokio::spawn(async move {
            let query = MomentQuery { limit: 1000, ..MomentQuery::default() };
            let mut seen = std::collections::BTreeSet::new();
            while seen.last() != Some(&40) {
                let (transcript, lines) = store.transcript_page(replay, &query).await.unwrap().unwrap();
                assert_eq!(transcript.summary, lines.len().to_string());
                seen.insert(lines.len());
            }
        })
    };
    for count in 2..=40 {
        t.publish(replay, &clicks(count), &count.to_string()).await;
    }
    reader.await.unwrap();
}

#[tokio::test]
async fn a_bug_shows_the_failure_of_its_replay() {
    let t = TestStore::new().await;
    let (bug, _) = t.store.create_bug(NewBug { replay: Some("r".parse().unwrap()), ..t.bug("pay") }).await.unwrap();
    let replay = t.closed_replay("r").await;
    assert_eq!(bug.replay, Some(replay));
    assert_eq!(t.store.bug_of_replay(replay).await.unwrap(), Some(bug.id));
    t.publish(replay, &sample(), "it broke at the till").await;
    let query = playhead_store::BugQuery {
        projects: vec![t.project],
        text: Some("AT THE TILL".into()),
        limit: 10,
        ..Default::default()
    };
    let rows = t.store.bugs(query).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].failure_title.as_deref(), Some("x is not a function"));
}
