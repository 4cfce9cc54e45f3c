//! The token endpoint.

use axum::body::Body;
use http::{Request, StatusCode};
use playhead_access::oauth::REFRESH_GRACE_MS;
use playhead_oauth::OAuthConfig;
use playhead_store::TokenLifetimes;
use playhead_web::testing::oauth::VERIFIER;
use serde_json::Value;

use crate::app::TestApp;

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name}: {value}"))
}

#[tokio::test]
async fn a_code_is_for_one_client_one_verifier_and_one_resource() {
    let app = TestApp::new().await;
    let client = app.client().await;
    for (more, want) in [
        (&[("code_verifier", "x")][..], "invalid_grant"),
        (&[("code_verifier", "")], "invalid_request"),
        (&[("client_id", "other")], "invalid_grant"),
        (&[("resource", "https://play.example/p/shop/mcp")], "invalid_target"),
        (&[("redirect_uri", "http://127.0.0.1:1/callback")], "invalid_grant"),
        (&[("grant_type", "password")], "unsupported_grant_type"),
        (&[("code", "phc_nonsense")], "invalid_grant"),
    ] {
        let code = app.code(&client).await;
        let answer = app.redeem(&client, &code, more).await;
        assert_eq!(answer.json["error"], want, "{more:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let unknown = app.redeem("01JD3M6ZQK8V0W2X4Y6Z8A0B2C", "phc_x", &[]).await;
    assert_eq!((unknown.status, text(&unknown.json, "error")), (StatusCode::UNAUTHORIZED, "invalid_client"));
    let code = app.code(&client).await;
    app.clock.advance_ms(60_000);
    assert_eq!(app.redeem(&client, &code, &[]).await.json["error"], "invalid_grant");
}

#[tokio::test]
async fn a_code_works_once_and_a_second_try_locks_nobody_out() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let code = app.code(&client).await;
    let tokens = app.redeem(&client, &code, &[("resource", "https://play.example/mcp")]).await.json;
    assert_eq!((text(&tokens, "token_type"), &tokens["expires_in"]), ("Bearer", &3600.into()));
    assert_eq!(text(&tokens, "scope"), "bugs:read bugs:write");
    let access = text(&tokens, "access_token");
    let grant = app.store.grant_by_access_token(access).await.unwrap().unwrap();
    assert_eq!((grant.resource.as_str(), grant.member), ("https://play.example/mcp", app.member.id));
    assert_eq!(app.redeem(&client, &code, &[]).await.json["error"], "invalid_grant");
    assert!(app.store.grant_by_access_token(access).await.unwrap().is_some());
    // Who has the code and not the verifier stole it.
    let thief = "t".repeat(VERIFIER.len());
    app.redeem(&client, &code, &[("code_verifier", &thief)]).await;
    assert!(app.store.grant_by_access_token(access).await.unwrap().is_none());
}

#[tokio::test]
async fn refresh_tokens_rotate_with_grace_and_an_old_one_ends_the_grant() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let first = app.redeem(&client, &app.code(&client).await, &[]).await.json;
    let second = app.refresh(&client, text(&first, "refresh_token"), &[("scope", "")]).await.json;
    assert_ne!(text(&first, "refresh_token"), text(&second, "refresh_token"));
    // The answer was lost: the same one comes again.
    assert_eq!(app.refresh(&client, text(&first, "refresh_token"), &[]).await.json, second);
    for (more, want) in [
        (("scope", "bugs:read admin"), "invalid_scope"),
        (("resource", "https://play.example/p/shop/mcp"), "invalid_target"),
        (("client_id", "other"), "invalid_grant"),
    ] {
        let answer = app.refresh(&client, text(&second, "refresh_token"), &[more]).await;
        assert_eq!(answer.json["error"], want);
    }
    let third = app.refresh(&client, text(&second, "refresh_token"), &[("scope", "bugs:read")]).await.json;
    assert_eq!(text(&third, "scope"), "bugs:read");
    app.clock.advance_ms(i64::try_from(REFRESH_GRACE_MS).unwrap() + 1);
    assert_eq!(app.refresh(&client, text(&first, "refresh_token"), &[]).await.json["error"], "invalid_grant");
    assert_eq!(app.refresh(&client, text(&third, "refresh_token"), &[]).await.json["error"], "invalid_grant");
    assert!(app.store.grant_by_access_token(text(&third, "access_token")).await.unwrap().is_none());
}

