//! `POST /v1/bugs`.

use std::io::Cursor;

use axum::body::Body;
use base64::Engine;
use http::Method;
use image::{ImageFormat, RgbImage};
use playhead_ingest::IngestConfig;
use playhead_schemas::upload::Priority;
use playhead_store::{Bug, PictureState, RenditionKind};
use playhead_web::testing::Answer;
use serde_json::{Value, json};

use crate::app::{MULTIPART, TestApp, gzip, multipart};

fn picture(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    RgbImage::new(width, height).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A PNG whose header claims a size that nobody can hold.
fn absurd() -> Vec<u8> {
    let mut png = picture(ImageFormat::Png, 4, 4);
    png[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    png[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    png
}

async fn post(app: &TestApp, bug: &Value) -> Answer {
    let request = app.request(Method::POST, "/v1/bugs").body(Body::from(bug.to_string()));
    app.send(request.unwrap()).await
}

async fn stored(app: &TestApp, answer: &Answer) -> Bug {
    let id = answer.accepted().json["bug"].as_str().unwrap().parse().unwrap();
    app.store.bug(id).await.unwrap()
}

fn outcomes(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_bug_with_everything_is_stored() {
    let app = TestApp::new().await;
    let answer = post(
        &app,
        &json!({
            "title": "Pay button does nothing",
            "description": "I pressed it.\nTwice.",
            "reporter": {"name": "Ada", "email": "ada@example.com"},
            "page": {"url": "https://shop.example/cart", "title": "Cart"},
            "system": {"browser": "Chromium 150", "viewport": {"width": 1280, "height": 720}, "gpu": "none"},
            "metadata": {"cart": {"items": 3}},
            "tags": ["checkout", "checkout", "pay"],
            "priority": "high",
            "cookies": [{"name": "sid", "value": "s3cret"}],
            "replay": "r1",
            "client_id": "c-1",
            "screenshots": [format!("data:image/png;base64,{}", base64(&picture(ImageFormat::Png, 900, 600)))],
            "attachments": [{"name": "../log.txt", "media_type": "text/plain", "data": base64(b"hello")}],
            "colour": "red",
        }),
    )
    .await;
    let bug = stored(&app, &answer).await;
    assert_eq!(bug.title, "Pay button does nothing");
    assert_eq!((bug.priority, bug.tags.len(), bug.cookie_count), (Priority::High, 2, 1));
    assert_eq!(bug.metadata["cart"]["items"], 3);
    assert_eq!(bug.system.other["gpu"], "none");
    assert_eq!(answer.json["ignored"], json!(["colour"]));
    assert_eq!(answer.json["duplicate"], false);
    assert!(app.has_replay("r1").await);
    let files = app.store.attachments(bug.id).await.unwrap();
    assert_eq!((files[0].file_name.as_str(), files[0].bytes), ("log.txt", 5));
    assert!(!answer.json.to_string().contains("s3cret"));

    assert_eq!(app.drain().await.done, 1);
    let screenshots = app.store.screenshots(bug.id).await.unwrap();
    assert_eq!(screenshots[0].state, PictureState::Ready);
    let thumb = screenshots[0].renditions.iter().find(|r| r.kind == RenditionKind::Thumb).unwrap();
    assert_eq!((thumb.width, thumb.height), (480, 320));
}

#[tokio::test]
async fn the_same_report_again_is_the_same_bug() {
    let app = TestApp::new().await;
    let bug = json!({"title": "x", "client_id": "c-1"});
    let first = post(&app, &bug).await;
    let again = post(&app, &bug).await;
    assert_eq!(again.accepted().json["bug"], first.accepted().json["bug"]);
    assert_eq!(again.json["duplicate"], true);
    let other = post(&app, &json!({"title": "x"})).await;
    assert_ne!(other.accepted().json["bug"], first.json["bug"]);
}

#[tokio::test]
async fn bad_pictures_are_rejected_and_the_bug_is_kept() {
    let app = TestApp::new().await;
    let good = base64(&picture(ImageFormat::Jpeg, 40, 30));
    let answer = post(
        &app,
        &json!({
            "title": "pictures",
            "screenshots": [
                good,
                base64(b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
                base64(&absurd()),
                "not base64!",
                {"name": "no data"},
                "",
                {"data": good, "media_type": "text/html"},
            ],
            "attachments": [base64(b"x"), "", 7],
        }),
    )
    .await;
    let bug = stored(&app, &answer).await;
    assert_eq!(
        outcomes(&answer.json["screenshots"]),
        ["accepted", "rejected", "rejected", "rejected", "rejected", "rejected", "accepted"]
    );
    assert_eq!(answer.json["screenshots"][2]["error"]["code"], "PAYLOAD_TOO_LARGE");
    assert_eq!(answer.json["screenshots"][1]["error"]["code"], "INVALID_INPUT");
    assert_eq!(outcomes(&answer.json["attachments"]), ["accepted", "rejected", "rejected"]);
    assert_eq!((bug.screenshot_count, bug.attachment_count), (2, 1));
    let screenshots = app.store.screenshots(bug.id).await.unwrap();
    assert!(screenshots.iter().all(|s| s.media_type == "image/jpeg"), "{screenshots:?}");
    app.drain().await;
}

#[tokio::test]
async fn a_picture_that_is_damaged_behind_its_header_is_given_up() {
    let app = TestApp::new().await;
    let mut png = picture(ImageFormat::Png, 300, 300);
    png.truncate(60);
    let answer = post(&app, &json!({"title": "x", "screenshots": [base64(&png)]})).await;
    let bug = stored(&app, &answer).await;
    let progress = app.drain().await;
    assert_eq!((progress.done, progress.retried, progress.dead), (0, 0, 1));
    assert_eq!(app.store.screenshots(bug.id).await.unwrap()[0].state, PictureState::Failed);
}

#[tokio::test]
async fn files_have_limits() {
    let config = IngestConfig { image_bytes_max: 2000, attachment_bytes_max: 1000, ..IngestConfig::default() };
    let app = TestApp::with(config).await;
    let noise: Vec<u8> = (0..100u32 * 100 * 3).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let mut large = Cursor::new(Vec::new());
    RgbImage::from_raw(100, 100, noise).unwrap().write_to(&mut large, ImageFormat::Png).unwrap();
    let small = base64(&picture(ImageFormat::Png, 8, 8));
    let mut screenshots = vec![json!(small); 12];
    screenshots[0] = json!(base64(&large.into_inner()));
    let answer = post(
        &app,
        &json!({
            "title": "x",
            "screenshots": screenshots,
            "attachments": [base64(&[1; 1000]), base64(&[1; 1001])],
        }),
    )
    .await;
    let bug = stored(&app, &answer).await;
    assert_eq!(bug.screenshot_count, 10);
    let rejected: Vec<usize> = (0..12).filter(|&i| answer.json["screenshots"][i]["outcome"] == "rejected").collect();
    assert_eq!(rejected, [0, 11]);
    assert_eq!(outcomes(&answer.json["attachments"]), ["accepted", "rejected"]);
    app.drain().await;

    let many = json!({"title": "x", "attachments": vec!["eA=="; 101]});
    post(&app, &many).await.refused(400, "INVALID_INPUT");
}

#[tokio::test]
async fn a_report_that_is_too_large_is_told_the_limit_and_what_to_do() {
    let config = IngestConfig { body_bytes_max: 64 << 10, ..IngestConfig::default() };
    let app = TestApp::with(config).await;
    let answer = post(&app, &json!({"title": "x", "attachments": [base64(&[1; 64 << 10])]})).await;
    let (message, action) = (&answer.json["error"]["message"], &answer.json["error"]["action"]);
    assert!(message.as_str().unwrap().contains("64 KiB"), "{message}");
    assert!(action.as_str().unwrap().contains("screenshots and attachments"), "{action}");
    answer.refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn fields_that_are_not_valid_do_not_cost_the_bug() {
    let app = TestApp::new().await;
    let answer = post(
        &app,
        &json!({
            "title": "kept",
            "description": 7,
            "priority": "asap",
            "tags": ["x".repeat(65)],
            "metadata": {"big": "x".repeat(70_000)},
            "cookies": vec![json!({"name": "a", "value": "b"}); 201],
            "replay": "a/b",
            "page": null,
        }),
    )
    .await;
    let bug = stored(&app, &answer).await;
    assert_eq!((bug.title.as_str(), bug.priority), ("kept", Priority::Medium));
    let mut fields: Vec<&str> =
        answer.json["rejected"].as_array().unwrap().iter().map(|r| r["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["cookies", "description", "metadata", "priority", "replay", "tags"]);
}

#[tokio::test]
async fn a_bug_needs_words() {
    let app = TestApp::new().await;
    post(&app, &json!({})).await.refused(400, "INVALID_INPUT");
    post(&app, &json!({"title": " \u{200b} "})).await.refused(400, "INVALID_INPUT");
    let long = post(&app, &json!({"title": "x".repeat(301)})).await;
    long.refused(413, "PAYLOAD_TOO_LARGE");
    assert!(long.message().contains("300 characters"), "{}", long.message());
    let answer = post(&app, &json!({"description": "\n Broken since noon \nmore"})).await;
    assert_eq!(stored(&app, &answer).await.title, "Broken since noon");
}

#[tokio::test]
async fn texts_are_cleaned_and_half_characters_repaired() {
    let app = TestApp::new().await;
    let body = r#"{"title":"cut \ud83d","description":"a\u202eb\udc00"}"#;
    let request = app.request(Method::POST, "/v1/bugs").body(Body::from(body)).unwrap();
    let bug = stored(&app, &app.send(request).await).await;
    assert_eq!((bug.title.as_str(), bug.description.as_str()), ("cut \u{fffd}", "ab\u{fffd}"));
}

#[tokio::test]
async fn multipart_reports_carry_files_as_they_are() {
    let app = TestApp::new().await;
    let parts = multipart(&[
        ("screenshot", Some("a.webp"), &picture(ImageFormat::WebP, 64, 64)),
        ("bug", None, br#"{"title":"multipart","cookies":"a=1; b=2"}"#),
        ("screenshot", Some("b.png"), b"no picture"),
        ("attachment", Some("C:\\x\\trace.json"), b"{}"),
        ("else", None, b"?"),
    ]);
    let request = app
        .request(Method::POST, "/v1/bugs")
        .header(MULTIPART.0, MULTIPART.1)
        .header("content-encoding", "gzip")
        .body(Body::from(gzip(&parts)));
    let answer = app.send(request.unwrap()).await;
    let bug = stored(&app, &answer).await;
    assert_eq!(outcomes(&answer.json["screenshots"]), ["accepted", "rejected"]);
    assert_eq!((bug.title.as_str(), bug.cookie_count), ("multipart", 2));
    assert_eq!(app.store.attachments(bug.id).await.unwrap()[0].file_name, "trace.json");
    assert_eq!(answer.json["ignored"], json!(["else"]));
    app.drain().await;

    let without = multipart(&[("screenshot", None, b"x")]);
    let request = app.request(Method::POST, "/v1/bugs").header(MULTIPART.0, MULTIPART.1);
    app.send(request.body(Body::from(without)).unwrap()).await.refused(400, "INVALID_INPUT");
}

#[tokio::test]
async fn bodies_that_are_no_bug_are_refused() {
    let app = TestApp::new().await;
    for body in ["", "[]", "{\"title\":", "\"x\"", "{\"title\":\"x\"} x", &"[".repeat(10_000)] {
        let request = app.request(Method::POST, "/v1/bugs").body(Body::from(body.to_owned()));
        app.send(request.unwrap()).await.refused(400, "INVALID_INPUT");
    }
    let deep = format!("{{\"title\":\"x\",\"metadata\":{}1{}}}", "{\"a\":".repeat(200), "}".repeat(200));
    let request = app.request(Method::POST, "/v1/bugs").body(Body::from(deep)).unwrap();
    app.send(request).await.refused(400, "INVALID_INPUT");
}
