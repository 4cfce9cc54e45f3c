//! Requests that are not as described: what is wrong is named, and what to do fits the case.

use http::Method;
use playhead_schemas::AgentId;
use serde_json::json;

use crate::app::TestApp;

#[tokio::test]
async fn unknown_query_parameters_are_refused_with_the_known_ones() {
    let app = TestApp::new().await;
    for (method, path, message, action) in [
        (Method::GET, "/api/v1/projects?limt=1", "unknown query parameter \"limt\"", "after, limit"),
        (Method::GET, "/api/v1/keys?project=shop&x", "unknown query parameter \"x\"", "project, after, limit"),
        (Method::GET, "/api/v1/roles?project=shop&limit=1", "unknown query parameter \"limit\"", "project"),
        (Method::GET, "/api/v1/audit?agent=x", "unknown query parameter \"agent\"", "principal, client, tool"),
        (
            Method::DELETE,
            "/api/v1/projects/shop?force=1",
            "unknown query parameter \"force\"",
            "takes no query parameters",
        ),
        (Method::POST, "/api/v1/reprocess?all=1", "unknown query parameter \"all\"", "takes no query parameters"),
    ] {
        let answer = app.admin(method, path, None).await;
        answer.refused(400, "INVALID_INPUT");
        assert_eq!(answer.message(), message, "{path}");
        assert!(answer.action().contains(action), "{path}: {}", answer.action());
    }
    let head = app.admin(Method::HEAD, "/api/v1/projects?limt=1", None).await;
    assert_eq!(head.status, 400);
    let all = "project=shop&principal=x&client=x&tool=x&code=FORBIDDEN&refused=1&since=1&until=2&limit=1";
    assert_eq!(app.admin(Method::GET, &format!("/api/v1/audit?{all}"), None).await.status, 200);
    // Whoever may not manage is told that first.
    app.call("pht_wrong", Method::GET, "/api/v1/projects?x=1", None).await.refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn bodies_are_refused_in_plain_words() {
    let app = TestApp::new().await;
    let fields = "the fields are label, scopes, projects, expires_at, actor, bound_project";
    for (body, message) in [
        (json!([]), "the request body must be an object, not a list".to_owned()),
        (json!({"label": 5}), "label must be text, not 5".to_owned()),
        (json!({"lable": "x"}), format!("unknown field \"lable\" (did you mean label?); {fields}")),
        (json!({"expires_at": "soon"}), "expires_at must be a whole number, not \"soon\"".to_owned()),
        (json!({"actor": "bob"}), "actor: not a member or agent such as member 01JD3M6ZQK8V0W2X4Y6Z8A0B2C".to_owned()),
        (json!({"label": ""}), "label: at least one visible character is needed".to_owned()),
        (json!({"label": " \u{200b}\t"}), "label: at least one visible character is needed".to_owned()),
    ] {
        let answer = app.admin(Method::POST, "/api/v1/tokens", Some(body)).await;
        answer.refused(400, "INVALID_INPUT");
        assert_eq!(answer.message(), message);
    }
    let scope = app.admin(Method::POST, "/api/v1/tokens", Some(json!({"scopes": ["bug:read"]}))).await;
    let said = scope.message();
    assert!(said.starts_with("scopes[0] must be one of bugs:read, "), "{said}");
    assert!(said.ends_with("not \"bug:read\"; did you mean bugs:read?"), "{said}");
    let none = app.admin(Method::POST, "/api/v1/projects", None).await;
    assert_eq!(none.refused(400, "INVALID_INPUT").message(), "the request body is empty");
    let limit = app.admin(Method::GET, "/api/v1/projects?limit=0", None).await;
    assert_eq!(limit.message(), "limit must be a whole number from 1 to 1000");
}

#[tokio::test]
async fn what_to_do_fits_what_is_missing() {
    let app = TestApp::new().await;
    let id = AgentId::new();
    let agent = json!({"project": "shop", "actor": format!("agent {id}"), "role": "viewer"});
    for (method, path, body, message, action) in [
        (Method::DELETE, "/api/v1/projects/none".to_owned(), None, "no such project", "/api/v1/projects"),
        (Method::DELETE, format!("/api/v1/keys/{id}"), None, "no such ingest key", "/api/v1/keys?project"),
        (Method::DELETE, format!("/api/v1/tokens/{id}"), None, "no such token", "/api/v1/tokens"),
        (Method::DELETE, format!("/api/v1/members/{id}"), None, "no such member", "/api/v1/members"),
        (Method::DELETE, format!("/api/v1/agents/{id}"), None, "no such agent", "/api/v1/agents"),
        (Method::DELETE, format!("/api/v1/invitations/{id}"), None, "no such invitation", "/api/v1/invitations"),
        (Method::POST, "/api/v1/roles".to_owned(), Some(agent), "no such agent", "/api/v1/agents"),
        (Method::POST, "/api/v1/reprocess".to_owned(), Some(json!({"bug": id})), "no such bug", "POST /v1/bugs"),
    ] {
        let answer = app.admin(method, &path, body).await;
        answer.refused(404, "NOT_FOUND");
        assert_eq!(answer.message(), message, "{path}");
        assert!(answer.action().contains(action), "{path}: {}", answer.action());
    }
}

#[tokio::test]
async fn what_to_do_fits_the_conflict() {
    let app = TestApp::new().await;
    let ann = json!({"email": "ann@example.com", "admin": true});
    let made = app.admin(Method::POST, "/api/v1/members", Some(ann.clone())).await.json;
    let ann_path = format!("/api/v1/members/{}", made["member"]["id"].as_str().unwrap());
    let bot = json!({"name": "bot"});
    app.admin(Method::POST, "/api/v1/agents", Some(bot.clone())).await;
    let token = app.admin(Method::POST, "/api/v1/tokens", Some(json!({"label": "x"}))).await.json;
    let token_path = format!("/api/v1/tokens/{}", token["token"]["id"].as_str().unwrap());
    app.admin(Method::DELETE, &token_path, None).await;
    app.admin(Method::POST, "/api/v1/projects", Some(json!({"slug": "old"}))).await;
    app.admin(Method::DELETE, "/api/v1/projects/old", None).await;
    for (method, path, body, action) in [
        (Method::POST, "/api/v1/projects".to_owned(), Some(json!({"slug": "shop"})), "slugs that are taken"),
        (Method::POST, "/api/v1/members".to_owned(), Some(ann), "lists the accounts"),
        (Method::DELETE, ann_path.clone(), None, "another member an administrator"),
        (Method::POST, format!("{ann_path}/admin"), Some(json!({"admin": false})), "another member an administrator"),
        (Method::POST, "/api/v1/agents".to_owned(), Some(bot), "names that are taken"),
        (Method::POST, format!("{token_path}/rotate"), None, "makes a token"),
        (Method::POST, "/api/v1/keys".to_owned(), Some(json!({"project": "old"})), "which projects are archived"),
    ] {
        let answer = app.admin(method, &path, body).await;
        answer.refused(409, "CONFLICT");
        assert!(answer.action().contains(action), "{path}: {}", answer.action());
    }
}

#[tokio::test]
async fn a_method_that_a_route_lacks_is_405() {
    let app = TestApp::new().await;
    let answer = app.admin(Method::PUT, "/api/v1/projects", None).await;
    answer.refused(405, "INVALID_INPUT");
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
}
