//! The document, held against the routes.

use playhead_api::ApiConfig;
use playhead_schemas::Scope;
use playhead_web::openapi::ToolDescription;
use playhead_web::testing::get;
use playhead_web::testing::openapi::Described;
use serde_json::json;

use crate::app::TestApp;

const DOCUMENT: &str = "/api/v1/openapi.json";

#[tokio::test]
async fn every_route_is_in_the_document() {
    let app = TestApp::new().await;
    Described::read(&app.router, DOCUMENT).await.has_operations(&[
        "DELETE /api/v1/agents/{agent}",
        "DELETE /api/v1/comments/{comment}",
        "DELETE /api/v1/invitations/{invitation}",
        "DELETE /api/v1/keys/{key}",
        "DELETE /api/v1/members/{member}",
        "DELETE /api/v1/projects/{project}",
        "DELETE /api/v1/tokens/{token}",
        "GET /api/v1/agents",
        "GET /api/v1/audit",
        "GET /api/v1/bugs",
        "GET /api/v1/bugs/search",
        "GET /api/v1/bugs/{bug}",
        "GET /api/v1/bugs/{bug}/activity",
        "GET /api/v1/bugs/{bug}/comments",
        "GET /api/v1/invitations",
        "GET /api/v1/jobs",
        "GET /api/v1/keys",
        "GET /api/v1/members",
        "GET /api/v1/openapi.json",
        "GET /api/v1/projects",
        "GET /api/v1/projects/{project}/members",
        "GET /api/v1/roles",
        "GET /api/v1/tokens",
        "PATCH /api/v1/bugs/{bug}",
        "PATCH /api/v1/comments/{comment}",
        "POST /api/v1/agents",
        "POST /api/v1/bugs",
        "POST /api/v1/bugs/{bug}/comments",
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
    Described::read(&app.router, DOCUMENT).await.is_complete(&[]);
}

#[tokio::test]
async fn tools_are_described_where_the_server_has_them() {
    let tool = ToolDescription {
        name: "get_bug".to_owned(),
        title: "Read a bug".to_owned(),
        description: "Gives a bug.".to_owned(),
        scope: Scope::BugsRead,
        input: json!({"type": "object", "properties": {"bug_id": {"type": "string"}}}),
        output: Some(json!({"type": "object"})),
    };
    let picture = ToolDescription { name: "get_screenshot".to_owned(), output: None, ..tool.clone() };
    let tools = vec![tool.clone(), picture];
    let app = TestApp::with(|config| ApiConfig { tools, ..config }).await;
    let document = get(&app.router, DOCUMENT).await.json;
    let paths = &document["paths"];
    assert_eq!(paths["/api/v1/tools"]["get"]["operationId"], "listTools");
    let call = &paths["/api/v1/tools/get_bug"]["post"];
    assert_eq!(call["operationId"], "call_get_bug");
    assert_eq!(call["requestBody"]["content"]["application/json"]["schema"], tool.input);
    let answers = |name: &str| paths[format!("/api/v1/tools/{name}")]["post"]["responses"].clone();
    let answer = &answers("get_bug")["200"]["content"]["application/json"]["schema"];
    assert_eq!(answer["properties"]["structuredContent"], tool.output.unwrap());
    let picture = &answers("get_screenshot")["200"]["content"];
    assert_eq!(picture["application/json"]["schema"]["required"], json!(["content", "isError"]));
    assert!(picture["text/markdown"].is_object());
    assert_eq!(answers("get_bug")["429"]["description"], "RATE_LIMITED, QUOTA_EXCEEDED");
    assert_eq!(call["security"], json!([{"token": []}]));
}