/// A look-up is a write transaction here: an address that guesses gets so many of them and no more.
#[tokio::test]
async fn an_address_that_was_refused_too_often_waits() {
    let config = OAuthConfig { auth_failures_per_minute: 3, trusted_proxies: 1, ..Default::default() };
    let app = TestApp::with(config).await;
    let client = app.client().await;
    let code = app.code(&client).await;
    let post = async |path: &str, body: &str, address: &str| {
        let request = Request::post(path).header("x-forwarded-for", address);
        app.send(request.body(Body::from(body.to_owned())).unwrap()).await
    };
    let guess = format!("grant_type=refresh_token&client_id={client}&refresh_token=phr_guessed");
    assert_eq!(post("/token", &guess, "192.0.2.1").await.json["error"], "invalid_grant");
    assert_eq!(post("/token", "grant_type=password", "192.0.2.1").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(post("/revoke", "token=pha_guessed", "192.0.2.1").await.status, StatusCode::OK, "as RFC 7009 asks");
    let redeem = format!("grant_type=authorization_code&client_id={client}&code={code}&code_verifier={VERIFIER}");
    for (path, body) in [("/token", &guess), ("/revoke", &"token=pha_guessed".to_owned()), ("/token", &redeem)] {
        let refused = post(path, body, "192.0.2.1").await;
        assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::TOO_MANY_REQUESTS, "20"), "{path}");
        assert_eq!(refused.json["error"], "slow_down");
        assert_eq!(refused.header("access-control-allow-origin"), "*");
    }
    assert_eq!(post("/token", &guess, "192.0.2.2").await.json["error"], "invalid_grant");
    assert_eq!(app.get("/.well-known/oauth-authorization-server").await.status, StatusCode::OK);
    app.clock.advance_ms(20_000);
    assert_eq!(post("/token", &redeem, "192.0.2.1").await.status, StatusCode::OK, "the code was not touched");
}

/// How long codes and tokens work is the operator's to say.
#[tokio::test]
async fn token_lifetimes_and_refresh_grace_are_settings() {
    let lifetimes = TokenLifetimes { access_ms: 300_000, refresh_ms: 3_600_000 };
    let config = OAuthConfig { lifetimes, refresh_grace_ms: 5_000, code_ms: 10_000, ..OAuthConfig::default() };
    let app = TestApp::with(config).await;
    let client = app.client().await;
    let (late, code) = (app.code(&client).await, app.code(&client).await);
    app.clock.advance_ms(9_999);
    let first = app.redeem(&client, &code, &[]).await.json;
    app.clock.advance_ms(1);
    assert_eq!(app.redeem(&client, &late, &[]).await.json["error"], "invalid_grant");
    assert_eq!(first["expires_in"], 300);
    let second = app.refresh(&client, text(&first, "refresh_token"), &[]).await.json;
    let grant = app.store.grant_by_access_token(text(&second, "access_token")).await.unwrap().unwrap();
    assert_eq!(grant.expires_at, app.clock.now().plus_ms(300_000));
    app.clock.advance_ms(5_000);
    assert_eq!(app.refresh(&client, text(&first, "refresh_token"), &[]).await.status, StatusCode::OK);
    // A token that nobody used ends by itself.
    app.clock.advance_ms(3_600_000 - 5_000);
    let ended = app.refresh(&client, text(&second, "refresh_token"), &[]).await.json;
    assert_eq!(ended["error"], "invalid_grant");

    let first = app.redeem(&client, &app.code(&client).await, &[]).await.json;
    app.refresh(&client, text(&first, "refresh_token"), &[]).await;
    app.clock.advance_ms(5_001);
    assert_eq!(app.refresh(&client, text(&first, "refresh_token"), &[]).await.json["error"], "invalid_grant");
}

#[tokio::test]
async fn a_client_may_end_its_own_grant() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let tokens = app.redeem(&client, &app.code(&client).await, &[]).await.json;
    let refresh = text(&tokens, "refresh_token");
    let foreign = app.post("/revoke", &[("token", refresh), ("client_id", "other")]).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
    assert_eq!(app.post("/revoke", &[("token", "unknown")]).await.status, StatusCode::OK);
    assert_eq!(app.post("/revoke", &[]).await.status, StatusCode::BAD_REQUEST);
    let done = app.post("/revoke", &[("token", refresh), ("client_id", &client)]).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(app.store.grant_by_access_token(text(&tokens, "access_token")).await.unwrap().is_none());
    assert_eq!(app.refresh(&client, refresh, &[]).await.json["error"], "invalid_grant");
}
