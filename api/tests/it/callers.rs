//! Who may work on bugs: scopes, roles, foreign projects, limits. The same for each route.

use axum::body::Body;
use http::{Method, Request};
use playhead_access::Plan;
use playhead_api::ApiConfig;
use playhead_schemas::{Actor, Role, Scope};
use playhead_store::AuditQuery;
use serde_json::{Value, json};

use crate::app::{LOCAL_SECRET, TestApp};

const READS: [Scope; 1] = [Scope::BugsRead];
const WRITES: [Scope; 2] = [Scope::BugsRead, Scope::BugsWrite];

/// Every route about a bug and a comment of `project`, with a body that it takes.
fn routes(project: &str, bug: &str, comment: &str) -> Vec<(Method, String, Option<Value>)> {
    vec![
        (Method::GET, format!("/api/v1/bugs?project={project}"), None),
        (Method::GET, format!("/api/v1/bugs/search?query=pay&project={project}"), None),
        (Method::GET, format!("/api/v1/bugs/{bug}"), None),
        (Method::GET, format!("/api/v1/bugs/{bug}/comments"), None),
        (Method::GET, format!("/api/v1/bugs/{bug}/activity"), None),
        (Method::GET, format!("/api/v1/projects/{project}/members"), None),
        (Method::POST, "/api/v1/bugs".to_owned(), Some(json!({"project": project, "title": "x"}))),
        (Method::PATCH, format!("/api/v1/bugs/{bug}"), Some(json!({"priority": "low"}))),
        (Method::POST, format!("/api/v1/bugs/{bug}/comments"), Some(json!({"body": "x"}))),
        (Method::PATCH, format!("/api/v1/comments/{comment}"), Some(json!({"body": "y"}))),
        (Method::DELETE, format!("/api/v1/comments/{comment}"), None),
    ]
}

