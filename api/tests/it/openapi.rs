//! The document, held against the routes.

use playhead_web::testing::openapi::Described;

use crate::app::TestApp;

const DOCUMENT: &str = "/api/v1/openapi.json";

#[tokio::test]
async fn every_route_is_in_the_document() {
    let app = TestApp::new().await;
    Described::read(&app.router, DOCUMENT).await.has_operations(&[
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
