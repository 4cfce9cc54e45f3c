//! `@sentry/browser`.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{fixture, says};
use crate::app::{TestApp, zlib};

const REPLAY: &str = "872183973afd46348a18c422178b97fb";

/// An envelope of one recording.
fn segment(replay: &str, n: u32, page: f64, ended: f64, events: &Value) -> Vec<u8> {
    let event = json!({"type": "replay_event", "replay_id": replay, "segment_id": n,
        "replay_start_timestamp": page, "timestamp": ended});
    let mut recording = format!("{{\"segment_id\":{n}}}\n").into_bytes();
    recording.extend(zlib(events.to_string().as_bytes()));
    let mut body = format!("{{\"event_id\":\"{replay}\"}}\n{{\"type\":\"replay_event\"}}\n{event}\n").into_bytes();
    body.extend(format!("{{\"type\":\"replay_recording\",\"length\":{}}}\n", recording.len()).bytes());
    body.extend(recording);
    body
}

fn error(id: &str, more: Value) -> String {
    let mut event = json!({"event_id": id, "timestamp": 1_796_037_616.3, "level": "error",
        "exception": {"values": [{"type": "TypeError", "value": "x is 1", "mechanism": {"handled": false}}]}});
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    format!("{{\"event_id\":\"{id}\"}}\n{{\"type\":\"event\"}}\n{event}\n")
}

#[tokio::test]
async fn a_recording_and_its_error_become_one_transcript_and_a_bug() {
    let app = TestApp::new().await;
    for name in ["sentry-replay-0", "sentry-error", "sentry-replay-2"] {
        let answer = app.envelope(fixture(name)).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        assert_eq!(answer.json["rejected"], Value::Null, "{name}: {}", answer.text);
    }
    let beside = [(50_000, "rrweb", None), (50_001, "console", None)];
    assert_eq!(app.segments(REPLAY).await, [[(0, "rrweb", None), (2, "rrweb", None)], beside].concat());
    let lines = app.transcribed(REPLAY).await;
    says(&lines, &["click: ", "button"]);
    says(&lines, &["Cannot read properties of undefined (reading 'total')", "error: uncaught error"]);
    says(&lines, &["request: ", "/?coupon=SPRING"]);
    says(&lines, &["console: "]);
    let bugs = app.bugs().await;
    let [bug] = &bugs[..] else { panic!("{bugs:?}") };
    assert_eq!(bug.title, "TypeError: Cannot read properties of undefined (reading 'total')");
    assert!(bug.description.contains("at $.onclick (http://shop.test/?coupon=SPRING:14:52)"), "{}", bug.description);
    assert_eq!(bug.replay, Some(app.replay(REPLAY).await.id));
    assert_eq!(bug.page.url.as_deref(), Some("http://shop.test/account"));
    assert_eq!(bug.reporter.email.as_deref(), Some("ann@example.com"));
    for tag in ["sentry", "plan:pro", "release:shop@1.2.3", "environment:test"] {
        assert!(bug.tags.iter().any(|known| known == tag), "{tag}: {:?}", bug.tags);
    }
    assert_eq!(bug.metadata["sdk"], "sentry.javascript.browser 11.12.0");
}

#[tokio::test]
async fn what_comes_again_changes_nothing() {
    let app = TestApp::new().await;
    for _ in 0..3 {
        app.envelope(fixture("sentry-replay-0")).await;
        app.envelope(fixture("sentry-error")).await;
        app.envelope(fixture("sentry-feedback")).await;
    }
    let again = app.envelope(fixture("sentry-error")).await;
    assert_eq!(again.json["duplicates"]["error"], 1, "{}", again.text);
    // The recording, and the lines and the requests that the error's breadcrumbs tell.
    assert_eq!(app.segments(REPLAY).await.len(), 3);
    assert_eq!(app.bugs().await.len(), 2);
    app.close_idle().await;
    app.envelope(fixture("sentry-replay-0")).await;
    assert_eq!(app.jobs().await.queued, 0);
    assert_eq!(app.worker().sweep(playhead_worker::Sweep::IdleReplays).await.unwrap(), 0);
}

