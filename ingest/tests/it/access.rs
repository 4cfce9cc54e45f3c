//! Keys, origins, CORS, rates.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{Method, Request};
use playhead_ingest::{IngestConfig, Rate};
use playhead_web::testing::Answer;

use crate::app::{TestApp, body};

const PATH: &str = "/v1/replays/r1/segments/0";

async fn put(app: &TestApp, key: &str, origin: Option<&str>) -> Answer {
    let mut request = Request::put(PATH).header("authorization", format!("Bearer {key}"));
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    app.send(request.body(Body::from(body())).unwrap()).await
}

#[tokio::test]
async fn wrong_missing_and_revoked_keys_are_refused() {
    let app = TestApp::new().await;
    let bare = Request::put(PATH).body(Body::from(body())).unwrap();
    app.send(bare).await.refused(401, "UNAUTHENTICATED");
    for key in ["phk_wrong", "", "pht_x", &"x".repeat(5000)] {
        put(&app, key, None).await.refused(401, "UNAUTHENTICATED");
    }
    put(&app, &app.key, None).await.accepted();
    let keys = app.store.ingest_keys(app.project.id, None, 10).await.unwrap();
    app.store.revoke_ingest_key(keys.items[0].id).await.unwrap();
    put(&app, &app.key, None).await.refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn a_key_of_an_archived_project_is_refused() {
    let app = TestApp::new().await;
    put(&app, &app.key, None).await.accepted();
    app.store.archive_project(app.project.id).await.unwrap();
    let answer = put(&app, &app.key, None).await;
    assert!(answer.status.is_client_error(), "{}", answer.json);
}

#[tokio::test]
async fn a_refusal_never_repeats_the_key() {
    let app = TestApp::new().await;
    let request = Request::put(format!("{PATH}?key=phk_guess&final=zzz")).body(Body::empty());
    let answer = app.send(request.unwrap()).await;
    assert!(!answer.json.to_string().contains("phk_guess"), "{}", answer.json);
}

#[tokio::test]
async fn only_allowed_origins_may_use_a_key() {
    let app = TestApp::new().await;
    let key = app.key_for(&["https://shop.example", "https://*.shop.example"]).await;
    for origin in ["https://shop.example", "https://eu.shop.example"] {
        let answer = put(&app, &key, Some(origin)).await;
        assert_eq!(answer.accepted().headers["access-control-allow-origin"], origin);
        assert_eq!(answer.headers["vary"], "Origin");
    }
    for origin in ["https://evil.example", "http://shop.example", "null", "https://shop.example.evil"] {
        let answer = put(&app, &key, Some(origin)).await;
        answer.refused(403, "FORBIDDEN");
        assert!(answer.headers.get("access-control-allow-origin").is_none(), "{origin}");
        assert_eq!(answer.headers["vary"], "Origin");
    }
    // A server or a command line sends no origin, and could send any.
    put(&app, &key, None).await.accepted();
}

#[tokio::test]
async fn refusals_are_readable_where_the_key_is_allowed() {
    let app = TestApp::new().await;
    let key = app.key_for(&["https://shop.example"]).await;
    let request = Request::put(PATH)
        .header("authorization", format!("Bearer {key}"))
        .header("origin", "https://shop.example")
        .body(Body::from("not json"));
    let answer = app.send(request.unwrap()).await;
    answer.refused(400, "INVALID_INPUT");
    assert_eq!(answer.headers["access-control-allow-origin"], "https://shop.example");
    let exposed = answer.headers["access-control-expose-headers"].to_str().unwrap();
    assert!(exposed.contains("retry-after"), "{exposed}");
}

#[tokio::test]
async fn preflights_are_answered() {
    let app = TestApp::new().await;
    let key = app.key_for(&["https://shop.example"]).await;
    let preflight = |path: String, origin: &str| {
        Request::options(path)
            .header("origin", origin)
            .header("access-control-request-method", "PUT")
            .header("access-control-request-headers", "authorization,content-encoding")
            .body(Body::empty())
            .unwrap()
    };
    for path in [PATH.to_owned(), "/v1/bugs".to_owned(), format!("{PATH}?key={key}")] {
        let answer = app.send(preflight(path.clone(), "https://shop.example")).await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.headers["access-control-allow-origin"], "https://shop.example");
        assert!(answer.headers["access-control-allow-methods"].to_str().unwrap().contains("PUT"));
        let headers = answer.headers["access-control-allow-headers"].to_str().unwrap();
        for name in ["authorization", "content-type", "content-encoding", "x-playhead-key"] {
            assert!(headers.contains(name), "{name}");
        }
        assert_eq!(answer.headers["vary"], "Origin");
        assert!(answer.headers.get("access-control-allow-credentials").is_none());
    }
    let foreign = app.send(preflight(format!("{PATH}?key={key}"), "https://evil.example")).await;
    assert!(foreign.headers.get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn a_key_has_its_rate() {
    let config = IngestConfig { rate_per_key: Rate { per_second: 0.5, burst: 3 }, ..IngestConfig::default() };
    let app = TestApp::with(config).await;
    for _ in 0..3 {
        put(&app, &app.key, None).await.accepted();
    }
    let answer = put(&app, &app.key, Some("https://shop.example")).await;
    answer.refused(429, "RATE_LIMITED");
    assert_eq!(answer.headers["retry-after"], "2");
    assert_eq!(answer.headers["access-control-allow-origin"], "https://shop.example");
    // Another key is not affected, and time heals.
    put(&app, &app.key_for(&[]).await, None).await.accepted();
    app.clock.advance_ms(2000);
    put(&app, &app.key, None).await.accepted();
    put(&app, &app.key, None).await.refused(429, "RATE_LIMITED");
}

#[tokio::test]
async fn an_address_has_its_rate_whatever_key_it_tries() {
    let rate = Rate { per_second: 0.1, burst: 2 };
    let config = IngestConfig { rate_per_address: rate, trusted_proxies: 1, ..IngestConfig::default() };
    let app = TestApp::with(config).await;
    let from = |peer: &str, forwarded: &str, key: &str| {
        let mut request = Request::put(PATH)
            .header("authorization", format!("Bearer {key}"))
            .header("x-forwarded-for", forwarded)
            .body(Body::from(body()))
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(peer.parse::<SocketAddr>().unwrap()));
        request
    };
    for n in 0..2 {
        // What a client writes into the header itself does not help it.
        let forwarded = format!("9.9.9.{n}, 1.2.3.4");
        app.send(from("10.0.0.1:1", &forwarded, "phk_guess")).await.refused(401, "UNAUTHENTICATED");
    }
    let answer = app.send(from("10.0.0.1:2", "9.9.9.9, 1.2.3.4", &app.key)).await;
    answer.refused(429, "RATE_LIMITED");
    assert_eq!(answer.headers["retry-after"], "10");
    app.send(from("10.0.0.1:3", "5.6.7.8", &app.key)).await.accepted();
}

#[tokio::test]
async fn bugs_are_behind_the_same_guard() {
    let app = TestApp::new().await;
    let request = Request::builder().method(Method::POST).uri("/v1/bugs");
    let request = request.body(Body::from(r#"{"title":"x"}"#)).unwrap();
    app.send(request).await.refused(401, "UNAUTHENTICATED");
}
