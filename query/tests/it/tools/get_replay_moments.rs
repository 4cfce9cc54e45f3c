//! `get_replay_moments`: moments whole, by their ids.

use playhead_schemas::timeline::{Change, Outcome, Subject};
use playhead_schemas::{MomentKind, Timeline};
use serde_json::{Value, json};

use crate::data::{self, SUMMARY, coupon_timeline, moment, transcribed};
use crate::support::TestServer;

#[tokio::test]
async fn moments_are_expanded() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let arguments = json!({"bug_id": bug, "ids": ["m6", "m4", "m4", "m99"]});
    let called = server.reader().await.call("get_replay_moments", arguments).await;
    let timeline = coupon_timeline();
    assert_eq!(called.data()["untrusted"], json!([timeline.moments[3], timeline.moments[5]]));
    assert_eq!(called.data()["missing"], json!(["m99"]));
    assert!(called.text().contains("no card processor"));
}

#[tokio::test]
async fn runs_of_moments_are_expanded() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), "s").await;
    let caller = server.reader().await;
    for (asked, want) in [
        (json!(["m2-m4"]), vec![2, 3, 4]),
        (json!(["m2–m3", "m3..m5", "m1"]), vec![1, 2, 3, 4, 5]),
        (json!(["m8-m12"]), vec![8]),
    ] {
        let called = caller.call("get_replay_moments", json!({"bug_id": bug, "ids": asked})).await;
        let moments = called.data()["untrusted"].as_array().unwrap();
        let got: Vec<&str> = moments.iter().map(|moment| moment["id"].as_str().unwrap()).collect();
        let want: Vec<String> = want.iter().map(|id| format!("m{id}")).collect();
        assert_eq!(got, want, "{asked}");
    }
    for asked in [json!(["m1-m101"]), json!(["m1-m4294967295", "m1-m4294967295"]), json!(["m3-m2"]), json!([])] {
        let refused = caller.refused("get_replay_moments", json!({"bug_id": bug, "ids": asked})).await;
        assert_eq!(refused.code, "INVALID_INPUT", "{asked}");
    }
}

#[tokio::test]
async fn one_huge_moment_is_shown_in_part_and_said_to_be() {
    let server = TestServer::new().await;
    let mut huge = moment(1, MomentKind::Console, 0, "console log \"much\"");
    huge.message = Some("word ".repeat(200_000));
    let appeared = |at: usize| Change::Appeared { what: Subject::Text { text: format!("row {at}") } };
    let changes = (0..10_000).map(|at| appeared(at).into()).collect();
    huge.outcome = Some(Outcome { changes, ..Outcome::default() });
    let timeline = Timeline { moments: vec![huge, moment(2, MomentKind::Click, 5, "click")], ..Timeline::default() };
    let (bug, _) = data::transcribed(&server.store, server.shop, &timeline, "s").await;
    let caller = server.reader().await;
    let called =
        caller.call("get_replay_moments", json!({"bug_id": bug, "ids": ["m1", "m2"], "max_tokens": 2_000})).await;
    let moments = called.data()["untrusted"].as_array().unwrap();
    assert_eq!(moments[0]["id"], "m1");
    assert!(moments[0]["message"].as_str().unwrap().ends_with('…'));
    assert!(called.data()["note"].as_str().unwrap().contains("get_replay_raw"));
    let shown = moments.len() + called.data()["remaining"].as_array().map_or(0, Vec::len);
    assert_eq!(shown, 2, "{}", Value::from(called.text()));
}