#[tokio::test]
async fn feedback_becomes_a_bug_with_its_files() {
    let app = TestApp::new().await;
    let answer = app.envelope(fixture("sentry-feedback")).await;
    assert_eq!(answer.json["accepted"]["feedback"], 1, "{}", answer.text);
    let bug = &app.bugs().await[0];
    assert_eq!((bug.title.as_str(), bug.description.as_str()), ("The button does nothing", "The button does nothing"));
    assert_eq!((bug.reporter.name.as_deref(), bug.reporter.email.as_deref()), (Some("Ann"), Some("ann@example.com")));
    assert_eq!(bug.replay, Some(app.replay(REPLAY).await.id));
    // Its picture has only the first 8 bytes of a PNG.
    assert_eq!((bug.screenshot_count, bug.attachment_count), (0, 1));
    assert!(bug.tags.contains(&"feedback".to_owned()));

    let mut png = Vec::new();
    let picture = image::RgbImage::new(4, 3);
    picture.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let feedback = json!({"event_id": "ab".repeat(16), "contexts": {"feedback": {"message": "Two\nlines"}}});
    let mut body = format!("{{}}\n{{\"type\":\"feedback\"}}\n{feedback}\n").into_bytes();
    // The form says of every picture that it is a file of an application.
    let header = json!({"type": "attachment", "length": png.len(), "filename": "screenshot.png",
        "content_type": "application/png"});
    body.extend(format!("{header}\n").bytes());
    body.extend(&png);
    app.envelope(body).await;
    let bugs = app.bugs().await;
    let bug = bugs.iter().find(|bug| bug.title == "Two").unwrap();
    assert_eq!((bug.screenshot_count, bug.attachment_count, bug.replay), (1, 0, None));
    app.drain().await;
}

#[tokio::test]
async fn a_user_report_finds_the_replay_of_its_event() {
    let app = TestApp::new().await;
    app.envelope(fixture("sentry-error")).await;
    let report = json!({"event_id": "4daa9d18-b637-4e9b-a7d4-ddca6dc3d54c", "name": "Bo", "email": "bo@example.com",
        "comments": "It broke when I paid."});
    let body = format!("{{}}\n{{\"type\":\"user_report\"}}\n{report}\n");
    for _ in 0..2 {
        assert_eq!(app.envelope(body.clone()).await.status, 200);
    }
    let bugs = app.bugs().await;
    assert_eq!(bugs.len(), 2);
    let bug = bugs.iter().find(|bug| bug.title == "It broke when I paid.").unwrap();
    assert_eq!(bug.reporter.name.as_deref(), Some("Bo"));
    assert_eq!(bug.replay, Some(app.replay(REPLAY).await.id));
    app.close_idle().await;
}

#[tokio::test]
async fn errors_of_one_kind_are_one_bug_until_it_is_resolved() {
    let app = TestApp::new().await;
    let with = |value: &str, function: &str| {
        json!({"exception": {"values": [{"type": "Error", "value": value, "stacktrace": {"frames": [
            {"function": function, "filename": "https://a.test/js/app.3f2a91bc.js?v=1", "lineno": 1, "in_app": true}]}}]}})
    };
    for (n, (value, function)) in
        [("order 17 failed", "pay"), ("order 18 failed", "pay"), ("order 18 failed", "ship"), ("order failed", "pay")]
            .into_iter()
            .enumerate()
    {
        app.envelope(error(&format!("{n:032x}"), with(value, function))).await;
    }
    assert_eq!(app.bugs().await.len(), 3);
    // An application may say itself what is one kind.
    for n in 10..13 {
        let own = json!({"fingerprint": ["payments"], "exception": {"values": [{"type": "Error", "value": format!("{n}x y{n}z")}]}});
        app.envelope(error(&format!("{n:032x}"), own)).await;
    }
    assert_eq!(app.bugs().await.len(), 4);
}

