//! What belongs to somebody else, and what is left to somebody who was removed or has less of a role.

use http::StatusCode;
use playhead_access::password;
use playhead_schemas::{Actor, Role};
use playhead_store::{Member, NewMember};

use crate::app::{Browser, EMAIL, PASSWORD, TestApp, authorize};

const OTHER: &str = "bob@example.com";

/// Bob, no administrator, with `role` in the shop.
async fn bob(app: &TestApp, role: Option<Role>) -> Member {
    let new = NewMember {
        workspace: app.member.workspace,
        email: OTHER.to_owned(),
        name: "Bob".to_owned(),
        password_hash: Some(password::hash(PASSWORD).unwrap()),
        must_change_password: false,
        admin: false,
    };
    let bob = app.store.create_member(new).await.unwrap();
    app.store.set_role(app.project.id, Actor::Member(bob.id), role).await.unwrap();
    bob
}

#[tokio::test]
async fn nobody_ends_what_is_others() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let tokens = app.redeem(&client, &app.code(&client).await, &[]).await.json;
    let access = tokens["access_token"].as_str().unwrap();
    let grant = app.store.grant_by_access_token(access).await.unwrap().unwrap().grant;
    let mut ann = app.browser().await;
    let csrf = ann.get("/account/tokens").await.hidden("csrf");
    let fields = [("csrf", csrf.as_str()), ("label", "ci"), ("scope", "bugs:read"), ("days", "30")];
    ann.post("/account/tokens", &fields).await;
    let token = app.store.tokens_of(Actor::Member(app.member.id), None, 1).await.unwrap().items.remove(0).id;

    bob(&app, Some(Role::Owner)).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(OTHER, PASSWORD).await;
    let page = browser.get("/account/apps").await;
    assert!(page.text.contains("No app is connected"), "{}", page.text);
    let csrf = page.hidden("csrf");
    for path in [
        format!("/account/apps/{grant}/revoke"),
        format!("/account/tokens/{token}/revoke"),
        format!("/account/tokens/{token}/rotate"),
        "/account/apps/nonsense/revoke".to_owned(),
    ] {
        assert_eq!(browser.post(&path, &[("csrf", &csrf)]).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    assert!(app.store.grant_by_access_token(access).await.unwrap().is_some());
    assert!(app.store.token(token).await.unwrap().revoked_at.is_none());
}

#[tokio::test]
async fn a_removed_member_is_out_with_the_next_request() {
    let app = TestApp::new().await;
    let bob = bob(&app, Some(Role::Viewer)).await;
    let client = app.client().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(OTHER, PASSWORD).await;
    let code = browser.allow(&client).await.sent()["code"].clone();
    let tokens = app.redeem(&client, &code, &[]).await.json;
    app.store.disable_member(bob.id).await.unwrap();
    assert!(browser.get("/account").await.header("location").starts_with("/sign-in"));
    let refreshed = app.refresh(&client, tokens["refresh_token"].as_str().unwrap(), &[]).await;
    assert_eq!(refreshed.json["error"], "invalid_grant");
    let again = Browser::new(&app).sign_in(OTHER, PASSWORD).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "with the words of a wrong password");
}

#[tokio::test]
async fn only_reading_is_checked_on_the_consent_page() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let scope = "bugs:read bugs:write cookies:read replay:raw agent:tasks regression:write admin";
    let page = app.browser().await.get(&authorize(&client, &[("scope", scope)])).await;
    assert_eq!(page.text.matches(" checked").count(), 1, "{}", page.text);
    assert!(page.text.contains("value=\"bugs:read\" checked"), "{}", page.text);
    assert_eq!(page.text.matches(">Sensitive<").count(), 3, "{}", page.text);
    assert!(page.text.contains("What happens next") && page.text.contains("Access ends immediately"), "{}", page.text);
}

#[tokio::test]
async fn consent_shows_what_the_member_has() {
    let app = TestApp::new().await;
    let bob = bob(&app, None).await;
    let client = app.client().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(OTHER, PASSWORD).await;
    let shop = authorize(&client, &[("resource", "https://play.example/p/shop/mcp"), ("scope", "bugs:read admin")]);
    assert_eq!(browser.get(&shop).await.status, StatusCode::FORBIDDEN, "no role, no project");
    let everything = browser.get(&authorize(&client, &[])).await;
    assert!(everything.text.contains("you have no role in any project"), "{}", everything.text);
    assert!(!everything.text.contains("Shop"));

    app.store.set_role(app.project.id, Actor::Member(bob.id), Some(Role::Viewer)).await.unwrap();
    let page = browser.get(&shop).await;
    assert!(page.text.contains("Shop") && page.text.contains("bugs:read"), "{}", page.text);
    assert!(!page.text.contains("value=\"admin\""), "administration is an administrator's to give");
}

#[tokio::test]
async fn a_new_password_signs_other_browsers_out() {
    let app = TestApp::new().await;
    let (mut here, mut there) = (app.browser().await, app.browser().await);
    let csrf = here.get("/account/password").await.hidden("csrf");
    let new = "five quiet badgers";
    let fields = [("csrf", csrf.as_str()), ("old", PASSWORD), ("new", new), ("repeat", new)];
    assert_eq!(here.post("/account/password", &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
    assert!(there.get("/account").await.header("location").starts_with("/sign-in"));
    assert_eq!(Browser::new(&app).sign_in(EMAIL, PASSWORD).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(Browser::new(&app).sign_in(EMAIL, new).await.status, StatusCode::SEE_OTHER);
}

/// Text that others chose is shown as text: a client's name, an email, a label.
#[tokio::test]
async fn text_from_clients_is_escaped() {
    let app = TestApp::new().await;
    let name = "<script>alert(1)</script>\u{202e}\u{200b}Robot";
    let metadata = serde_json::json!({"client_name": name, "redirect_uris": [playhead_web::testing::oauth::CALLBACK]});
    let client = app.register(metadata).await.json["client_id"].as_str().unwrap().to_owned();
    let mut browser = app.browser().await;
    let page = browser.get(&authorize(&client, &[("state", "\"><script>")])).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(!page.text.contains("<script"), "{}", page.text);
    assert!(!page.text.contains('\u{202e}') && !page.text.contains('\u{200b}'), "invisible characters");
    let sign_in = Browser::new(&app).sign_in("\"><script>@example.com", "x").await;
    assert!(!sign_in.text.contains("<script"), "{}", sign_in.text);
}
