//! An OpenAPI document, held against the routes that it describes.

use axum::Router;
use axum::body::Body;
use http::{Method, Request, StatusCode};
use playhead_schemas::ErrorCode;
use serde_json::Value;

use super::{get, send};

/// A document and the router that serves it.
#[derive(Debug)]
pub struct Described<'r> {
    router: &'r Router,
    document: Value,
}

/// One operation of a document.
struct Operation<'d> {
    path: &'d str,
    method: String,
    docs: &'d Value,
}

impl<'r> Described<'r> {
    /// Reads the document at `path`.
    pub async fn read(router: &'r Router, path: &str) -> Self {
        let answer = get(router, path).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, "application/json"));
        assert_eq!(answer.json["openapi"], "3.1.0");
        Self { router, document: answer.json }
    }

    fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.document["paths"].as_object().unwrap();
        paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap();
            methods.iter().map(move |(method, docs)| Operation { path, method: method.to_uppercase(), docs })
        })
    }

    /// Asserts that the document has these operations, such as `GET /healthz`, in this order.
    pub fn has_operations(&self, want: &[&str]) {
        let mut found: Vec<String> =
            self.operations().map(|operation| format!("{} {}", operation.method, operation.path)).collect();
        found.sort();
        assert_eq!(found, want);
    }

    /// Asserts that every route exists, is guarded as the document says, and refuses a method that it lacks.
    pub async fn is_guarded_as_it_says(&self) {
        for Operation { path, method, docs } in self.operations() {
            let uri = path.replace("{n}", "0").replace(['{', '}'], "");
            let request = |method: &str| Request::builder().method(method).uri(&uri).body(Body::empty()).unwrap();
            let is_open = docs["security"].as_array().is_none_or(Vec::is_empty);
            let answer = send(self.router, request(&method)).await;
            assert_eq!(answer.status.as_u16(), if is_open { 200 } else { 401 }, "{method} {path}");
            let wrong = send(self.router, request(Method::TRACE.as_str())).await;
            assert_eq!(wrong.status.as_u16(), if is_open { 405 } else { 401 }, "TRACE {path}");
            assert!(wrong.header("allow").contains(&method), "TRACE {path}: {:?}", wrong.headers);
        }
    }

    /// Asserts that codes stand under their statuses, ids are unique, parameters of paths are described and references
    /// lead somewhere. `other_bodies` are failures that have no error body, such as `/readyz 503`.
    pub fn is_complete(&self, other_bodies: &[&str]) {
        let text = self.document.to_string();
        for code in ErrorCode::ALL {
            assert!(text.contains(&format!("\"{code}\"")), "{code} is not in the schema");
        }
        for Operation { path, method, docs } in self.operations() {
            let responses = docs["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
            for (status, response) in responses.iter().filter(|(status, _)| status.as_str() >= "400") {
                if other_bodies.contains(&format!("{path} {status}").as_str()) {
                    continue;
                }
                for code in response["description"].as_str().unwrap().split(", ") {
                    let known = ErrorCode::ALL.iter().find(|known| known.as_str() == code).unwrap();
                    assert_eq!(known.http_status().to_string(), *status, "{method} {path} {code}");
                }
            }
            let id = docs["operationId"].as_str().unwrap();
            assert_eq!(text.matches(&format!("\"operationId\":\"{id}\"")).count(), 1, "{id}");
            for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                let parameters = docs["parameters"].as_array().unwrap();
                assert!(parameters.iter().any(|p| p["name"] == name && p["in"] == "path"), "{path} {name}");
            }
        }
        self.references_lead_somewhere(&text);
    }

    fn references_lead_somewhere(&self, text: &str) {
        let targets: Vec<&str> =
            text.split("\"$ref\":\"").skip(1).filter_map(|rest| rest.split('"').next()?.strip_prefix('#')).collect();
        assert_eq!(targets.len(), text.matches("\"$ref\":").count(), "every reference stays in the document");
        assert!(targets.len() > 20);
        for target in targets {
            assert!(self.document.pointer(target).is_some(), "{target} leads nowhere");
        }
    }
}
