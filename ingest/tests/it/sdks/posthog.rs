//! `posthog-js`.

use axum::body::Body;
use http::{Method, Request};
use playhead_ingest::IngestConfig;
use playhead_web::testing::Answer;
use serde_json::{Value, json};

use super::{fixture, says};
use crate::app::{TestApp, gzip};

const SESSION: &str = "01a22c38-7098-704a-9c6f-a1a5785c2c80";
const WINDOW: &str = "01a22c38-7098-704a-9c6f-a1a6dcf77270";

impl TestApp {
    async fn capture(&self, path: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        self.post(&format!("/ph/{}{path}", self.key), content_type, body).await
    }

    async fn get_ph(&self, path: &str) -> Answer {
        let request = Request::get(format!("/ph/{}{path}", self.key)).header("origin", "http://shop.test");
        self.send(request.body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn a_recording_and_its_errors_become_one_transcript_and_bugs() {
    let app = TestApp::new().await;
    let answer = app.capture("/s/", "text/plain", fixture("posthog-snapshot")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["accepted"]["snapshot"], 1, "{}", answer.text);
    let answer = app.capture("/i/v0/e/", "text/plain", fixture("posthog-exception")).await;
    assert_eq!(answer.json["accepted"]["error"], 3, "{}", answer.text);
    let window = Some(WINDOW.to_owned());
    assert_eq!(app.segments(SESSION).await[0], (0, "rrweb", window));
    let lines = app.transcribed(SESSION).await;
    says(&lines, &["click: ", "button"]);
    says(&lines, &["request: "]);
    says(&lines, &["console: "]);
    says(&lines, &["error: uncaught error", "Cannot read properties of undefined (reading 'total')"]);
    // The console plugin saw it too.
    let count = |text: &str| lines.iter().filter(|l| l.starts_with("error: ") && l.contains(text)).count();
    assert_eq!(count("reading 'total'"), 1, "{}", lines.join("\n"));
    let bugs = app.bugs().await;
    assert_eq!(bugs.len(), 3);
    assert!(bugs.iter().all(|bug| bug.replay == Some(bugs[0].replay.unwrap())));
    let bug = bugs.iter().find(|bug| bug.title.starts_with("TypeError: Cannot read")).unwrap();
    assert_eq!(bug.page.url.as_deref(), Some("http://shop.test/account"));
    assert_eq!(bug.system.browser.as_deref(), Some("Chrome 148"));
    assert_eq!(bug.metadata["sdk"], "posthog-js 1.449.2");
    assert!(bug.tags.contains(&"posthog".to_owned()));
}

#[tokio::test]
async fn a_beacon_of_base64_is_read() {
    let app = TestApp::new().await;
    let form = "application/x-www-form-urlencoded";
    for what in ["accepted", "duplicates"] {
        let answer = app.capture("/s/?compression=base64", form, fixture("posthog-beacon")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json[what]["snapshot"], 1, "{}", answer.text);
    }
    app.close_idle().await;
}

fn snapshot(uuid: &str, window: &str, at: i64) -> Value {
    json!({"uuid": uuid, "event": "$snapshot", "properties": {"$session_id": SESSION, "$window_id": window,
        "$snapshot_data": [{"type": 5, "data": {"tag": "step", "payload": at}, "timestamp": at}]}})
}

#[tokio::test]
async fn segments_are_numbered_as_they_come_and_known_by_their_ids() {
    let app = TestApp::new().await;
    let one = snapshot("u1", "w1", 1_796_000_000_000);
    let two = snapshot("u2", "w2", 1_796_000_001_000);
    let three = snapshot("u3", "w1", 1_796_000_002_000);
    for (body, accepted, duplicates) in [
        (json!([one]), 1, 0),
        // A retry: sent again with the next ones, and at another time.
        (json!([one, two]), 1, 1),
        (json!(three), 1, 0),
        (json!([one, two, three]), 0, 3),
    ] {
        let mut body = body;
        if let Some(events) = body.as_array_mut() {
            events.iter_mut().for_each(|event| event["sent_at"] = json!(format!("{accepted}")));
        }
        let answer = app.capture("/s/", "", gzip(body.to_string().as_bytes())).await;
        let count = |of: &str| answer.json[of]["snapshot"].as_u64().unwrap_or(0);
        assert_eq!((count("accepted"), count("duplicates")), (accepted, duplicates), "{}", answer.text);
    }
    let told: Vec<_> = app.segments(SESSION).await.into_iter().map(|(n, _, w)| (n, w.unwrap())).collect();
    assert_eq!(told, [(0, "w1".to_owned()), (1, "w2".to_owned()), (2, "w1".to_owned())]);
    app.close_idle().await;
}

#[tokio::test]
async fn surveys_and_page_views_belong_to_their_session() {
    let app = TestApp::new().await;
    let about = |event: &str, more: Value| {
        let mut properties = json!({"$session_id": SESSION, "$window_id": WINDOW, "$current_url": "http://shop.test/pay",
            "distinct_id": "u-1"});
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"uuid": event, "event": event, "timestamp": "2026-11-30T11:30:31.000Z", "properties": properties})
    };
    let view = about("$pageview", json!({}));
    let before = app.capture("/e/", "application/json", view.to_string()).await;
    assert_eq!((before.status.as_u16(), &before.json["unused"]["$pageview"]), (200, &json!(1)), "{}", before.text);
    assert!(!app.has_replay(SESSION).await);
    app.capture("/s/", "text/plain", fixture("posthog-snapshot")).await;
    let asked = json!([{"id": "q", "question": "What went wrong?", "response": "I can't pay"}]);
    let survey = about("survey sent", json!({"$survey_questions": asked, "$survey_name": "Feedback"}));
    let batch = json!({"api_key": app.key, "batch": [view, survey, about("$autocapture", json!({}))], "sent_at": "x"});
    let answer = app.capture("/batch/", "application/json", batch.to_string()).await;
    assert_eq!(answer.json["accepted"], json!({"$pageview": 1, "feedback": 1}), "{}", answer.text);
    assert_eq!(answer.json["unused"], json!({"$autocapture": 1}));
    let bug = &app.bugs().await[0];
    assert_eq!((bug.title.as_str(), bug.reporter.id.as_deref()), ("I can't pay", Some("u-1")));
    assert_eq!(bug.replay, Some(app.replay(SESSION).await.id));
    let lines = app.transcribed(SESSION).await;
    says(&lines, &["navigate: ", "/pay"]);
}

#[tokio::test]
async fn the_configuration_is_there_in_every_form() {
    let app = TestApp::new().await;
    let recording = |config: &Value| config["sessionRecording"]["endpoint"] == "/s/";
    let config = app.get_ph("/array/TOKEN/config?ip=0").await;
    assert!(recording(&config.json), "{}", config.text);
    assert_eq!(config.json["supportedCompression"], json!(["gzip-js"]));
    assert_eq!(config.header("access-control-allow-origin"), "http://shop.test");
    assert_eq!(config.header("access-control-allow-credentials"), "true");
    for path in ["/flags/?v=2&config=true", "/decide/?v=3", "/flags/?v=2"] {
        let answer = app.capture(path, "application/x-www-form-urlencoded", "data=e30%3D").await;
        assert_eq!(answer.status, 200);
        assert!(recording(&answer.json), "{path}");
        assert_eq!(answer.json["featureFlags"], json!({}));
    }
    let script = app.get_ph("/array/TOKEN/config.js").await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    assert!(script.text.contains("all[\"TOKEN\"]={"), "{}", script.text);
}

#[tokio::test]
async fn scripts_come_from_the_folder_that_was_chosen() {
    let app = TestApp::new().await;
    app.get_ph("/static/lazy-recorder.js").await.refused(404, "NOT_FOUND");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("lazy-recorder.js"), "recorder()").unwrap();
    let app =
        TestApp::with(IngestConfig { posthog_scripts: Some(folder.path().to_owned()), ..IngestConfig::default() })
            .await;
    for path in ["/static/lazy-recorder.js", "/static/lazy-recorder.js?v=1.310.0", "/static/1.449.2/lazy-recorder.js"] {
        let answer = app.get_ph(path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, "recorder()"), "{path}");
        assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    }
    app.get_ph("/static/../secret.js").await.refused(404, "NOT_FOUND");
    app.get_ph("/static/surveys.js").await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_wrong_key_and_a_foreign_origin_are_told() {
    let app = TestApp::new().await;
    let body = || fixture("posthog-snapshot");
    let wrong = app.post("/ph/phk_wrong/s/", "text/plain", body()).await;
    wrong.refused(401, "UNAUTHENTICATED");
    assert_eq!(wrong.header("access-control-allow-origin"), "http://shop.test");
    let other = app.key_for(&["https://other.test"]).await;
    app.post(&format!("/ph/{other}/s/"), "text/plain", body()).await.refused(403, "FORBIDDEN");
    let preflight = Request::builder()
        .method(Method::OPTIONS)
        .uri(format!("/ph/{}/e/", app.key))
        .header("origin", "http://shop.test")
        .header("access-control-request-headers", "content-type,x-own");
    let answer = app.send(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-headers"), "content-type,x-own");
    assert_eq!(answer.header("access-control-allow-origin"), "http://shop.test");
}
