//! Two nodes over one PostgreSQL: what happens once on one node happens once on both. Runs when
//! `PLAYHEAD_TEST_CATALOG_URL` is set; the embedded catalog has one node.

use std::collections::BTreeSet;

use futures::future::join_all;
use playhead_schemas::oauth::CodeDecision;
use playhead_schemas::{EpochMs, MemberId, Scope, Stream};
use playhead_store::{
    Counted, Counter, Exchange, NewCode, NewToken, PutOutcome, SegmentPut, Store, StoreConfig, TokenLifetimes,
};

use crate::support::{TestStore, clicks, config};

const LIFETIMES: TokenLifetimes = TokenLifetimes { access_ms: 60_000, refresh_ms: 600_000 };

/// A store, and another one over the same catalog and the same objects.
async fn two_nodes() -> Option<(TestStore, Store)> {
    let t = TestStore::new().await;
    let config = config(t.dir.path());
    config.catalog_url.as_ref()?;
    let objects = url::Url::from_directory_path(t.dir.path().join("objects")).unwrap();
    let data_dir = t.dir.path().join("other node");
    let other = StoreConfig { objects_url: Some(objects.into()), data_dir, ..config };
    Some((t, Store::open(other).await.unwrap()))
}

#[tokio::test]
async fn a_segment_is_counted_once_wherever_it_comes() {
    let Some((t, other)) = two_nodes().await else { return };
    let both = |n| {
        let (put, again) = (t.segment("r", n, &[(Stream::Rrweb, "[1]")]), t.segment("r", n, &[(Stream::Rrweb, "[1]")]));
        futures::future::join(t.store.put_segment(put), other.put_segment(again))
    };
    let mut accepted = 0;
    for (here, there) in join_all((0..30).map(both)).await {
        let outcomes = [here.unwrap().outcomes[0].1.clone(), there.unwrap().outcomes[0].1.clone()];
        assert!(outcomes.contains(&PutOutcome::Accepted), "{outcomes:?}");
        accepted += outcomes.iter().filter(|outcome| **outcome == PutOutcome::Accepted).count();
    }
    let replay = t.store.replay_by_key(t.project, &"r".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((accepted, replay.segments, replay.raw_bytes), (30, 30, 90));
    assert_eq!(other.segments(replay.id).await.unwrap().len(), 30);
}

#[tokio::test]
async fn a_job_is_claimed_by_one_node_and_published_once() {
    let Some((t, other)) = two_nodes().await else { return };
    let mut replays = BTreeSet::new();
    for i in 0..20 {
        replays.insert(t.closed_replay(&format!("r{i}")).await.0);
    }
    let work = async |store: &Store, worker: &str| {
        let mut done = Vec::new();
        while let Some(job) = store.claim_job(worker, EpochMs::now(), 60_000).await.unwrap() {
            let replay = playhead_schemas::ReplayId(job.subject);
            store.publish_transcript(replay, job.id, worker, &clicks(3), worker, 1).await.unwrap();
            store.compact_replay(replay).await.unwrap();
            done.push(job.subject);
        }
        done
    };
    let (here, there) = tokio::join!(work(&t.store, "here"), work(&other, "there"));
    assert_eq!(here.len() + there.len(), 20);
    assert_eq!(here.iter().chain(&there).copied().collect::<BTreeSet<_>>(), replays);
    for (replay, summary) in here.iter().map(|id| (id, "here")).chain(there.iter().map(|id| (id, "there"))) {
        let replay = playhead_schemas::ReplayId(*replay);
        for store in [&t.store, &other] {
            assert_eq!(store.transcript(replay).await.unwrap().unwrap().summary, summary);
            let segments = store.segments(replay).await.unwrap();
            assert_eq!(crate::support::decompressed(&store.read_segment(&segments[0]).await.unwrap()), "[]");
        }
    }
}

#[tokio::test]
async fn a_job_of_one_node_wakes_the_workers_of_the_other() {
    let Some((t, other)) = two_nodes().await else { return };
    let wakeup = other.job_wakeup();
    // Used up: the one for what came before the node listened.
    while other.claim_job("w", EpochMs::now(), 0).await.unwrap().is_some() {}
    t.store.put_segment(SegmentPut { is_final: true, ..t.segment("r", 0, &[(Stream::Rrweb, "[]")]) }).await.unwrap();
    loop {
        wakeup.notified().await;
        if other.claim_job("w", EpochMs::now(), 60_000).await.unwrap().is_some() {
            break;
        }
    }
}

#[tokio::test]
async fn a_code_is_redeemed_on_one_node_alone() {
    let Some((t, other)) = two_nodes().await else { return };
    let (now, workspace) = (EpochMs::now(), t.store.default_workspace().await.unwrap().id);
    for _ in 0..10 {
        let code = NewCode {
            workspace,
            member: MemberId::new(),
            project: None,
            scopes: vec![Scope::BugsRead],
            client_id: "client".into(),
            client_name: "Client".into(),
            redirect_uri: "http://127.0.0.1/".into(),
            challenge: "c".into(),
            resource: "http://127.0.0.1/mcp".into(),
            expires_at: now.plus_ms(60_000),
        };
        let secret = t.store.create_code(code, now).await.unwrap();
        let redeem = |store: &Store| {
            let (store, secret) = (store.clone(), secret.expose().to_owned());
            async move {
                let decide = |facts: &playhead_schemas::oauth::CodeFacts| match facts.redeemed_at {
                    None => CodeDecision::Redeem,
                    Some(_) => CodeDecision::Refuse("redeemed"),
                };
                store.redeem_code(&secret, now, LIFETIMES, decide).await.unwrap()
            }
        };
        let exchanges = join_all([&t.store, &other, &t.store, &other].map(redeem)).await;
        let issued = exchanges.iter().filter(|exchange| matches!(exchange, Exchange::Issued(_))).count();
        assert_eq!(issued, 1, "{exchanges:?}");
    }
}

#[tokio::test]
async fn a_token_that_one_node_revokes_is_refused_by_the_other() {
    let Some((t, other)) = two_nodes().await else { return };
    let new = NewToken {
        workspace: t.store.default_workspace().await.unwrap().id,
        projects: None,
        scopes: vec![Scope::BugsRead],
        label: "l".into(),
        expires_at: None,
        actor: None,
        bound_project: None,
    };
    let (token, secret) = t.store.create_token(new).await.unwrap();
    // Cached once the other node hears us.
    while other.cached_token(secret.expose()).is_none() {
        assert!(other.token_by_secret(secret.expose()).await.unwrap().is_some());
    }
    t.store.revoke_token(token.id).await.unwrap();
    assert!(t.store.cached_token(secret.expose()).is_none());
    // The message is on its way.
    while other.cached_token(secret.expose()).is_some() {
        tokio::task::yield_now().await;
    }
    assert!(other.token_by_secret(secret.expose()).await.unwrap().is_none());
}

#[tokio::test]
async fn uses_are_summed_up() {
    let Some((t, other)) = two_nodes().await else { return };
    let counter = Counter::ProjectDay(t.project);
    for _ in 0..3 {
        assert!(matches!(t.store.count(counter, 1, 10), Counted::Within(_)));
    }
    // Reading the audit log writes what is buffered.
    write_buffered(&t.store).await;
    assert_eq!(other.count(counter, 1, 10), Counted::Within(1), "not known here yet");
    write_buffered(&other).await;
    assert_eq!(other.counted(counter, 1), 4);
}

async fn write_buffered(store: &Store) {
    store.audit_entries(Default::default(), None, 1).await.unwrap();
}
