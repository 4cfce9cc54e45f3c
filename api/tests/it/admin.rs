//! The administrators' routes.

use axum::body::Body;
use http::{Method, Request};
use playhead_schemas::{EpochMs, Scope};
use playhead_store::{AuditQuery, NewToken};
use serde_json::{Value, json};

use crate::app::{LOCAL_SECRET, TestApp, body, events};

const PROJECTS: &str = "/api/v1/projects";
const KEYS: &str = "/api/v1/keys";
const TOKENS: &str = "/api/v1/tokens";

async fn token(app: &TestApp, scopes: &[Scope], only_shop: bool) -> String {
    let new = NewToken {
        workspace: app.project.workspace,
        projects: only_shop.then(|| vec![app.project.id]),
        scopes: scopes.to_vec(),
        label: String::new(),
        expires_at: Some(app.clock.now().plus_ms(1000)),
        actor: None,
        bound_project: None,
    };
    app.store.create_token(new).await.unwrap().1.expose().to_owned()
}

#[tokio::test]
async fn only_administrators_get_in() {
    let app = TestApp::new().await;
    for wrong in ["wrong", "pht_wrong", &app.key] {
        app.call(wrong, Method::GET, PROJECTS, None).await.refused(401, "UNAUTHENTICATED");
    }
    let reader = token(&app, &[Scope::BugsRead], false).await;
    app.call(&reader, Method::GET, PROJECTS, None).await.refused(403, "FORBIDDEN");
    let admin = token(&app, &[Scope::Admin], false).await;
    assert_eq!(app.call(&admin, Method::GET, PROJECTS, None).await.status, 200);
    app.clock.advance_ms(1001);
    app.call(&admin, Method::GET, PROJECTS, None).await.refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn projects_are_made_listed_and_archived() {
    let app = TestApp::new().await;
    let made = app.admin(Method::POST, PROJECTS, Some(json!({"slug": "docs"}))).await;
    assert_eq!((made.status.as_u16(), &made.json["name"]), (201, &json!("docs")));
    let again = app.admin(Method::POST, PROJECTS, Some(json!({"slug": "docs"}))).await;
    again.refused(409, "CONFLICT");
    let bad = app.admin(Method::POST, PROJECTS, Some(json!({"slug": "Not A Slug"}))).await;
    bad.refused(400, "INVALID_INPUT");
    let page = app.admin(Method::GET, &format!("{PROJECTS}?limit=1"), None).await.json;
    assert_eq!(page["items"][0]["slug"], "shop");
    let next = page["next"].as_str().unwrap();
    let page = app.admin(Method::GET, &format!("{PROJECTS}?after={next}"), None).await.json;
    assert_eq!((&page["items"][0]["slug"], &page["next"]), (&json!("docs"), &Value::Null));
    let archived = app.admin(Method::DELETE, &format!("{PROJECTS}/docs"), None).await;
    assert!(archived.json["archived_at"].is_number(), "{}", archived.json);
    app.admin(Method::DELETE, &format!("{PROJECTS}/none"), None).await.refused(404, "NOT_FOUND");
    for query in ["limit=0", "limit=x", "after=zz"] {
        let answer = app.admin(Method::GET, &format!("{PROJECTS}?{query}"), None).await;
        answer.refused(400, "INVALID_INPUT");
    }
}

#[tokio::test]
async fn a_key_that_was_made_uploads_until_it_is_revoked() {
    let mut app = TestApp::new().await;
    let wanted = json!({"project": "shop", "label": "web", "allowed_origins": ["https://shop.example"]});
    let made = app.admin(Method::POST, KEYS, Some(wanted)).await;
    assert_eq!(made.status, 201, "{}", made.json);
    made.json["secret"].as_str().unwrap().clone_into(&mut app.key);
    app.put("r1", 0, body()).await.accepted();
    let list = app.admin(Method::GET, &format!("{KEYS}?project=shop"), None).await.json;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert!(!list.to_string().contains(&app.key), "a list shows no secret");
    let path = format!("{KEYS}/{}", made.json["key"]["id"].as_str().unwrap());
    let revoked = app.admin(Method::DELETE, &path, None).await;
    assert!(revoked.json["revoked_at"].is_number(), "{}", revoked.json);
    app.put("r1", 0, body()).await.refused(401, "UNAUTHENTICATED");
    let bad = json!({"project": "shop", "allowed_origins": ["shop.example"]});
    app.admin(Method::POST, KEYS, Some(bad)).await.refused(400, "INVALID_INPUT");
    let none = json!({"project": "none"});
    app.admin(Method::POST, KEYS, Some(none)).await.refused(404, "NOT_FOUND");
    app.admin(Method::GET, KEYS, None).await.refused(400, "INVALID_INPUT");
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked() {
    let app = TestApp::new().await;
    let wanted = json!({"label": "ci", "scopes": ["admin"], "projects": null});
    let made = app.admin(Method::POST, TOKENS, Some(wanted)).await;
    assert_eq!(made.status, 201, "{}", made.json);
    let secret = made.json["secret"].as_str().unwrap();
    assert_eq!(app.call(secret, Method::GET, TOKENS, None).await.status, 200);
    let path = format!("{TOKENS}/{}", made.json["token"]["id"].as_str().unwrap());
    assert_eq!(app.admin(Method::DELETE, &path, None).await.status, 200);
    app.call(secret, Method::GET, TOKENS, None).await.refused(401, "UNAUTHENTICATED");
    for bad in [
        json!({"scopes": []}),
        json!({"scopes": ["root"]}),
        json!({"projects": []}),
        json!({"expires_at": 1}),
        json!({"lable": "typo"}),
    ] {
        app.admin(Method::POST, TOKENS, Some(bad)).await.refused(400, "INVALID_INPUT");
    }
    let reader = app.admin(Method::POST, TOKENS, Some(json!({}))).await.json;
    assert_eq!(reader["token"]["scopes"], json!(["bugs:read"]));
}

#[tokio::test]
async fn a_token_for_one_project_stays_in_it() {
    let app = TestApp::new().await;
    let other = app.store.create_project(app.project.workspace, "other", "Other").await.unwrap();
    let (foreign, _) = app.store.create_ingest_key(other.id, "", Vec::new()).await.unwrap();
    let shop = token(&app, &[Scope::Admin], true).await;
    let list = app.call(&shop, Method::GET, PROJECTS, None).await.json;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    for (method, path, body) in [
        (Method::DELETE, format!("{PROJECTS}/other"), None),
        (Method::GET, format!("{KEYS}?project={}", other.id), None),
        (Method::POST, KEYS.to_owned(), Some(json!({"project": "other"}))),
        (Method::DELETE, format!("{KEYS}/{}", foreign.id), None),
        (Method::POST, "/api/v1/reprocess".to_owned(), Some(json!({"project": "other"}))),
    ] {
        app.call(&shop, method, &path, body).await.refused(404, "NOT_FOUND");
    }
    for (method, path, body) in [
        (Method::POST, PROJECTS, Some(json!({"slug": "more"}))),
        (Method::POST, TOKENS, Some(json!({"scopes": ["cookies:read"]}))),
        (Method::GET, TOKENS, None),
        (Method::GET, "/api/v1/jobs", None),
    ] {
        app.call(&shop, method, path, body).await.refused(403, "FORBIDDEN");
    }
}

#[tokio::test]
async fn reprocessing_enqueues_what_matches() {
    let app = TestApp::new().await;
    for replay in ["r1", "r2", "r3"] {
        app.put(replay, 0, format!("{{\"rrweb\":{},\"final\":true}}", events())).await.accepted();
    }
    app.drain().await;
    let reprocess = |body: Value| app.admin(Method::POST, "/api/v1/reprocess", Some(body));
    let current = reprocess(json!({})).await;
    assert_eq!(current.accepted().json, json!({"total": 0, "enqueued": 0}));
    let all = reprocess(json!({"project": "shop", "all": true})).await;
    assert_eq!(all.accepted().json, json!({"total": 3, "enqueued": 3}));
    let again = reprocess(json!({"all": true})).await;
    assert_eq!(again.accepted().json, json!({"total": 3, "enqueued": 0}));
    let jobs = app.admin(Method::GET, "/api/v1/jobs", None).await.json;
    assert_eq!((&jobs["queued"], &jobs["dead"]), (&json!(3), &json!(0)));
    assert_eq!(app.drain().await.done, 3);
    let future = EpochMs::now().plus_ms(60_000);
    let none = reprocess(json!({"all": true, "since": future})).await;
    assert_eq!(none.accepted().json["total"], 0);
}

#[tokio::test]
async fn one_bug_is_reprocessed_whatever_its_version() {
    let app = TestApp::new().await;
    app.put("r1", 0, format!("{{\"rrweb\":{},\"final\":true}}", events())).await.accepted();
    app.put("r2", 0, format!("{{\"rrweb\":{},\"final\":true}}", events())).await.accepted();
    app.drain().await;
    let request = app.request(Method::POST, "/v1/bugs");
    let bug = app.send(request.body(r#"{"title":"x","replay":"r1"}"#.into()).unwrap()).await.json;
    let batch = app.admin(Method::POST, "/api/v1/reprocess", Some(json!({"bug": bug["bug"]}))).await;
    assert_eq!(batch.accepted().json, json!({"total": 1, "enqueued": 1}));
    app.drain().await;
    let none = json!({"bug": "01HZX3V6E5T7Q8R9S0A1B2C3D4"});
    app.admin(Method::POST, "/api/v1/reprocess", Some(none)).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn every_request_is_in_the_audit_log_with_its_project() {
    let app = TestApp::new().await;
    let key = format!("{KEYS}/{}", app.store.ingest_keys(app.project.id, None, 1).await.unwrap().items[0].id);
    let reader = token(&app, &[Scope::BugsRead], false).await;
    let (shop, none) = (Some(app.project.id), None);
    let requests = [
        (Method::POST, PROJECTS.to_owned(), Some(json!({"slug": "docs"})), 201),
        (Method::POST, PROJECTS.to_owned(), Some(json!({"slug": "docs"})), 409),
        (Method::GET, PROJECTS.to_owned(), None, 200),
        (Method::GET, format!("{KEYS}?project=shop"), None, 200),
        (Method::GET, format!("{KEYS}?project=none"), None, 404),
        (Method::DELETE, key, None, 200),
        (Method::GET, "/api/v1/audit?project=shop".to_owned(), None, 200),
    ];
    for (method, path, body, status) in requests {
        assert_eq!(app.admin(method, &path, body).await.status, status, "{path}");
    }
    app.call(&reader, Method::GET, TOKENS, None).await.refused(403, "FORBIDDEN");
    app.call("pht_unknown", Method::GET, TOKENS, None).await.refused(401, "UNAUTHENTICATED");
    let log = app.store.audit_entries(AuditQuery::default(), None, 20).await.unwrap().items;
    let mut noted: Vec<_> = log
        .iter()
        .map(|(_, entry)| (entry.action.as_str(), entry.project, entry.code.map_or("done", |code| code.as_str())))
        .collect();
    noted.sort_by_key(|(action, project, code)| (*action, *code, *project));
    assert_eq!(
        noted,
        [
            ("DELETE /api/v1/keys/{key}", shop, "done"),
            ("GET /api/v1/audit", shop, "done"),
            ("GET /api/v1/keys", none, "NOT_FOUND"),
            ("GET /api/v1/keys", shop, "done"),
            ("GET /api/v1/projects", none, "done"),
            ("GET /api/v1/tokens", none, "FORBIDDEN"),
            ("POST /api/v1/projects", none, "CONFLICT"),
            ("POST /api/v1/projects", none, "done"),
        ]
    );
    assert_eq!(log.iter().filter(|(_, entry)| entry.principal == "local").count(), 7, "and one is the reader's");
    let subjects: Vec<_> = log.iter().filter_map(|(_, entry)| entry.subject.as_deref()).collect();
    assert!(subjects.iter().all(|path| path.starts_with("/api/v1/") && !path.contains('?')), "{subjects:?}");
}

/// Guesses cost little: an address that was refused too often waits, and who is known goes on.
#[tokio::test]
async fn an_address_that_was_refused_too_often_waits() {
    let app = TestApp::new().await;
    let admin = token(&app, &[Scope::Admin], false).await;
    let get = async |secret: &str, address: &str| {
        let request = Request::get(PROJECTS).header("authorization", format!("Bearer {secret}"));
        let request = request.header("x-forwarded-for", address);
        app.send(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(get(&admin, "192.0.2.1").await.status, 200);
    for _ in 0..120 {
        get("pht_guessed", "192.0.2.1").await.refused(401, "UNAUTHENTICATED");
    }
    let refused = get("pht_guessed", "192.0.2.1").await;
    refused.refused(429, "RATE_LIMITED");
    assert_eq!(refused.headers["retry-after"], "1");
    let newcomer = token(&app, &[Scope::Admin], false).await;
    get(&newcomer, "192.0.2.1").await.refused(429, "RATE_LIMITED");
    for (secret, address) in [(admin.as_str(), "192.0.2.1"), (LOCAL_SECRET, "192.0.2.1"), (&newcomer, "192.0.2.2")] {
        assert_eq!(get(secret, address).await.status, 200);
    }
    get("pht_guessed", "192.0.2.3").await.refused(401, "UNAUTHENTICATED");
}
