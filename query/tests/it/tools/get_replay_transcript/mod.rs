//! `get_replay_transcript`: the summary, every moment by pages, narrowed by what the caller asks for.

mod focus;
mod names;
mod size;

use playhead_schemas::Stream;
use serde_json::json;

use crate::data::{self, SUMMARY, clicks, coupon_timeline, transcribed};
use crate::support::{Called, Form, TestServer, walk};

/// The lines of a page that are whole; one that is only begun stands on the next page again.
fn whole(page: &Called) -> impl Iterator<Item = &str> {
    let lines = page.data()["untrusted"].as_array().unwrap().iter().map(|line| line.as_str().unwrap());
    lines.filter(|line| !line.ends_with("[whole on the next page]"))
}

#[tokio::test]
async fn the_transcript_of_a_replay_is_read() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let caller = server.reader().await;

    let summary = caller.call("get_replay_transcript", json!({"bug_id": bug})).await;
    assert_eq!(summary.data()["untrusted"], json!(SUMMARY.lines().collect::<Vec<_>>()));
    assert!(summary.text().contains(SUMMARY), "{}", summary.text());
    assert_eq!(summary.data()["moments"], 8);

    let detailed = caller.call("get_replay_transcript", json!({"replay_id": replay, "verbosity": "detailed"})).await;
    let lines: Vec<String> = coupon_timeline()
        .moments
        .iter()
        .map(|moment| format!("{} {} {}", moment.id, playhead_schemas::clock::offset_label(moment.t_ms), moment.text))
        .collect();
    assert_eq!(detailed.data()["untrusted"], json!(lines));
    assert!(detailed.text().contains(&lines.join("\n")));
    assert_eq!(detailed.cursor(), None);
}

#[tokio::test]
async fn the_transcript_is_narrowed() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let caller = server.reader().await;
    for (narrow, want) in [
        (json!({"from": 9_005}), vec!["m4", "m5", "m6", "m7", "m8"]),
        (json!({"from": "00:09.0", "to": "00:15"}), vec!["m3", "m4"]),
        (json!({"kinds": ["error", "console"]}), vec!["m4", "m7"]),
        (json!({"to": "00:01"}), vec!["m1"]),
        (json!({"kinds": ["drag"]}), vec![]),
    ] {
        let mut arguments = narrow.clone();
        arguments["bug_id"] = json!(bug);
        let called = caller.call("get_replay_transcript", arguments).await;
        let ids: Vec<&str> = called.data()["untrusted"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap().split(' ').next().unwrap())
            .collect();
        assert_eq!(ids, want, "{narrow}");
    }
}

#[tokio::test]
async fn a_replay_without_transcript_says_what_it_waits_for() {
    let server = TestServer::new().await;
    let caller = server.reader().await;
    let queued = data::upload(&server.store, server.shop, "queued", &[(Stream::Rrweb, b"[]")]).await;
    let (bug, _) = server.store.create_bug(data::full_bug(server.shop, "never-uploaded")).await.unwrap();
    for (arguments, state) in [(json!({"replay_id": queued}), "queued"), (json!({"bug_id": bug.id}), "empty")] {
        let called = caller.call("get_replay_transcript", arguments).await;
        assert_eq!(called.data()["state"], state);
        assert!(called.text().contains(called.data()["note"].as_str().unwrap()));
    }
    let context = caller.call("get_bug_context", json!({"bug_id": bug.id})).await;
    assert!(context.text().contains("No recording was uploaded"), "{}", context.text());
    let prompt = caller.call("generate_fix_prompt", json!({"bug_id": bug.id})).await;
    assert!(prompt.text().contains("has no transcript"), "{}", prompt.text());
}

#[tokio::test]
async fn each_moment_is_on_one_page() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(1_234), "s").await;
    let caller = server.reader().await;
    for max_tokens in [2_000, 7_000, 25_000] {
        let arguments = json!({"bug_id": bug, "verbosity": "detailed", "max_tokens": max_tokens});
        let pages = walk(&caller, Form::Rest, "get_replay_transcript", arguments).await;
        let ids: Vec<String> =
            pages.iter().flat_map(whole).map(|line| line.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(ids, (1..=1_234).map(|id| format!("m{id}")).collect::<Vec<_>>(), "{max_tokens}");
        for page in &pages {
            assert!(page.tokens() <= max_tokens, "{} of {max_tokens}", page.tokens());
        }
        // Pages are filled: none but the last is more than 2 % smaller than it may be.
        for page in &pages[..pages.len() - 1] {
            assert!(page.tokens() * 100 >= max_tokens * 98, "{} of {max_tokens}", page.tokens());
        }
    }
}

#[tokio::test]
async fn narrowed_transcripts_are_walked_too() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &clicks(900), "s").await;
    let arguments = json!({"bug_id": bug, "from": 100_000, "to": 800_000, "kinds": ["click"], "max_tokens": 3_000});
    let pages = walk(&server.reader().await, Form::Rest, "get_replay_transcript", arguments).await;
    assert_eq!(pages.iter().flat_map(whole).count(), 700);
    assert!(pages.len() > 3);
}
