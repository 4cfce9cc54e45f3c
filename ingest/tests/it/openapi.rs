//! The document, held against the routes.

use axum::body::Body;
use http::{Method, Request};
use playhead_schemas::ErrorCode;
use serde_json::Value;

use crate::app::TestApp;

async fn document(app: &TestApp) -> Value {
    let answer = app.send(Request::get("/v1/openapi.json").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-type"], "application/json");
    answer.json
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap();
            methods.iter().map(|(method, op)| (path.clone(), method.to_uppercase(), op.clone()))
        })
        .collect()
}

#[tokio::test]
async fn every_route_is_in_the_document() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut found: Vec<String> =
        operations(&document).into_iter().map(|(path, method, _)| format!("{method} {path}")).collect();
    found.sort();
    let want = [
        "GET /healthz",
        "GET /readyz",
        "GET /v1/openapi.json",
        "POST /v1/bugs",
        "POST /v1/replays/{replay}/segments/{n}",
        "PUT /v1/replays/{replay}/segments/{n}",
    ];
    assert_eq!(found, want);
}

#[tokio::test]
async fn every_documented_route_exists_and_is_guarded_as_it_says() {
    let app = TestApp::new().await;
    for (path, method, operation) in operations(&document(&app).await) {
        let uri = path.replace("{n}", "0").replace(['{', '}'], "");
        let method: Method = method.parse().unwrap();
        let answer = app.send(Request::builder().method(method).uri(&uri).body(Body::empty()).unwrap()).await;
        let want = if operation["security"].as_array().is_none_or(Vec::is_empty) { 200 } else { 401 };
        assert_eq!(answer.status.as_u16(), want, "{path}");
        let wrong = Request::builder().method(Method::PATCH).uri(&uri).body(Body::empty()).unwrap();
        assert_ne!(app.send(wrong).await.status.as_u16(), 200, "{path}");
    }
}

#[tokio::test]
async fn every_code_and_reference_is_in_the_document() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    let text = document.to_string();
    let codes = [
        ErrorCode::Unauthenticated,
        ErrorCode::Forbidden,
        ErrorCode::NotFound,
        ErrorCode::InvalidInput,
        ErrorCode::Conflict,
        ErrorCode::PayloadTooLarge,
        ErrorCode::RateLimited,
        ErrorCode::QuotaExceeded,
        ErrorCode::Internal,
    ];
    for code in codes {
        assert!(text.contains(&format!("\"{code}\"")), "{code} is not in the schema");
    }
    for (path, method, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
        for (status, response) in responses.iter().filter(|(status, _)| status.as_str() >= "400") {
            if response["content"]["application/json"]["schema"]["$ref"] == "#/components/schemas/Health" {
                assert_eq!((path.as_str(), status.as_str()), ("/readyz", "503"), "only this one is no error body");
                continue;
            }
            for code in response["description"].as_str().unwrap().split(", ") {
                let known = codes.iter().find(|known| known.as_str() == code).unwrap();
                assert_eq!(known.http_status().to_string(), *status, "{method} {path} {code}");
            }
        }
        let ids = operation["operationId"].as_str().unwrap();
        assert_eq!(text.matches(&format!("\"operationId\":\"{ids}\"")).count(), 1, "{ids}");
        for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let parameters = operation["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|p| p["name"] == name && p["in"] == "path"), "{path} {name}");
        }
    }
    let mut rest = text.as_str();
    let mut references = 0;
    while let Some(at) = rest.find("\"$ref\":\"") {
        rest = &rest[at + 8..];
        let target = &rest[..rest.find('"').unwrap()];
        let pointer = target.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
        references += 1;
    }
    assert!(references > 20);
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
