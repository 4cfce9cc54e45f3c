//! `get_bug_context`: what one needs first about a bug.

use serde_json::{Value, json};

use crate::data::{SUMMARY, coupon_timeline, transcribed};
use crate::support::TestServer;

#[tokio::test]
async fn the_context_of_a_bug_has_what_one_needs_first() {
    let server = TestServer::new().await;
    let (bug, replay) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    let called = server.reader().await.call("get_bug_context", json!({"bug_id": bug})).await;
    for part in [
        "Coupon field throws",
        "I typed SAVE10",
        "URL: https://shop.example.com/cart",
        "viewport: 1280 x 720 at 2x",
        "uncaught_error: TypeError: rate is undefined [m4], after [m3]",
        "http_error: POST /api/pay answered 500 [m6], after [m5], related [m7]",
        "m4 00:09.0 error TypeError",
        "m7 00:15.2 console error",
        "The user applied a coupon",
        "Requests were not captured: absent requests prove nothing.",
        "The recorder masked some values",
        "1 screenshot, 1 attachment, 0 comments, 2 cookies.",
        "generate_fix_prompt",
        &replay.to_string(),
    ] {
        assert!(called.text().contains(part), "{part:?} in {}", called.text());
        let escaped = Value::from(part).to_string();
        let in_json = called.data().to_string().contains(escaped.trim_matches('"'));
        assert!(in_json, "{part:?} in {}", called.data());
    }
    assert!(!called.text().contains("s3cr3t"));
}
