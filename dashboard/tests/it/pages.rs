//! Sign-in, password, invitation, tokens, connected apps.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use playhead_access::password;
use playhead_dashboard::DashboardConfig;
use playhead_schemas::{EpochMs, Role};
use playhead_store::{NewInvitation, NewMember, SignInLimits};
use tokio::task::JoinSet;
use url::form_urlencoded;

use crate::app::{Browser, EMAIL, PASSWORD, TestApp};

#[tokio::test]
async fn sign_in_tells_nothing_and_is_throttled() {
    let app = TestApp::new().await;
    let mut browser = Browser::new(&app);
    let wrong = browser.sign_in(EMAIL, "another password").await;
    let unknown = browser.sign_in("bob@example.com", "another password").await;
    assert_eq!((wrong.status, unknown.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    assert!(wrong.text.contains("is not correct") && unknown.text.contains("is not correct"));
    for _ in 0..9 {
        browser.sign_in(EMAIL, "another password").await;
    }
    assert_eq!(browser.sign_in(EMAIL, PASSWORD).await.status, StatusCode::TOO_MANY_REQUESTS);
    app.clock.advance_ms(15 * 60_000);
    let right = browser.sign_in(EMAIL, PASSWORD).await;
    assert_eq!((right.status, right.header("location")), (StatusCode::SEE_OTHER, "/account"));
    let set = right.header("set-cookie");
    for part in ["__Host-playhead-session=phs_", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(part), "{set}");
    }
    let page = browser.get("/account").await;
    assert!(page.text.contains(EMAIL));
    assert_eq!(page.header("access-control-allow-origin"), "", "pages are for this server's own origin");
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let app = TestApp::new().await;
    let mut browser = app.browser().await;
    let csrf = browser.get("/account").await.hidden("csrf");
    let request = Request::post("/sign-out")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", &browser.cookie)
        .header("origin", "https://evil.example")
        .body(Body::from(format!("csrf={csrf}")))
        .unwrap();
    assert_eq!(app.send(request).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    assert_eq!(browser.post("/sign-out", &[("csrf", &csrf)]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/account").await.header("location"), "/sign-in?next=%2Faccount");
}

#[tokio::test]
async fn a_one_time_password_is_changed_first() {
    let app = TestApp::new().await;
    app.store.set_one_time_password(app.member.id, password::hash("first time only").unwrap()).await.unwrap();
    let mut browser = Browser::new(&app);
    browser.sign_in(EMAIL, "first time only").await;
    assert!(browser.get("/account/tokens").await.header("location").starts_with("/account/password?next="));
    let page = browser.get("/account/password").await;
    assert!(page.text.contains("That was a one-time password.") && !page.text.contains("<nav"), "{}", page.text);
    let csrf = page.hidden("csrf");
    for (new, repeat, want) in [
        ("short", "short", StatusCode::UNPROCESSABLE_ENTITY),
        ("long enough now", "different one", StatusCode::UNPROCESSABLE_ENTITY),
        ("first time only", "first time only", StatusCode::UNPROCESSABLE_ENTITY),
        (PASSWORD, PASSWORD, StatusCode::SEE_OTHER),
    ] {
        let fields = [("csrf", csrf.as_str()), ("new", new), ("repeat", repeat)];
        assert_eq!(browser.post("/account/password", &fields).await.status, want, "{new}");
    }
    assert_eq!(browser.get("/account/tokens").await.status, StatusCode::OK);
    let page = browser.get("/account/password").await;
    assert!(!page.text.contains("That was a one-time password"), "{}", page.text);
}

#[tokio::test]
async fn an_invitation_makes_an_account_once() {
    let app = TestApp::new().await;
    let new = NewInvitation {
        workspace: app.member.workspace,
        email: "bob@example.com".to_owned(),
        admin: false,
        roles: vec![(app.project.id, Role::Viewer)],
        expires_at: EpochMs::now().plus_ms(3_600_000),
    };
    let (_, secret) = app.store.create_invitation(new).await.unwrap();
    let path = format!("/invitations/{}", secret.expose());
    let mut browser = Browser::new(&app);
    let csrf = browser.get(&path).await.hidden("csrf");
    let fields = [("csrf", csrf.as_str()), ("name", "Bob"), ("new", PASSWORD), ("repeat", PASSWORD)];
    assert_eq!(browser.post(&path, &fields).await.header("location"), "/account");
    let page = browser.get("/account").await;
    assert!(page.text.contains("Shop") && page.text.contains("viewer"), "{}", page.text);
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_invitation_of_somebody_who_has_an_account_says_so() {
    let app = TestApp::new().await;
    let invitation = NewInvitation {
        workspace: app.member.workspace,
        email: "bob@example.com".to_owned(),
        admin: false,
        roles: Vec::new(),
        expires_at: EpochMs::now().plus_ms(3_600_000),
    };
    let (_, secret) = app.store.create_invitation(invitation).await.unwrap();
    let bob = NewMember {
        workspace: app.member.workspace,
        email: "bob@example.com".to_owned(),
        name: "Bob".to_owned(),
        password_hash: None,
        must_change_password: false,
        admin: false,
    };
    app.store.create_member(bob).await.unwrap();
    let path = format!("/invitations/{}", secret.expose());
    let mut browser = Browser::new(&app);
    let csrf = browser.get(&path).await.hidden("csrf");
    let fields = [("csrf", csrf.as_str()), ("name", "Bob"), ("new", PASSWORD), ("repeat", PASSWORD)];
    assert_eq!(browser.post(&path, &fields).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_token_is_shown_once_replaced_and_revoked() {
    let app = TestApp::new().await;
    let mut browser = app.browser().await;
    let csrf = browser.get("/account/tokens").await.hidden("csrf");
    let fields = [("csrf", csrf.as_str()), ("label", "<b>ci</b>"), ("scope", "bugs:read"), ("days", "30")];
    let made = browser.post("/account/tokens", &fields).await;
    let secret = secret_of(&made.text);
    let token = app.store.token_by_secret(&secret).await.unwrap().unwrap();
    assert!(!made.text.contains("<b>ci") && made.header("cache-control") == "no-store");
    let page = browser.get("/account/tokens").await;
    assert!(!page.text.contains(&secret) && page.text.contains(&token.prefix));

    let rotated = browser.post(&format!("/account/tokens/{}/rotate", token.id), &[("csrf", &csrf)]).await;
    let newer = secret_of(&rotated.text);
    assert!(app.store.token_by_secret(&secret).await.unwrap().is_none());
    let id = app.store.token_by_secret(&newer).await.unwrap().unwrap().id;
    browser.post(&format!("/account/tokens/{id}/revoke"), &[("csrf", &csrf)]).await;
    assert!(app.store.token_by_secret(&newer).await.unwrap().is_none());
}

#[tokio::test]
async fn a_connected_app_is_listed_and_ended_at_once() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let tokens = app.redeem(&client, &app.code(&client).await, &[]).await.json;
    let access = tokens["access_token"].as_str().unwrap();
    let grant = app.store.grant_by_access_token(access).await.unwrap().unwrap().grant;
    let mut browser = app.browser().await;
    let page = browser.get("/account/apps").await;
    assert!(page.text.contains("Robot") && page.text.contains("Never"), "{}", page.text);
    let csrf = page.hidden("csrf");
    let ended = browser.post(&format!("/account/apps/{grant}/revoke"), &[("csrf", &csrf)]).await;
    assert_eq!(ended.status, StatusCode::SEE_OTHER);
    assert!(app.store.grant_by_access_token(access).await.unwrap().is_none());
    assert!(browser.get("/account/apps").await.text.contains("No app is connected"));
}

/// Attempts are counted before they are made: a burst gets no more of them than a patient guesser.
#[tokio::test(flavor = "multi_thread")]
async fn passwords_guessed_at_once_stay_within_the_limit() {
    let app = Arc::new(TestApp::new().await);
    let mut flying = JoinSet::new();
    for _ in 0..20 {
        let app = app.clone();
        flying.spawn(async move { Browser::new(&app).sign_in(EMAIL, "wrong again and again").await });
    }
    let answers = flying.join_all().await;
    let tried = answers.iter().filter(|answer| answer.status == StatusCode::UNPROCESSABLE_ENTITY).count();
    let refused = answers.iter().filter(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS).count();
    assert_eq!((tried, refused), (10, 10));
}

/// A guesser of old passwords is told apart from others behind the same proxy.
#[tokio::test]
async fn changing_a_password_counts_against_the_clients_address() {
    let sign_in = SignInLimits { per_account: 100, per_address: 3, window_ms: 60_000 };
    let app = TestApp::with(DashboardConfig { trusted_proxies: 1, sign_in, ..DashboardConfig::default() }).await;
    let mut browser = app.browser().await;
    let csrf = browser.get("/account/password").await.hidden("csrf");
    let new = "five quiet badgers";
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("csrf", csrf.as_str()), ("old", "wrong"), ("new", new), ("repeat", new)])
        .finish();
    let change = async |address: &str| {
        let request = Request::post("/account/password")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", &browser.cookie)
            .header("x-forwarded-for", address);
        app.send(request.body(Body::from(body.clone())).unwrap()).await.text
    };
    for _ in 0..3 {
        assert!(change("192.0.2.1").await.contains("The current password is not correct"));
    }
    assert!(change("192.0.2.1").await.contains("Too many attempts"));
    assert!(change("192.0.2.2").await.contains("The current password is not correct"));
}

fn secret_of(page: &str) -> String {
    let rest = page.split_once("id=\"secret\">").unwrap_or_else(|| panic!("no secret: {page}")).1;
    rest.split('<').next().unwrap().to_owned()
}