#[tokio::test]
async fn a_page_that_throws_ever_new_errors_makes_few_bugs() {
    let app = TestApp::new().await;
    let letters = |mut n: u32| {
        let mut word = String::new();
        while n > 0 {
            word.push(char::from(b'a' + (n % 26) as u8));
            n /= 26;
        }
        word
    };
    let mut body = "{}\n".to_owned();
    for n in 1..60 {
        let tags = json!({"tags": {"replayId": REPLAY}, "exception": {"values": [{"type": "E", "value": letters(n)}]}});
        body.push_str(error(&format!("{n:032x}"), tags).split_once('\n').unwrap().1);
    }
    let answer = app.envelope(body).await;
    assert_eq!(answer.json["accepted"]["error"], 59, "{}", answer.text);
    assert_eq!(app.bugs().await.len(), 20);

    let mut body = "{}\n".to_owned();
    for n in 100..260 {
        let event = json!({"exception": {"values": [{"type": "E", "value": letters(n)}]}});
        body.push_str(error(&format!("{n:032x}"), event).split_once('\n').unwrap().1);
    }
    let answer = app.envelope(body).await;
    assert_eq!(answer.json["accepted"]["error"], 160, "{}", answer.text);
    assert_eq!(app.bugs().await.iter().filter(|bug| bug.title.starts_with("More kinds of errors")).count(), 1);
    app.close_idle().await;
}

#[tokio::test]
async fn breadcrumbs_of_the_console_join_the_timeline_once() {
    let app = TestApp::new().await;
    let crumb =
        |at: f64, text: &str| json!({"timestamp": at, "category": "console", "level": "warning", "message": text});
    let mut crumbs = vec![crumb(1_796_037_614.1, "stock is low"), crumb(1_796_037_614.2, "stock is gone")];
    for (n, at) in [(1, 1_796_037_615.0), (2, 1_796_037_616.0)] {
        let more = json!({"timestamp": at, "tags": {"replayId": REPLAY}, "breadcrumbs": crumbs});
        app.envelope(error(&format!("{n:032x}"), more)).await;
        crumbs.push(crumb(1_796_037_615.5, "price is wrong"));
    }
    let lines = app.transcribed(REPLAY).await;
    for text in ["stock is low", "stock is gone", "price is wrong"] {
        assert_eq!(lines.iter().filter(|line| line.contains(text)).count(), 1, "{text}\n{}", lines.join("\n"));
    }
    // Without a replay, they stand in the bug.
    let alone = json!({"exception": {"values": [{"type": "RangeError", "value": "alone"}]}, "breadcrumbs": crumbs});
    app.envelope(error(&"cd".repeat(16), alone)).await;
    let bugs = app.bugs().await;
    let bug = bugs.iter().find(|bug| bug.title == "RangeError: alone").unwrap();
    assert!(bug.description.contains("console stock is gone"), "{}", bug.description);
    assert_eq!(bug.replay, None);
}

#[tokio::test]
async fn breadcrumbs_of_requests_and_clicks_join_the_timeline() {
    let app = TestApp::new().await;
    let crumbs = json!([
        {"timestamp": 1_796_037_613.0, "category": "navigation", "data": {"from": "/", "to": "https://a.test/cart"}},
        {"timestamp": 1_796_037_614.0, "category": "ui.click", "message": "button#pay"},
        {"timestamp": 1_796_037_614.5, "category": "fetch",
            "data": {"method": "POST", "url": "https://a.test/api/pay?token=SECRETSECRET", "status_code": 500}},
    ]);
    let more = json!({"tags": {"replayId": REPLAY}, "breadcrumbs": crumbs});
    for _ in 0..2 {
        app.envelope(error(&"ab".repeat(16), more.clone())).await;
    }
    let lines = app.transcribed(REPLAY).await;
    for text in ["ui.click: button#pay", "POST /api/pay?token=[redacted] 500", "navigate to https://a.test/cart"] {
        assert_eq!(lines.iter().filter(|line| line.contains(text)).count(), 1, "{text}\n{}", lines.join("\n"));
    }
}

