//! What clients find, and how they register.

use axum::body::Body;
use http::{Request, StatusCode};
use playhead_web::testing::oauth::{CALLBACK, ISSUER};
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn every_address_that_clients_probe_names_the_same_issuer() {
    let app = TestApp::new().await;
    for path in [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/mcp",
        "/.well-known/oauth-authorization-server/p/shop/mcp",
        "/.well-known/openid-configuration",
    ] {
        // A forged host changes nothing: names come from the configuration.
        let request = Request::get(path).header("host", "evil.example").header("x-forwarded-host", "evil.example");
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        let server = &answer.json;
        assert_eq!(server["issuer"], ISSUER, "{path}");
        assert_eq!(server["authorization_response_iss_parameter_supported"], true);
        assert_eq!(server["token_endpoint_auth_methods_supported"], json!(["none"]));
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(!answer.text.contains("evil.example"));
    }
    for (path, want) in [
        ("/.well-known/oauth-protected-resource", Some("https://play.example/mcp")),
        ("/.well-known/oauth-protected-resource/mcp", Some("https://play.example/mcp")),
        ("/.well-known/oauth-protected-resource/p/shop/mcp", Some("https://play.example/p/shop/mcp")),
        ("/.well-known/oauth-protected-resource/p/Shop/mcp", None),
        ("/.well-known/oauth-protected-resource/other", None),
    ] {
        assert_eq!(app.get(path).await.json["resource"].as_str(), want, "{path}");
    }
}

#[tokio::test]
async fn pages_of_any_origin_may_use_what_needs_no_cookie() {
    let app = TestApp::new().await;
    for path in ["/token", "/register", "/revoke", "/.well-known/oauth-protected-resource/mcp"] {
        let request = Request::options(path).header("origin", "https://claude.ai").body(Body::empty()).unwrap();
        let answer = app.send(request).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("access-control-allow-methods").contains("POST"));
    }
}

#[tokio::test]
async fn registrations_are_answered_without_nulls_and_bounded() {
    let app = TestApp::new().await;
    let good = app.register(json!({"client_name": "Robot", "redirect_uris": [CALLBACK], "tos_uri": null})).await;
    assert_eq!((good.status, good.header("cache-control")), (StatusCode::CREATED, "no-store"));
    assert!(!good.text.contains("null"), "{}", good.text);
    let bad = app.register(json!({"redirect_uris": ["https://a.example/#x"]})).await;
    assert_eq!((bad.status, bad.json["error"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_redirect_uri")));
    let large = app.register(json!({"redirect_uris": [CALLBACK], "x": "x".repeat(17 << 10)})).await;
    assert_eq!(large.status, StatusCode::BAD_REQUEST);
}
