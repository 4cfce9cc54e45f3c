//! What all pages share: the navigation, scripts, and addresses that no page has.

use axum::body::Body;
use http::{Request, StatusCode};
use playhead_web::testing::{Answer, logged, request_lines};

use crate::app::{Browser, TestApp};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

async fn ask(app: &TestApp, method: &str, path: &str, accept: &str, cookie: &str) -> Answer {
    let request = Request::builder().method(method).uri(path).header("accept", accept).header("cookie", cookie);
    app.send(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn an_unknown_address_is_a_page_for_browsers_and_json_for_programs() {
    let app = TestApp::new().await;
    let signed_in = app.browser().await.cookie;
    for (method, path, accept, is_page) in [
        ("GET", "/nowhere", BROWSER, true),
        ("GET", "/account/nowhere", "text/html", true),
        ("HEAD", "/nowhere", BROWSER, true),
        ("GET", "/nowhere", "*/*", false),
        ("GET", "/nowhere", "application/json", false),
        ("POST", "/nowhere", BROWSER, false),
        ("GET", "/v1/nowhere", BROWSER, false),
        ("GET", "/api/v1/nowhere", BROWSER, false),
        ("GET", "/p/shop/nowhere", BROWSER, false),
        ("GET", "/.well-known/nowhere", BROWSER, false),
    ] {
        for cookie in ["", &signed_in] {
            let answer = ask(&app, method, path, accept, cookie).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{method} {path}");
            let kind = if is_page { "text/html; charset=utf-8" } else { "application/json" };
            assert_eq!(answer.header("content-type"), kind, "{method} {path} {accept}");
            if is_page && method == "GET" {
                assert!(answer.text.contains("<h1>Page not found</h1>"), "{}", answer.text);
                assert!(answer.text.contains("href=\"/account/tokens\""), "it says where to go: {}", answer.text);
                assert_eq!(answer.text.contains("Sign out"), !cookie.is_empty(), "{}", answer.text);
            } else if !is_page {
                assert_eq!(answer.json["error"]["code"], "NOT_FOUND", "{}", answer.text);
            }
        }
    }
    let answer = ask(&app, "GET", "/sign-out", BROWSER, &signed_in).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.text.contains("can't be opened directly"), "{}", answer.text);
}

#[tokio::test]
async fn the_current_page_is_marked_in_the_navigation() {
    let app = TestApp::new().await;
    let mut browser = app.browser().await;
    for path in ["/account", "/account/tokens", "/account/apps", "/account/password"] {
        let page = browser.get(path).await;
        assert!(page.text.contains(&format!("<a href=\"{path}\" aria-current=\"page\">")), "{}", page.text);
        assert_eq!(page.text.matches("aria-current").count(), 1, "{}", page.text);
    }
    let page = Browser::new(&app).get("/sign-in").await;
    assert!(!page.text.contains("<nav"), "{}", page.text);
}

#[tokio::test]
async fn only_pages_with_something_to_copy_may_run_a_script() {
    let app = TestApp::new().await;
    let mut browser = app.browser().await;
    for (path, has_script) in
        [("/account", true), ("/account/tokens", true), ("/account/apps", false), ("/account/password", false)]
    {
        let page = browser.get(path).await;
        let policy = page.header("content-security-policy");
        assert_eq!(policy.contains("script-src 'self';"), has_script, "{path}: {policy}");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        let scripts = page.text.matches("<script").count();
        assert_eq!(scripts, page.text.matches("<script src=\"/assets/copy.js\" defer></script>").count(), "{path}");
        assert_eq!(scripts, usize::from(has_script), "{path}");
    }
    let script = app.get("/assets/copy.js").await;
    assert_eq!((script.status, script.header("content-type")), (StatusCode::OK, "text/javascript; charset=utf-8"));
    assert_eq!(script.header("x-content-type-options"), "nosniff");
}

/// Pages, files, addresses that no page has, and the endpoints of the authorization server beside them.
#[tokio::test]
async fn every_request_has_an_id_and_one_line_in_the_log() {
    let app = TestApp::new().await;
    for (method, path, status, cache) in [
        ("GET", "/sign-in", 200, "no-store"),
        ("GET", "/account", 303, "no-store"),
        ("GET", "/invitations/phi_hunter2", 404, "no-store"),
        ("GET", "/nowhere?key=hunter2", 404, "no-store"),
        ("GET", "/v1/nowhere?key=hunter2", 404, "no-store"),
        ("DELETE", "/account", 405, "no-store"),
        ("GET", "/assets/playhead.css", 200, "public, max-age=300"),
        ("GET", "/.well-known/oauth-authorization-server", 200, "public, max-age=300"),
        ("POST", "/token", 400, "no-store"),
        ("OPTIONS", "/token", 204, "no-store"),
    ] {
        let (answer, log) = logged(ask(&app, method, path, BROWSER, "ph_session=hunter2")).await;
        assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (status, cache), "{method} {path}");
        let id = answer.header("x-request-id");
        let lines = request_lines(&log);
        assert_eq!((id.len(), lines.len()), (26, 1), "{method} {path}: {log}");
        assert!(lines[0].contains(&format!("id={id}")) && lines[0].contains(&format!("status={status}")), "{log}");
        assert!(!log.contains("hunter2"), "{log}");
    }
}
