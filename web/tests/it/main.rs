//! What a surface that is built on this crate answers.
#![allow(clippy::unwrap_used)]

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn;
use axum::routing::get;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use playhead_web::{ApiError, method_not_allowed, trace};
use serde_json::{Value, json};
use tower::ServiceExt;

async fn refused() -> ApiError {
    ApiError::not_found("bug").with_detail("streams", &["rrweb"]).retry_after(0)
}

async fn panics() -> &'static str {
    panic!("the reason stays in the log")
}

fn router() -> Router {
    Router::new()
        .route("/refused", get(refused))
        .route("/panics", get(panics))
        .method_not_allowed_fallback(method_not_allowed)
        .route_layer(from_fn(trace))
}

async fn send(request: Request<Body>) -> (StatusCode, HeaderMap, Value) {
    let (head, body) = router().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (head.status, head.headers, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_carries_the_requests_id() {
    let request = Request::get("/refused").header("x-request-id", "from-the-client").body(Body::empty());
    let (status, headers, body) = send(request.unwrap()).await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::NOT_FOUND, &json!("NOT_FOUND")));
    assert_eq!((&body["error"]["message"], &body["streams"]), (&json!("no such bug"), &json!(["rrweb"])));
    assert_eq!(body["error"]["request_id"], "from-the-client");
    assert_eq!(headers["x-request-id"], "from-the-client");
    assert_eq!(headers["retry-after"], "1");
    assert_eq!(headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_panic_is_an_internal_error_without_its_reason() {
    let (status, _, body) = send(Request::get("/panics").body(Body::empty()).unwrap()).await;
    assert_eq!((status, &body["error"]["code"]), (StatusCode::INTERNAL_SERVER_ERROR, &json!("INTERNAL")));
    assert!(!body.to_string().contains("the reason"), "{body}");
}

#[tokio::test]
async fn a_method_that_a_path_lacks_is_a_refusal_with_a_new_id() {
    let request = Request::delete("/refused").header("x-request-id", "not an id").body(Body::empty());
    let (status, headers, body) = send(request.unwrap()).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(body["error"]["request_id"].as_str().unwrap().len(), 26);
    assert_eq!(headers["x-request-id"], body["error"]["request_id"].as_str().unwrap());
}
