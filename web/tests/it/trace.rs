//! The layer around every router.

use axum::Router;
use axum::body::Body;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::get;
use http::{HeaderMap, Request, StatusCode};
use playhead_web::testing::{Answer, logged, request_lines, send};
use playhead_web::{ApiError, method_not_allowed, not_found, trace};
use serde_json::json;

async fn refused() -> ApiError {
    ApiError::not_found("bug", "look").with_detail("streams", &["rrweb"]).retry_after(0)
}

async fn panics() -> &'static str {
    panic!("the reason stays in the log")
}

async fn cached() -> impl IntoResponse {
    ([("cache-control", "public, max-age=300")], "body {}")
}

async fn headers_as_printed(headers: HeaderMap) -> String {
    format!("{headers:?}")
}

async fn answer(request: http::request::Builder) -> Answer {
    let router = Router::new()
        .route("/refused", get(refused))
        .route("/panics", get(panics))
        .route("/cached", get(cached))
        .route("/headers", get(headers_as_printed))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn(trace));
    send(&router, request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_carries_the_requests_id() {
    let answer = answer(Request::get("/refused").header("x-request-id", "from-the-client")).await;
    answer.refused(404, "NOT_FOUND");
    assert_eq!((answer.message(), answer.action()), ("no such bug", "look"));
    assert_eq!((&answer.json["streams"], answer.header("x-request-id")), (&json!(["rrweb"]), "from-the-client"));
    assert_eq!((answer.header("retry-after"), answer.header("cache-control")), ("1", "no-store"));
}

#[tokio::test]
async fn a_panic_is_an_internal_error_without_its_reason() {
    let answer = answer(Request::get("/panics")).await;
    answer.refused(500, "INTERNAL");
    assert!(!answer.text.contains("the reason"), "{}", answer.text);
}

#[tokio::test]
async fn a_method_that_a_path_lacks_is_405_with_those_that_it_has() {
    let answer = answer(Request::delete("/refused").header("x-request-id", "not an id")).await;
    answer.refused(405, "INVALID_INPUT");
    assert_eq!((answer.header("allow"), answer.header("x-request-id").len()), ("GET,HEAD", 26));
    assert!(answer.message().contains("DELETE") && answer.action().contains("Allow"), "{}", answer.text);
}

#[tokio::test]
async fn a_path_without_a_route_is_refused_with_an_id() {
    assert_eq!(answer(Request::get("/none")).await.refused(404, "NOT_FOUND").header("x-request-id").len(), 26);
}

#[tokio::test]
async fn an_answer_that_says_how_long_it_may_be_kept_is_left_alone() {
    let answer = answer(Request::get("/cached")).await;
    assert_eq!((answer.status, answer.header("cache-control")), (StatusCode::OK, "public, max-age=300"));
    assert_eq!((answer.header("x-content-type-options"), answer.header("x-request-id").len()), ("nosniff", 26));
}

#[tokio::test]
async fn headers_with_secrets_are_not_printed() {
    let request = Request::get("/headers").header("cookie", "a=pha_1").header("cookie", "b=pha_2");
    let request = request.header("authorization", "Bearer pht_1").header("x-playhead-key", "phk_1");
    let printed = answer(request.header("accept", "text/html")).await.text;
    assert!(printed.contains("text/html"), "{printed}");
    assert!(["pha_", "pht_", "phk_"].iter().all(|secret| !printed.contains(secret)), "{printed}");
}

#[tokio::test]
async fn a_request_has_one_line_without_its_query_and_its_words() {
    for (path, status, said) in [
        ("/cached?key=phk_1", "status=200", "answered"),
        ("/refused?key=phk_1", "status=404", "code=\"NOT_FOUND\""),
        ("/panics?key=phk_1", "status=500", "the reason stays in the log"),
    ] {
        let (_, log) = logged(answer(Request::get(path).header("x-request-id", "r1"))).await;
        let lines = request_lines(&log);
        assert_eq!(lines.len(), 1, "{log}");
        let route = path.split('?').next().unwrap();
        for part in [status, said, "id=r1", "method=GET", route] {
            assert!(lines[0].contains(part), "{part} in {log}");
        }
        assert!(!log.contains("phk_1") && !log.contains("no such bug"), "{log}");
    }
}
