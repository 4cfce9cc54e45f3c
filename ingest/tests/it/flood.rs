//! A page in a loop: tiny segments by the hundred thousand. What is refused is told so that each SDK can use it, and what
//! was acknowledged is there.

use axum::body::Body;
use http::Request;
use playhead_ingest::{IngestConfig, Rate};
use playhead_web::testing::Answer;
use serde_json::{Value, json};

use crate::app::TestApp;

/// Segments of a minute.
const FLOOD: u32 = 100_000;
const MINUTE_MS: u32 = 60_000;
/// A twentieth of what is allowed without settings, because each segment that is taken is made durable.
const RATE: Rate = Rate { per_second: 5.0, burst: 25 };
const ORIGIN: &str = "http://shop.test";

async fn limited(rate: Rate) -> TestApp {
    TestApp::with(IngestConfig { rate_per_key: rate, ..IngestConfig::default() }).await
}

fn event(n: u32) -> Value {
    json!({ "type": 5, "data": { "tag": "tick" }, "timestamp": 1_796_000_000_000_u64 + u64::from(n) })
}

/// Sends segment `n` as the browser SDK does.
async fn send(app: &TestApp, n: u32) -> Answer {
    let path = format!("/v1/replays/flood/segments/{n}?key={}&window=w1", app.key);
    let request = Request::post(path).header("origin", ORIGIN).header("content-type", "application/json");
    app.send(request.body(Body::from(json!({ "rrweb": [event(n)] }).to_string())).unwrap()).await
}

/// Sends a request for each number, spread over a minute. The numbers that were acknowledged, and the other answers.
async fn flood(app: &TestApp, count: u32, send: impl AsyncFn(u32) -> Answer) -> (Vec<u32>, Vec<Answer>) {
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    for n in 0..count {
        let answer = send(n).await;
        if answer.status.is_success() {
            stored.push(n)
        } else {
            refused.push(answer)
        }
        let until = |n: u32| u64::from(n) * u64::from(MINUTE_MS) / u64::from(count);
        app.clock.advance_ms(i64::try_from(until(n + 1) - until(n)).unwrap());
    }
    let allowed = f64::from(RATE.burst) + RATE.per_second * 60.0;
    let taken = f64::from(u32::try_from(stored.len()).unwrap());
    assert!((allowed - 1.0..=allowed + 1.0).contains(&taken), "{taken} of {count} were taken, {allowed} may be");
    (stored, refused)
}

#[tokio::test]
async fn the_browser_sdk_learns_when_to_come_again() {
    let app = limited(RATE).await;
    let (stored, refused) = flood(&app, FLOOD, async |n| send(&app, n).await).await;
    for answer in &refused {
        answer.refused(429, "RATE_LIMITED");
        assert_eq!((answer.header("retry-after"), answer.header("access-control-allow-origin")), ("1", ORIGIN));
        assert!(answer.header("access-control-expose-headers").contains("retry-after"));
    }
    let kept: Vec<u32> = app.segments("flood").await.into_iter().map(|(n, ..)| n).collect();
    assert_eq!(kept, stored, "what was acknowledged, and nothing else");
    // One that waits as it was told is taken, and the replay goes on to its transcript.
    let waiting = (0..FLOOD).find(|n| stored.binary_search(n).is_err()).unwrap();
    app.clock.advance_ms(1000);
    send(&app, waiting).await.accepted();
    let lines = app.transcribed("flood").await;
    assert!(!lines.is_empty());
}

#[tokio::test]
async fn sentry_can_not_read_that_it_must_wait() {
    let app = limited(RATE).await;
    let id = "ab".repeat(16);
    let envelope = |n: u32| {
        let replay = json!({ "replay_id": id, "segment_id": n });
        let recording = format!("{}\n{}", json!({ "segment_id": n }), json!([event(n)]));
        let length = recording.len();
        let header = format!("{{\"type\":\"replay_recording\",\"length\":{length}}}");
        format!("{{\"event_id\":\"{id}\"}}\n{{\"type\":\"replay_event\"}}\n{replay}\n{header}\n{recording}\n")
    };
    let (stored, refused) = flood(&app, FLOOD / 10, async |n| app.envelope(envelope(n)).await).await;
    for answer in &refused {
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (503, ""));
    }
    let kept: Vec<u32> = app.segments(&id).await.into_iter().map(|(n, ..)| n).collect();
    assert_eq!(kept, stored);
    app.close_idle().await;
}

#[tokio::test]
async fn posthog_is_told_to_come_again() {
    let app = limited(RATE).await;
    let (stored, refused) = flood(&app, FLOOD / 10, async |n| app.snapshots(n..n + 1).await).await;
    for answer in &refused {
        assert_eq!((answer.status.as_u16(), answer.header("access-control-allow-origin")), (503, ORIGIN));
        assert_eq!(answer.header("retry-after"), "1");
    }
    assert_eq!(app.segments("flood").await.len(), stored.len());
    app.close_idle().await;
}

/// A request may bring thousands of segments: they count against the rate of the key as well. What was stored before the
/// refusal is known when the request comes again, so that each attempt gets further.
#[tokio::test]
async fn segments_that_come_in_few_requests_have_the_same_rate() {
    let app = limited(RATE).await;
    let mut attempts = 0;
    loop {
        attempts += 1;
        let answer = app.snapshots(0..400).await;
        if answer.status.is_success() {
            let account = &answer.json;
            let told =
                [&account["accepted"]["snapshot"], &account["duplicates"]["snapshot"]].map(|n| n.as_u64().unwrap());
            assert_eq!(told.iter().sum::<u64>(), 400, "{}", answer.text);
            break;
        }
        assert_eq!((answer.status.as_u16(), answer.header("retry-after")), (503, "1"), "{}", answer.text);
        assert!(attempts < 30, "it never ends");
        app.clock.advance_ms(3000);
    }
    assert!(attempts > 1, "400 at once are more than the rate");
    assert_eq!(app.segments("flood").await.len(), 400, "each once");
    app.close_idle().await;
}

impl TestApp {
    /// Sends snapshots as posthog-js does, one event each.
    async fn snapshots(&self, numbers: std::ops::Range<u32>) -> Answer {
        let one = |n: u32| {
            json!({ "uuid": format!("u{n}"), "event": "$snapshot", "properties": {
                "$session_id": "flood", "$window_id": "w1", "$snapshot_data": [event(n)],
            } })
        };
        let batch: Vec<Value> = numbers.map(one).collect();
        self.post(&format!("/ph/{}/s/", self.key), "application/json", json!(batch).to_string()).await
    }
}
