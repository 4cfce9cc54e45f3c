//! `add_comment`, `edit_comment`, `delete_comment`, `list_comments`.

use playhead_schemas::{Actor, BugId, Role, Scope};
use serde_json::{Value, json};

use crate::data;
use crate::support::{Caller, Form, TestServer, walk};

const WRITES: [Scope; 2] = [Scope::BugsRead, Scope::BugsWrite];

async fn bug(server: &TestServer) -> BugId {
    server.store.create_bug(data::bug(server.shop, "x")).await.unwrap().0.id
}

async fn agent(server: &TestServer) -> Caller {
    let actor = Actor::Agent(server.store.create_agent(server.workspace, "Fixer").await.unwrap().id);
    server.store.set_role(server.shop, actor, Some(Role::Developer)).await.unwrap();
    server.caller_like(|new| (new.actor, new.scopes) = (Some(actor), WRITES.to_vec())).await
}

#[tokio::test]
async fn comments_answer_each_other_and_belong_to_their_authors() {
    let server = TestServer::new().await;
    let (bug, ann, fixer) = (bug(&server).await, server.caller(&WRITES).await, agent(&server).await);
    let first = ann.call("add_comment", json!({"bug_id": bug, "body": "**Seen** too"})).await.data()["id"].clone();
    let answer = json!({"bug_id": bug, "body": "Fixed in main", "reply_to": first, "idempotency_key": "k"});
    let second = fixer.call("add_comment", answer.clone()).await;
    assert_eq!(fixer.call("add_comment", answer).await.data(), second.data(), "the same answer");
    for (tool, arguments) in
        [("edit_comment", json!({"comment_id": first, "body": "y"})), ("delete_comment", json!({"comment_id": first}))]
    {
        let refused = fixer.refused(tool, arguments).await;
        assert_eq!((refused.status, refused.code.as_str()), (403, "FORBIDDEN"), "{tool}");
        assert!(refused.action.contains("reply_to"), "{refused:?}");
    }
    ann.call("edit_comment", json!({"comment_id": first, "body": "Seen on Firefox"})).await;
    let all = ann.call("list_comments", json!({"bug_id": bug})).await;
    let comments = all.data()["comments"].as_array().unwrap();
    assert_eq!(comments.len(), 2);
    assert_eq!((&comments[0]["untrusted"]["body"], &comments[1]["reply_to"]), (&json!("Seen on Firefox"), &first));
    assert_eq!(comments[1]["untrusted"]["author"], "Fixer");
    assert!(comments[0]["edited_at"].is_string() && comments[1].get("edited_at").is_none());
    ann.call("delete_comment", json!({"comment_id": first})).await;
    assert_eq!(ann.refused("delete_comment", json!({"comment_id": first})).await.code, "NOT_FOUND");
    let left = ann.call("list_comments", json!({"bug_id": bug})).await;
    assert!(!left.0.to_string().contains("Seen on Firefox"), "a text that was deleted is gone");
    assert!(left.data()["comments"][0]["deleted_at"].is_string());
    assert!(!ann.call("get_bug", json!({"bug_id": bug})).await.text().contains("Seen on"));
    let told = ann.call("list_bug_activity", json!({"bug_id": bug})).await;
    let kinds: Vec<&str> =
        told.data()["entries"].as_array().unwrap().iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["comment_deleted", "comment_edited", "commented", "commented"]);
    assert!(!told.0.to_string().contains("Seen"), "{}", told.0);
}

#[tokio::test]
async fn comments_of_any_length_are_whole_over_their_pages() {
    let server = TestServer::new().await;
    let (bug, caller) = (bug(&server).await, server.caller(&WRITES).await);
    let bodies: Vec<String> =
        (0..9).map(|at| format!("comment {at} {}", "words of it ".repeat(at * 600)).trim().to_owned()).collect();
    for body in &bodies {
        caller.call("add_comment", json!({"bug_id": bug, "body": body})).await;
    }
    for (max_tokens, limit) in [(2_000, 25), (20_000, 2)] {
        let arguments = json!({"bug_id": bug, "max_tokens": max_tokens, "limit": limit});
        let pages = walk(&caller, Form::Rest, "list_comments", arguments).await;
        assert!(pages.iter().all(|page| page.tokens() <= max_tokens));
        let parts = pages.iter().flat_map(|page| page.data()["comments"].as_array().unwrap());
        let all: String = parts.map(|part: &Value| part["untrusted"]["body"].as_str().unwrap()).collect();
        assert_eq!(all, bodies.concat());
    }
    let pages = walk(&caller, Form::Text, "list_bug_activity", json!({"bug_id": bug, "limit": 4})).await;
    assert_eq!(pages.len(), 3);
}
