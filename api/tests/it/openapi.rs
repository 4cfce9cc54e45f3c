//! The document, held against the routes.

use axum::body::Body;
use http::{Method, Request};
use playhead_schemas::ErrorCode;
use serde_json::Value;

use crate::app::TestApp;

async fn document(app: &TestApp) -> Value {
    let answer = app.send(Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap()).await;
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
        "DELETE /api/v1/agents/{agent}",
        "DELETE /api/v1/invitations/{invitation}",
        "DELETE /api/v1/keys/{key}",
        "DELETE /api/v1/members/{member}",
        "DELETE /api/v1/projects/{project}",
        "DELETE /api/v1/tokens/{token}",
        "GET /api/v1/agents",
        "GET /api/v1/audit",
        "GET /api/v1/invitations",
        "GET /api/v1/jobs",
        "GET /api/v1/keys",
        "GET /api/v1/members",
        "GET /api/v1/openapi.json",
        "GET /api/v1/projects",
        "GET /api/v1/roles",
        "GET /api/v1/tokens",
        "POST /api/v1/agents",
        "POST /api/v1/invitations",
        "POST /api/v1/invitations/{invitation}/admin",
        "POST /api/v1/keys",
        "POST /api/v1/members",
        "POST /api/v1/members/{member}/admin",
        "POST /api/v1/members/{member}/password",
        "POST /api/v1/members/{member}/restore",
        "POST /api/v1/projects",
        "POST /api/v1/reprocess",
        "POST /api/v1/roles",
        "POST /api/v1/tokens",
        "POST /api/v1/tokens/{token}/rotate",
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
