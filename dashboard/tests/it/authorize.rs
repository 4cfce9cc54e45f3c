//! The way to a code: who is asked, what is shown, what is sent where.

use http::StatusCode;
use playhead_web::testing::oauth::{CALLBACK, ISSUER};

use crate::app::{Browser, DOCUMENT, EMAIL, PASSWORD, TestApp, authorize};

#[tokio::test]
async fn a_bad_client_or_redirect_is_shown_here_and_sent_nowhere() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let mut browser = app.browser().await;
    for (client, more) in [
        ("", &[][..]),
        ("nobody", &[]),
        (&client, &[("redirect_uri", "")]),
        (&client, &[("redirect_uri", "https://evil.example/callback")]),
        (&client, &[("redirect_uri", "http://127.0.0.1:7777/callback/x")]),
        (&client, &[("redirect_uri", "http://127.0.0.1.evil.com:7777/callback")]),
        (&client, &[("redirect_uri", "http://user@127.0.0.1:7777/callback")]),
        (&client, &[("redirect_uri", "http://127.0.0.1:7777/callback#x")]),
        (&client, &[("redirect_uri", "javascript:alert(1)")]),
        ("https://127.0.0.1/doc", &[]),
        ("https://0177.0.0.1/doc", &[]),
        ("https://inside.example/doc", &[]),
    ] {
        let answer = browser.get(&authorize(client, more)).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::BAD_REQUEST, ""), "{client} {more:?}");
        assert!(!answer.text.contains("evil"), "{}", answer.text);
    }
}

#[tokio::test]
async fn other_faults_go_to_the_client_with_state_and_issuer() {
    let app = TestApp::new().await;
    let client = app.client().await;
    for (more, want) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("scope", "nonsense")], "invalid_scope"),
        (&[("resource", "https://other.example/mcp")], "invalid_target"),
        (&[("resource", "https://play.example/mcp/")], "invalid_target"),
        (&[("resource", "https://play.example/mcp"), ("resource", "https://play.example/p/a/mcp")], "invalid_target"),
        (&[("prompt", "none")], "interaction_required"),
    ] {
        let answer = app.get(&authorize(&client, more)).await;
        assert!(answer.header("location").starts_with(CALLBACK), "{more:?}: {}", answer.text);
        let sent = answer.sent();
        assert_eq!((sent["error"].as_str(), sent["state"].as_str(), sent["iss"].as_str()), (want, "st&te", ISSUER));
    }
}

#[tokio::test]
async fn a_client_is_asked_about_every_time() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let mut browser = Browser::new(&app);
    let answer = browser.get(&authorize(&client, &[])).await;
    assert!(answer.header("location").starts_with("/sign-in?next=%2Fauthorize"), "{}", answer.header("location"));
    assert_eq!(browser.sign_in(EMAIL, PASSWORD).await.status, StatusCode::SEE_OTHER);
    for _ in 0..2 {
        let page = browser.get(&authorize(&client, &[])).await;
        assert_eq!(page.status, StatusCode::OK);
        for shown in [&client, "Robot", "127.0.0.1:7777", "Shop", "Read bug reports", "bugs:write"] {
            assert!(page.text.contains(shown), "{shown}: {}", page.text);
        }
        let policy = page.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("http://127.0.0.1:7777"), "{policy}");
        assert_eq!((page.header("x-frame-options"), page.header("cache-control")), ("DENY", "no-store"));
        assert!(!page.text.contains("<script"));
        let sent = browser.allow(&client).await.sent();
        assert_eq!((sent["iss"].as_str(), sent["state"].as_str()), (ISSUER, "st&te"));
        assert!(sent["code"].starts_with("phc_"));
    }
    let page = browser.get(&authorize(&client, &[("resource", "https://play.example/p/shop/mcp")])).await;
    assert!(page.text.contains("<code>shop</code>"), "{}", page.text);
    let page = browser.get(&authorize(&client, &[("resource", "https://play.example/p/none/mcp")])).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn only_this_servers_own_form_decides() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let mut browser = app.browser().await;
    let page = browser.get(&authorize(&client, &[])).await;
    let (csrf, request) = (page.hidden("csrf"), page.hidden("request"));
    let form = |csrf: &str, decision: &str, scope: &str| {
        [
            ("csrf", csrf.to_owned()),
            ("request", request.clone()),
            ("decision", decision.to_owned()),
            ("scope", scope.to_owned()),
        ]
    };
    let send = async |browser: &mut Browser<'_>, form: [(&'static str, String); 4]| {
        let fields: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/authorize", &fields).await
    };
    for csrf in ["", "x", &csrf[1..]] {
        let answer = send(&mut browser, form(csrf, "allow", "bugs:read")).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::FORBIDDEN, ""));
    }
    let sent = send(&mut browser, form(&csrf, "deny", "bugs:read")).await.sent();
    assert_eq!((sent["error"].as_str(), sent["iss"].as_str()), ("access_denied", ISSUER));
    // What was not asked can't be chosen, and nothing is no choice.
    for scope in ["admin", "replay:raw", ""] {
        assert!(
            send(&mut browser, form(&csrf, "allow", scope)).await.text.contains("Select at least one permission"),
            "{scope}"
        );
    }
    // Another browser's form is no use.
    let mut other = app.browser().await;
    assert_eq!(send(&mut other, form(&csrf, "allow", "bugs:read")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_clients_document_is_fetched_for_members_alone() {
    let app = TestApp::new().await;
    let stranger = app.get(&authorize(DOCUMENT, &[])).await;
    assert!(stranger.header("location").starts_with("/sign-in"), "{}", stranger.text);
    assert!(app.store.oauth_client(DOCUMENT).await.unwrap().is_none());
    let mut browser = app.browser().await;
    let page = browser.get(&authorize(DOCUMENT, &[])).await;
    assert!(page.text.contains("Editor") && page.text.contains(DOCUMENT), "{}", page.text);
    // The document lists no port; the client took one.
    let code = app.code(DOCUMENT).await;
    let tokens = app.redeem(DOCUMENT, &code, &[]).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
}
