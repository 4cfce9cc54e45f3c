//! The document, held against the routes, and the health of the server.

use axum::body::Body;
use http::Request;
use playhead_web::testing::openapi::Described;
use serde_json::Value;

use crate::app::TestApp;

const DOCUMENT: &str = "/v1/openapi.json";

#[tokio::test]
async fn every_route_is_in_the_document() {
    let app = TestApp::new().await;
    Described::read(&app.router, DOCUMENT).await.has_operations(&[
        "GET /healthz",
        "GET /readyz",
        "GET /v1/openapi.json",
        "POST /v1/bugs",
        "POST /v1/replays/{replay}/segments/{n}",
        "PUT /v1/replays/{replay}/segments/{n}",
    ]);
}

#[tokio::test]
async fn every_documented_route_exists_and_is_guarded_as_it_says() {
    let app = TestApp::new().await;
    Described::read(&app.router, DOCUMENT).await.is_guarded_as_it_says().await;
}

#[tokio::test]
async fn every_code_and_reference_is_in_the_document() {
    let app = TestApp::new().await;
    // The 503 of a server that is not ready has the body of one that is.
    Described::read(&app.router, DOCUMENT).await.is_complete(&["/readyz 503"]);
}

#[tokio::test]
async fn health_is_open() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status.as_u16(), &answer.json["ok"]), (200, &Value::Bool(true)), "{path}");
    }
}

#[tokio::test]
async fn a_closed_store_is_not_ready_and_refuses_without_details() {
    let mut app = TestApp::new().await;
    app.store.close().await;
    let ready = app.send(Request::get("/readyz").body(Body::empty()).unwrap()).await;
    assert_eq!((ready.status.as_u16(), &ready.json["ok"]), (503, &Value::Bool(false)));
    let live = app.send(Request::get("/healthz").body(Body::empty()).unwrap()).await;
    assert_eq!(live.status, 200);
    let answer = app.put("r1", 0, crate::app::body()).await;
    answer.refused(500, "INTERNAL");
    assert!(!answer.json.to_string().contains("closed"), "{}", answer.json);
    let config = playhead_store::StoreConfig::for_tests(app.dir.path());
    app.store = playhead_store::Store::open(config).await.unwrap();
}
