//! `get_bug`: the report as it was sent.

use playhead_store::{Author, NewComment};
use serde_json::{Value, json};

use crate::data::{self, SUMMARY, coupon_timeline, transcribed};
use crate::support::{Form, TestServer, walk};

#[tokio::test]
async fn a_bug_is_given_as_it_was_sent() {
    let server = TestServer::new().await;
    let (bug, _) = transcribed(&server.store, server.shop, &coupon_timeline(), SUMMARY).await;
    server.store.add_comment(NewComment::new(bug, Author::named("Grace"), "I see it too.")).await.unwrap();
    let called = server.reader().await.call("get_bug", json!({"bug_id": bug})).await;
    let report = &called.data()["untrusted"];
    assert_eq!(report["reporter"], "Ada, ada@example.com");
    assert_eq!(report["tags"], json!(["checkout", "coupon"]));
    let parts = report["parts"].as_array().unwrap();
    assert_eq!(parts[0]["text"], "I typed SAVE10 and pressed Apply.\nNothing happened.");
    let metadata: Value = serde_json::from_str(parts[1]["text"].as_str().unwrap()).unwrap();
    assert_eq!(metadata["metadata"], json!({"plan": "pro", "cart": {"items": 3}}));
    assert_eq!(parts[2]["text"], "I see it too.");
    assert!(parts[2]["author"].as_str().unwrap().starts_with("Grace, "));
    assert!(!called.0.to_string().contains("s3cr3t"), "cookies are never in an ordinary answer");
}

#[tokio::test]
async fn a_long_report_is_whole_over_its_pages() {
    let server = TestServer::new().await;
    let description = (0..4_000).map(|at| format!("line {at} of the \"story\"\n")).collect::<String>();
    let mut new = data::full_bug(server.shop, "long");
    new.description = description.chars().take(50_000).collect();
    new.metadata = (0..2_000).map(|at| (format!("key{at:04}"), json!(at))).collect();
    let (bug, _) = server.store.create_bug(new.clone()).await.unwrap();
    let bodies: Vec<String> = (0..45).map(|at| format!("comment {at} {}", "words ".repeat(at * 40))).collect();
    for body in &bodies {
        server.store.add_comment(NewComment::new(bug.id, Author::named("Grace"), body)).await.unwrap();
    }
    let caller = server.reader().await;
    for max_tokens in [2_000, 20_000] {
        let pages = walk(&caller, Form::Rest, "get_bug", json!({"bug_id": bug.id, "max_tokens": max_tokens})).await;
        assert!(pages.iter().all(|page| page.tokens() <= max_tokens));
        let part = |name: &str| -> String {
            let parts = pages.iter().flat_map(|page| page.data()["untrusted"]["parts"].as_array().unwrap());
            parts.filter(|part| part["part"] == name).map(|part| part["text"].as_str().unwrap()).collect()
        };
        assert_eq!(part("description"), new.description);
        let metadata: Value = serde_json::from_str(&part("metadata")).unwrap();
        assert_eq!(metadata["metadata"], Value::Object(new.metadata.clone()));
        assert_eq!(part("comment"), bodies.concat());
    }
}
