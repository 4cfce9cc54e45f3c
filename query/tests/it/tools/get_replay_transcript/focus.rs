//! The surroundings of one place: whole near it, folded far from it, nothing lost between.

use playhead_schemas::timeline::{FailureKind, Page};
use playhead_schemas::{MomentKind, Timeline, WindowNo};
use serde_json::{Value, json};

use crate::data::{clicks, coupon_timeline, failure, moment, transcribed};
use crate::support::{Called, Caller, TestServer};

/// What a line that is only begun ends with.
const BEGUN: &str = "[whole on the next page]";

fn lines(called: &Called) -> Vec<String> {
    called.data()["untrusted"].as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
}

/// The moments that a line tells: one, or a run of them.
fn ids(line: &str) -> (u32, u32) {
    let word = line.split(' ').next().unwrap();
    let (first, last) = word.split_once('–').unwrap_or((word, word));
    let number = |id: &str| id.strip_prefix('m').unwrap().parse().unwrap();
    (number(first), number(last))
}

/// The moments that are told whole.
fn whole(called: &Called) -> Vec<u32> {
    let told = lines(called).into_iter().filter(|line| line.contains("button \"Item") && !line.ends_with(BEGUN));
    told.map(|line| ids(&line).0).collect()
}

/// Every moment from the first to the last is in one line, in order.
fn covers(called: &Called, moments: u32) {
    let mut next = 1;
    for line in lines(called) {
        let (first, last) = ids(&line);
        assert!(first == next && last >= first, "{line:?} where m{next} was due in {}", called.text());
        next = last + 1;
    }
    assert_eq!(next, moments + 1, "{}", called.text());
}

async fn focused(caller: &Caller, bug: impl std::fmt::Display, focus: Value, more: Value) -> Called {
    let mut arguments = json!({"bug_id": bug.to_string(), "focus": focus});
    arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    caller.call("get_replay_transcript", arguments).await
}

#[tokio::test]
async fn what_fits_is_told_whole() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), "s").await;
    let caller = server.reader().await;
    let detailed = caller.call("get_replay_transcript", json!({"bug_id": bug, "verbosity": "detailed"})).await;
    for focus in [json!("m4"), json!("m1"), json!("m8"), json!("00:09.0"), json!(0), json!(99_999_999)] {
        let called = focused(&caller, bug, focus.clone(), json!({})).await;
        assert_eq!(lines(&called), lines(&detailed), "{focus}");
        assert_eq!((called.cursor(), called.data().get("note")), (None, None), "{focus}");
    }
}

#[tokio::test]
async fn near_is_whole_and_far_is_folded() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(1_000), "s").await;
    let caller = server.reader().await;
    for (focus, at) in [
        (json!("m500"), 500),
        (json!("m1"), 1),
        (json!("m1000"), 1_000),
        (json!("08:20"), 500),
        (json!(500_999), 500),
        (json!("0:00"), 1),
        (json!("9:59:59"), 1_000),
    ] {
        for max_tokens in [2_000, 9_000] {
            let called = focused(&caller, bug, focus.clone(), json!({"max_tokens": max_tokens})).await;
            covers(&called, 1_000);
            let told = whole(&called);
            assert!(told.contains(&at) && told.len() >= 12, "{focus}: {told:?}");
            // As much is told on both sides, where there is as much.
            let (before, after) = (at - told[0], told[told.len() - 1] - at);
            let even = before.abs_diff(after) <= 2 || told[0] == 1 || told[told.len() - 1] == 1_000;
            assert!(even, "{focus}: {before} before, {after} after");
            let folds = lines(&called).iter().filter(|line| line.contains("–")).count();
            assert!((1..=2).contains(&folds), "{}", called.text());
            assert!(called.text().contains("pass the ends of a run as from and to"), "{}", called.text());
        }
    }
}

#[tokio::test]
async fn the_next_pages_go_on_outward() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(700), "s").await;
    let caller = server.reader().await;
    let mut called = focused(&caller, bug, json!("m300"), json!({"max_tokens": 6_000})).await;
    let mut told = whole(&called);
    let mut pages = 1;
    while let Some(cursor) = called.cursor() {
        let more = json!({"max_tokens": 6_000, "cursor": cursor});
        called = focused(&caller, bug, json!("m300"), more).await;
        covers(&called, 700);
        assert!(called.text().contains(" on the pages before"), "{}", called.text());
        told.extend(whole(&called));
        pages += 1;
    }
    told.sort_unstable();
    assert_eq!(told, (1..=700).collect::<Vec<_>>(), "{pages} pages");
    assert!(pages > 3);
}

#[tokio::test]
async fn pages_and_failures_stand_in_what_is_folded() {
    let server = TestServer::new().await;
    let mut timeline: Timeline = clicks(900);
    timeline.moments[99] = moment(100, MomentKind::Error, 100_000, "uncaught error: boom");
    timeline.moments[699] = moment(700, MomentKind::Navigate, 700_000, "navigate to /thanks");
    timeline.failures = vec![failure(FailureKind::UncaughtError, "boom", 100, None, &[])];
    let url = "https://shop.example.com/thanks".to_owned();
    timeline.replay.pages = vec![Page { window: WindowNo(1), t_ms: 700_000, url, title: None }];
    let (bug, _) = transcribed(&server.store, server.shop, &timeline, "s").await;
    let called = focused(&server.reader().await, bug, json!("m400"), json!({"max_tokens": 8_000})).await;
    covers(&called, 900);
    let all = lines(&called);
    for line in [
        "m1–m99 00:01.0–01:39.0 99 clicks",
        "m100 01:40.0 failed: boom",
        "m700 11:40.0 navigate to https://shop.example.com/thanks",
        "m701–m900 11:41.0–15:00.0 200 clicks",
    ] {
        assert!(all.iter().any(|told| told == line), "{line:?} in {}", called.text());
    }
    // A fold's ids are taken as they stand.
    let narrowed = json!({"bug_id": bug, "from": "m701", "to": "m703"});
    let called = server.reader().await.call("get_replay_transcript", narrowed).await;
    assert_eq!(whole(&called), [701, 702, 703]);
}

#[tokio::test]
async fn places_that_are_none_are_refused() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), "s").await;
    let caller = server.reader().await;
    for (more, part) in [
        (json!({"focus": "m9"}), "it has 8 moments"),
        (json!({"focus": "m0"}), "it has 8 moments"),
        (json!({"focus": "m4", "kinds": ["click"]}), "focus"),
        (json!({"focus": "m4", "from": 1}), "focus"),
        (json!({"focus": "m4", "verbosity": "summary"}), "focus"),
        (json!({"focus": "soon"}), "m17"),
        (json!({"from": "m5", "to": "m4"}), "from"),
    ] {
        let mut arguments = more.clone();
        arguments["bug_id"] = json!(bug);
        let refused = caller.refused("get_replay_transcript", arguments).await;
        assert_eq!(refused.code, "INVALID_INPUT", "{more}");
        assert!(refused.message.contains(part), "{more}: {}", refused.message);
    }
}
