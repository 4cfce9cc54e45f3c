//! Comments over REST: adding, answering, listing, editing, deleting.

use axum::body::Body;
use http::{Method, Request};
use playhead_schemas::{CommentId, Scope};
use serde_json::{Value, json};

use crate::app::{LOCAL_SECRET, TestApp};

/// A bug, and the path of its comments.
async fn bug(app: &TestApp) -> String {
    let made = app.admin(Method::POST, "/api/v1/bugs", Some(json!({"title": "x"}))).await;
    format!("/api/v1/bugs/{}/comments", made.json["id"].as_str().unwrap())
}

#[tokio::test]
async fn comments_are_added_answered_and_listed() {
    let app = TestApp::new().await;
    let path = bug(&app).await;
    let first = app.admin(Method::POST, &path, Some(json!({"body": " **seen** \u{200b}twice "}))).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let reply = json!({"body": "by me, too", "reply_to": first.json["id"]});
    let reply = app.admin(Method::POST, &path, Some(reply)).await.json;
    let list = app.admin(Method::GET, &path, None).await.json;
    let items = list["items"].as_array().unwrap();
    assert_eq!((items.len(), &items[0]["id"], &items[1]["id"]), (2, &first.json["id"], &reply["id"]));
    assert_eq!(items[0]["untrusted"], json!({"author": "local user", "body": "**seen** twice"}));
    assert_eq!((&items[0]["reply_to"], &items[1]["reply_to"]), (&Value::Null, &first.json["id"]));
    assert_eq!((&items[0]["author_id"], &items[0]["edited_at"]), (&json!("local"), &Value::Null));
    let page = app.admin(Method::GET, &format!("{path}?limit=1"), None).await.json;
    let next = page["next"].as_str().unwrap();
    let rest = app.admin(Method::GET, &format!("{path}?after={next}"), None).await.json;
    assert_eq!((&page["items"][0], &rest["items"][0]), (&items[0], &items[1]));
}

#[tokio::test]
async fn a_repeated_comment_is_added_once() {
    let app = TestApp::new().await;
    let path = bug(&app).await;
    let body = |text: &str| Some(json!({"body": text, "idempotency_key": "k"}));
    let first = app.admin(Method::POST, &path, body("x")).await;
    let again = app.admin(Method::POST, &path, body("x")).await;
    assert_eq!((first.status, &first.json), (again.status, &again.json));
    app.admin(Method::POST, &path, body("y")).await.refused(409, "CONFLICT");
    let list = app.admin(Method::GET, &path, None).await.json;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_comment_is_its_authors_alone() {
    let app = TestApp::new().await;
    let path = bug(&app).await;
    let bot = app.token(&[Scope::BugsRead, Scope::BugsWrite], |_| ()).await;
    let added = app.call(&bot, Method::POST, &path, Some(json!({"body": "x"}))).await.json;
    let own = format!("/api/v1/comments/{}", added["id"].as_str().unwrap());
    app.admin(Method::PATCH, &own, Some(json!({"body": "y"}))).await.refused(403, "FORBIDDEN");
    app.admin(Method::DELETE, &own, None).await.refused(403, "FORBIDDEN");
    let edited = app.call(&bot, Method::PATCH, &own, Some(json!({"body": "y"}))).await.json;
    assert_eq!((&edited["untrusted"]["body"], edited["edited_at"].is_number()), (&json!("y"), true));
    let deleted = app.call(&bot, Method::DELETE, &own, None).await.json;
    assert_eq!((&deleted["untrusted"]["body"], deleted["deleted_at"].is_number()), (&json!(""), true));
    app.call(&bot, Method::PATCH, &own, Some(json!({"body": "z"}))).await.refused(404, "NOT_FOUND");
    let list = app.admin(Method::GET, &path, None).await.json;
    assert_eq!(list["items"][0]["deleted_at"], deleted["deleted_at"], "answers to it stay, and so does its place");
}

#[tokio::test]
async fn comments_that_are_not_taken_say_why() {
    let app = TestApp::new().await;
    let path = bug(&app).await;
    for (body, status, code) in [
        (json!({}), 400, "INVALID_INPUT"),
        (json!({"body": ""}), 400, "INVALID_INPUT"),
        (json!({"body": " \u{200b}\n"}), 400, "INVALID_INPUT"),
        (json!({"body": "x".repeat(65_537)}), 400, "INVALID_INPUT"),
        (json!({"body": "x", "reply": "x"}), 400, "INVALID_INPUT"),
        (json!({"body": "x", "reply_to": "x"}), 400, "INVALID_INPUT"),
        (json!({"body": "x", "reply_to": CommentId::new()}), 404, "NOT_FOUND"),
    ] {
        app.admin(Method::POST, &path, Some(body)).await.refused(status, code);
    }
    // The longest one, however its characters are written.
    let longest = format!("{{\"body\":\"{}\"}}", "\\ud83d\\ude00".repeat(65_536));
    let request = Request::post(&path).header("authorization", format!("Bearer {LOCAL_SECRET}"));
    assert_eq!(app.send(request.body(Body::from(longest)).unwrap()).await.status, 201);
    let missing = format!("/api/v1/comments/{}", CommentId::new());
    let answer = app.admin(Method::DELETE, &missing, None).await;
    answer.refused(404, "NOT_FOUND");
    assert_eq!(answer.action(), "GET /api/v1/bugs/BUG/comments lists the comments of a bug");
}