/// After the browser's back, the page of before goes on with its own numbers while those of the page between are taken.
#[tokio::test]
async fn a_page_from_the_browsers_cache_loses_nothing_and_breaks_nothing() {
    let app = TestApp::new().await;
    let events =
        |at: i64| json!([{"type": 3, "data": {"source": 2, "type": 2, "id": 7, "x": 1, "y": 1}, "timestamp": at}]);
    for (n, page, ended, at) in [
        (0, 100.0, 105.0, 1_796_000_104_000_i64),
        (1, 200.0, 205.0, 1_796_000_204_000),
        // The first page came back: once with a number that is taken, once with one that is free.
        (1, 100.0, 305.0, 1_796_000_304_000),
        (2, 100.0, 310.0, 1_796_000_309_000),
    ] {
        let base = 1_796_000_000.0;
        let body = segment(REPLAY, n, base + page, base + ended, &events(at));
        for _ in 0..2 {
            assert_eq!(app.envelope(body.clone()).await.json["rejected"], Value::Null);
        }
    }
    let back = Some("back-1796000100000".to_owned());
    assert_eq!(
        app.segments(REPLAY).await,
        [(0, "rrweb", None), (1, "rrweb", None), (2, "rrweb", back.clone()), (50_000, "rrweb", back)]
    );
    app.close_idle().await;
}

#[tokio::test]
async fn a_replay_that_goes_on_after_its_idle_time_is_transcribed_once_more() {
    let app = TestApp::new().await;
    app.envelope(fixture("sentry-replay-0")).await;
    app.close_idle().await;
    let before = app.lines(REPLAY).await.len();
    // Many late segments are not as many transcriptions.
    for n in 3..10 {
        let at = 1_796_037_700.0 + f64::from(n);
        let events = json!([{"type": 5, "data": {"tag": "breadcrumb", "payload": {"category": "console", "level": "log",
            "message": format!("late {n}"), "timestamp": at}}, "timestamp": at * 1000.0}]);
        app.envelope(segment(REPLAY, n, 1_796_037_631.0, at, &events)).await;
        assert_eq!(app.jobs().await.queued, 0);
    }
    app.close_idle().await;
    let lines = app.lines(REPLAY).await;
    assert!(lines.len() > before, "{lines:?}");
    says(&lines, &["late 9"]);
}

#[tokio::test]
async fn keys_are_found_wherever_sdks_put_them() {
    let app = TestApp::new().await;
    let body = |header: Value| format!("{header}\n{{\"type\":\"session\"}}\n{{}}\n");
    let dsn = json!({ "dsn": format!("https://{}@play.test/1", app.key) });
    let header = |value: &str| value.replace("KEY", &app.key);
    for (path, auth, header_line, status) in [
        ("/api/1/envelope/?sentry_key=KEY", "", json!({}), 200),
        ("/api/1/envelope?sentry_version=7&sentry_key=KEY", "", json!({}), 200),
        ("/api/00042/envelope/", "Sentry sentry_version=7, sentry_key=KEY", json!({}), 200),
        ("/api/1/envelope/", "", dsn.clone(), 200),
        ("/sentry/tunnel", "", dsn.clone(), 200),
        ("/sentry/tunnel/", "", dsn, 200),
        ("/sentry/tunnel", "", json!({}), 401),
        ("/sentry/tunnel", "", json!({"dsn": "https://phk_no@play.test/1"}), 401),
        ("/api/1/envelope/?sentry_key=phk_no", "", json!({}), 401),
    ] {
        let mut request = app.request(http::Method::POST, &header(path));
        request.headers_mut().unwrap().remove("authorization");
        request = request.header("origin", "http://shop.test");
        if !auth.is_empty() {
            request = request.header("x-sentry-auth", header(auth));
        }
        let answer = app.send(request.body(body(header_line).into()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{path} {auth}");
        assert_eq!(answer.header("access-control-allow-origin"), "http://shop.test", "{path} {auth}");
        if status == 200 {
            assert_eq!(answer.json["unused"]["session"], 1, "{}", answer.text);
        } else {
            answer.refused(401, "UNAUTHENTICATED");
        }
    }
}

#[tokio::test]
async fn a_compressed_envelope_is_read() {
    let app = TestApp::new().await;
    let body = Bytes::from(crate::app::gzip(&fixture("sentry-error")));
    let answer = app.envelope(body).await;
    assert_eq!(answer.json["accepted"]["error"], 1, "{}", answer.text);
    app.close_idle().await;
}