/// A bug of a project with a comment, both made by the local user.
async fn bug(app: &TestApp, project: &str) -> (String, String) {
    let made = app.admin(Method::POST, "/api/v1/bugs", Some(json!({"project": project, "title": "Payment"}))).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let bug = made.json["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/bugs/{bug}/comments");
    let added = app.admin(Method::POST, &path, Some(json!({"body": "seen twice"}))).await;
    assert_eq!(added.status, 201, "{}", added.text);
    (bug, added.json["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn reading_and_writing_take_their_scopes() {
    let app = TestApp::new().await;
    let (bug, comment) = bug(&app, "shop").await;
    let reader = app.token(&READS, |_| ()).await;
    let other = app.token(&[Scope::Admin, Scope::ReplayRaw], |_| ()).await;
    for (method, path, body) in routes("shop", &bug, &comment) {
        let wanted = if method == Method::GET { "bugs:read" } else { "bugs:write" };
        let answer = app.call(&other, method.clone(), &path, body.clone()).await;
        answer.refused(403, "FORBIDDEN");
        assert_eq!(answer.message(), format!("This needs a token with the scope {wanted}."), "{method} {path}");
        for wrong in ["wrong", "pht_wrong", &app.key] {
            app.call(wrong, method.clone(), &path, body.clone()).await.refused(401, "UNAUTHENTICATED");
        }
        let answer = app.call(&reader, method.clone(), &path, body).await;
        if method == Method::GET {
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        } else {
            answer.refused(403, "FORBIDDEN");
        }
    }
    let now = app.admin(Method::GET, &format!("/api/v1/bugs/{bug}"), None).await.json;
    assert_eq!((&now["version"], &now["comment_count"]), (&json!(1), &json!(1)), "nothing was written");
    // A token that ended, and one of a project's endpoint.
    let ended = app.token(&WRITES, |new| new.expires_at = Some(app.clock.now().plus_ms(1))).await;
    app.clock.advance_ms(1);
    app.call(&ended, Method::GET, "/api/v1/bugs", None).await.refused(401, "UNAUTHENTICATED");
    let project = app.project.id;
    let bound =
        app.token(&WRITES, |new| (new.projects, new.bound_project) = (Some(vec![project]), Some(project))).await;
    app.call(&bound, Method::GET, "/api/v1/bugs", None).await.refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn what_is_in_another_project_does_not_exist() {
    let app = TestApp::new().await;
    app.store.create_project(app.project.workspace, "other", "Other").await.unwrap();
    let (foreign_bug, foreign_comment) = bug(&app, "other").await;
    let project = app.project.id;
    let shop = app.token(&WRITES, |new| new.projects = Some(vec![project])).await;
    let nothing = "01HZX3V6E5T7Q8R9S0A1B2C3D4";
    let foreign = routes("other", &foreign_bug, &foreign_comment);
    for ((method, path, body), (_, missing, of_missing)) in foreign.into_iter().zip(routes("none", nothing, nothing)) {
        let answer = app.call(&shop, method.clone(), &path, body).await;
        answer.refused(404, "NOT_FOUND");
        let like = app.call(&shop, method.clone(), &missing, of_missing).await;
        assert_eq!((answer.message(), answer.action()), (like.message(), like.action()), "{method} {path}");
    }
    let list = app.call(&shop, Method::GET, "/api/v1/bugs", None).await.json;
    assert_eq!(list["items"], json!([]));
    // A bug that repeats one of another project is no duplicate of it.
    let (own, _) = bug(&app, "shop").await;
    let duplicate = Some(json!({"duplicate_of": foreign_bug}));
    app.call(&shop, Method::PATCH, &format!("/api/v1/bugs/{own}"), duplicate).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn the_role_of_the_moment_decides() {
    let app = TestApp::new().await;
    let (bug, _) = bug(&app, "shop").await;
    let ann = Actor::Agent(app.store.create_agent(app.project.workspace, "Ann").await.unwrap().id);
    let token = app.token(&WRITES, |new| new.actor = Some(ann)).await;
    let path = format!("/api/v1/bugs/{bug}");
    let read = async || app.call(&token, Method::GET, &path, None).await.status.as_u16();
    let write = async || app.call(&token, Method::PATCH, &path, Some(json!({"priority": "low"}))).await;
    assert_eq!(read().await, 403, "no role at all");
    app.store.set_role(app.project.id, ann, Some(Role::Viewer)).await.unwrap();
    assert_eq!(read().await, 200);
    let refused = write().await;
    refused.refused(403, "FORBIDDEN");
    assert!(refused.message().starts_with("The role viewer may not change bugs"), "{}", refused.message());
    app.store.set_role(app.project.id, ann, Some(Role::Manager)).await.unwrap();
    assert_eq!(write().await.status, 200);
    let activity = app.call(&token, Method::GET, &format!("{path}/activity"), None).await.json;
    let entry = &activity["items"][0];
    assert_eq!((&entry["author_id"], &entry["untrusted"]["author"]), (&json!(ann), &json!("Ann")));
    let members = app.call(&token, Method::GET, "/api/v1/projects/shop/members", None).await.json;
    assert_eq!(members["items"], json!([{"id": ann, "role": "manager", "untrusted": {"name": "Ann"}}]));
    let Actor::Agent(agent) = ann else { unreachable!() };
    app.store.disable_agent(agent).await.unwrap();
    assert_eq!(read().await, 401);
}

#[tokio::test]
async fn calls_are_counted_and_noted() {
    let plan = Plan { calls_per_minute: 3, ..Plan::default() };
    let app = TestApp::with(|config: ApiConfig| ApiConfig { plan, ..config }).await;
    let (bug, _) = bug(&app, "shop").await;
    let reader = app.token(&READS, |_| ()).await;
    let path = format!("/api/v1/bugs/{bug}");
    for _ in 0..3 {
        assert_eq!(app.call(&reader, Method::GET, &path, None).await.status, 200);
    }
    let full = app.call(&reader, Method::GET, &path, None).await;
    full.refused(429, "RATE_LIMITED");
    assert!((1..=60).contains(&full.header("retry-after").parse::<u32>().unwrap()));
    app.clock.advance_ms(60_000);
    assert_eq!(app.call(&reader, Method::GET, &path, None).await.status, 200);

    let day = Plan { calls_per_day: 2, ..Plan::default() };
    let app = TestApp::with(|config: ApiConfig| ApiConfig { plan: day, ..config }).await;
    let reader = app.token(&READS, |_| ()).await;
    for _ in 0..2 {
        assert_eq!(app.call(&reader, Method::GET, "/api/v1/bugs?project=shop", None).await.status, 200);
    }
    app.call(&reader, Method::GET, "/api/v1/bugs?project=shop", None).await.refused(429, "QUOTA_EXCEEDED");
    let log = app.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap();
    let entries: Vec<_> = log.items.into_iter().map(|(_, entry)| entry).filter(|e| e.action.contains("bugs")).collect();
    assert_eq!((entries.len(), entries[0].project), (3, Some(app.project.id)));
    assert_eq!(entries[0].action, "GET /api/v1/bugs");
    assert_eq!(entries.iter().filter(|entry| entry.code.is_some()).count(), 1);
}

#[tokio::test]
async fn a_scope_that_is_switched_off_is_off_here_too() {
    let plan = Plan { scopes_off: vec![Scope::BugsWrite], ..Plan::default() };
    let app = TestApp::with(|config: ApiConfig| ApiConfig { plan, ..config }).await;
    let token = app.token(&WRITES, |_| ()).await;
    let draft = Some(json!({"project": "shop", "title": "x"}));
    app.call(&token, Method::POST, "/api/v1/bugs", draft).await.refused(403, "FORBIDDEN");
    assert_eq!(app.call(&token, Method::GET, "/api/v1/bugs", None).await.status, 200);
}

#[tokio::test]
async fn a_path_that_is_no_text_is_refused_as_everything_is() {
    let app = TestApp::new().await;
    for path in ["/api/v1/projects/%FF/members", "/api/v1/bugs/%FF", "/api/v1/projects/%00/members", "/api/v1/bugs/x"] {
        let request = Request::get(path).header("authorization", format!("Bearer {LOCAL_SECRET}"));
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        let (status, code) = if path.contains("%00") { (404, "NOT_FOUND") } else { (400, "INVALID_INPUT") };
        answer.refused(status, code);
    }
}
