//! The administrators' routes of members, invitations, agents, roles, tokens that act for them, and the audit log.

use http::Method;
use playhead_schemas::{Actor, EpochMs, Role, Scope};
use playhead_store::NewToken;
use serde_json::{Value, json};

use crate::app::TestApp;

const MEMBERS: &str = "/api/v1/members";
const INVITATIONS: &str = "/api/v1/invitations";
const AGENTS: &str = "/api/v1/agents";
const ROLES: &str = "/api/v1/roles";
const TOKENS: &str = "/api/v1/tokens";

/// A token of scope admin that acts for `actor`.
async fn acting(app: &TestApp, actor: Actor) -> String {
    let new = NewToken {
        workspace: app.project.workspace,
        projects: None,
        scopes: vec![Scope::Admin],
        label: String::new(),
        expires_at: None,
        actor: Some(actor),
        bound_project: None,
    };
    app.store.create_token(new).await.unwrap().1.expose().to_owned()
}

async fn made(app: &TestApp, path: &str, body: Value) -> Value {
    let answer = app.admin(Method::POST, path, Some(body)).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    answer.json
}

async fn member(app: &TestApp, email: &str, admin: bool) -> (String, Actor) {
    let made = made(app, MEMBERS, json!({"email": email, "admin": admin})).await;
    let id = made["member"]["id"].as_str().unwrap().to_owned();
    let actor = Actor::Member(id.parse().unwrap());
    (id, actor)
}

#[tokio::test]
async fn members_are_made_removed_and_taken_back() {
    let app = TestApp::new().await;
    let made = made(&app, MEMBERS, json!({"email": " Ann@Example.com ", "name": "Ann"})).await;
    assert_eq!((&made["member"]["email"], &made["member"]["name"]), (&json!("ann@example.com"), &json!("Ann")));
    let password = made["password"].as_str().unwrap();
    let workspace = app.project.workspace;
    let kept = async || app.store.member_by_email(workspace, "ann@example.com").await.unwrap().unwrap();
    let (stored, phc) = kept().await;
    assert!(stored.must_change_password && playhead_access::password::verify(password, phc.as_deref()));

    let path = format!("{MEMBERS}/{}", stored.id);
    let reset = app.admin(Method::POST, &format!("{path}/password"), None).await.json;
    let phc = kept().await.1;
    assert!(!playhead_access::password::verify(password, phc.as_deref()), "the old one ended");
    assert!(playhead_access::password::verify(reset["password"].as_str().unwrap(), phc.as_deref()));

    let list = app.admin(Method::GET, MEMBERS, None).await.json;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert!(!list.to_string().contains("argon2") && !list.to_string().contains(password));
    let removed = app.admin(Method::DELETE, &path, None).await.json;
    assert!(removed["disabled_at"].is_number(), "{removed}");
    let back = app.admin(Method::POST, &format!("{path}/restore"), None).await.json;
    assert_eq!(back["disabled_at"], Value::Null);

    for (path, body, status, code) in [
        (MEMBERS, json!({"email": "ann@example.com"}), 409, "CONFLICT"),
        (MEMBERS, json!({"email": "no address"}), 400, "INVALID_INPUT"),
        (MEMBERS, json!({"mail": "x@y"}), 400, "INVALID_INPUT"),
        ("/api/v1/members/01HZX3V6E5T7Q8R9S0A1B2C3D4/restore", json!({}), 404, "NOT_FOUND"),
    ] {
        app.admin(Method::POST, path, Some(body)).await.refused(status, code);
    }
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let app = TestApp::new().await;
    let (root, _) = member(&app, "root@example.com", true).await;
    app.admin(Method::DELETE, &format!("{MEMBERS}/{root}"), None).await.refused(409, "CONFLICT");
    member(&app, "other@example.com", true).await;
    assert_eq!(app.admin(Method::DELETE, &format!("{MEMBERS}/{root}"), None).await.status, 200);
}

#[tokio::test]
async fn administration_is_given_and_taken_and_holds_at_once() {
    let app = TestApp::new().await;
    let (root, _) = member(&app, "root@example.com", true).await;
    let (id, ann) = member(&app, "ann@example.com", false).await;
    let token = acting(&app, ann).await;
    let set = async |id: &str, admin: Value| {
        app.admin(Method::POST, &format!("{MEMBERS}/{id}/admin"), Some(json!({"admin": admin}))).await
    };
    let lists = async || app.call(&token, Method::GET, MEMBERS, None).await;
    lists().await.refused(403, "FORBIDDEN");
    for _ in 0..2 {
        let made = set(&id, json!(true)).await;
        assert_eq!((made.status.as_u16(), &made.json["admin"]), (200, &json!(true)));
        assert_eq!(lists().await.status, 200, "from the next call on");
        assert_eq!(set(&id, json!(false)).await.json["admin"], json!(false));
        lists().await.refused(403, "FORBIDDEN");
    }
    set(&root, json!(false)).await.refused(409, "CONFLICT");
    set(&id, json!("yes")).await.refused(400, "INVALID_INPUT");
    set("01HZX3V6E5T7Q8R9S0A1B2C3D4", json!(true)).await.refused(404, "NOT_FOUND");
    // An owner of projects can't make anybody an administrator, not even the one that it acts for.
    app.store.set_role(app.project.id, ann, Some(Role::Owner)).await.unwrap();
    let path = format!("{MEMBERS}/{id}/admin");
    app.call(&token, Method::POST, &path, Some(json!({"admin": true}))).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn an_invitation_is_taken_once_or_called_back() {
    let app = TestApp::new().await;
    let wanted = json!({"email": "ann@example.com", "roles": [{"project": "shop", "role": "developer"}], "days": 2});
    let invited = made(&app, INVITATIONS, wanted).await;
    let secret = invited["path"].as_str().unwrap().strip_prefix("/invitations/").unwrap();
    let list = app.admin(Method::GET, INVITATIONS, None).await.json;
    assert!(!list.to_string().contains(secret), "a list shows no secret");
    let taken = app.store.accept_invitation(secret, EpochMs::now(), "Ann", "phc".into()).await.unwrap();
    let role = app.store.role(app.project.id, Actor::Member(taken.id)).await.unwrap();
    assert_eq!(role, Some(Role::Developer));

    let other = made(&app, INVITATIONS, json!({"email": "bob@example.com"})).await;
    let secret = other["path"].as_str().unwrap().strip_prefix("/invitations/").unwrap();
    let path = format!("{INVITATIONS}/{}", other["invitation"]["id"].as_str().unwrap());
    assert!(app.admin(Method::DELETE, &path, None).await.json["used_at"].is_number());
    assert!(app.store.accept_invitation(secret, EpochMs::now(), "Bob", "phc".into()).await.is_err());
    let again = app.admin(Method::POST, INVITATIONS, Some(json!({"email": " Ann@Example.com"}))).await;
    again.refused(409, "CONFLICT");
    assert!(again.json["error"]["action"].as_str().unwrap().contains("POST /api/v1/roles"), "{}", again.json);
    for (bad, status) in [
        (json!({"email": "x@y", "days": 0}), 400),
        (json!({"email": "x@y", "days": 91}), 400),
        (json!({"email": "x"}), 400),
        (json!({"email": "x@y", "roles": [{"project": "none", "role": "viewer"}]}), 404),
        (json!({"email": "x@y", "roles": [{"project": "shop", "role": "root"}]}), 400),
    ] {
        assert_eq!(app.admin(Method::POST, INVITATIONS, Some(bad.clone())).await.status, status, "{bad}");
    }
}

#[tokio::test]
async fn agents_have_roles_until_they_are_removed() {
    let app = TestApp::new().await;
    let agent = made(&app, AGENTS, json!({"name": "fixer"})).await;
    let id = agent["id"].as_str().unwrap();
    let actor = format!("agent {id}");
    let set = async |role: Value| {
        let body = json!({"project": "shop", "actor": actor, "role": role});
        app.admin(Method::POST, ROLES, Some(body)).await.json
    };
    assert_eq!(set(json!("developer")).await["roles"], json!([{"actor": actor, "role": "developer"}]));
    let list = app.admin(Method::GET, &format!("{ROLES}?project=shop"), None).await.json;
    assert_eq!(list["roles"], json!([{"actor": actor, "role": "developer"}]));
    assert_eq!(set(Value::Null).await["roles"], json!([]));
    let removed = app.admin(Method::DELETE, &format!("{AGENTS}/{id}"), None).await.json;
    assert!(removed["disabled_at"].is_number());
    assert!(app.store.actor_roles(actor.parse().unwrap()).await.unwrap().is_none());
    for bad in [json!({"project": "shop", "actor": "token x"}), json!({"project": "shop", "actor": "agent x"})] {
        app.admin(Method::POST, ROLES, Some(bad)).await.refused(400, "INVALID_INPUT");
    }
    let nobody = json!({"project": "shop", "actor": "agent 01HZX3V6E5T7Q8R9S0A1B2C3D4", "role": "viewer"});
    app.admin(Method::POST, ROLES, Some(nobody)).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn who_manages_is_decided_by_the_role_of_the_moment() {
    let app = TestApp::new().await;
    let other = app.store.create_project(app.project.workspace, "other", "Other").await.unwrap();
    let (id, ann) = member(&app, "ann@example.com", false).await;
    member(&app, "root@example.com", true).await;
    let token = acting(&app, ann).await;
    let keys =
        async |project: &str| app.call(&token, Method::GET, &format!("/api/v1/keys?project={project}"), None).await;
    keys("shop").await.refused(403, "FORBIDDEN");
    for (role, status) in [(Role::Viewer, 403), (Role::Developer, 403), (Role::Owner, 200)] {
        app.store.set_role(app.project.id, ann, Some(role)).await.unwrap();
        assert_eq!(keys("shop").await.status, status, "{role}");
    }
    app.store.set_role(other.id, ann, Some(Role::Developer)).await.unwrap();
    keys("other").await.refused(404, "NOT_FOUND");
    // An owner of projects manages them, and nobody's account.
    for (method, path) in [(Method::GET, MEMBERS), (Method::POST, TOKENS), (Method::POST, AGENTS)] {
        app.call(&token, method, path, Some(json!({"name": "x"}))).await.refused(403, "FORBIDDEN");
    }
    app.admin(Method::DELETE, &format!("{MEMBERS}/{id}"), None).await;
    keys("shop").await.refused(401, "UNAUTHENTICATED");
}

#[tokio::test]
async fn tokens_are_bound_acting_and_rotated() {
    let app = TestApp::new().await;
    let (_, ann) = member(&app, "ann@example.com", true).await;
    let wanted = json!({"scopes": ["admin"], "actor": ann, "label": "ann's"});
    let old = made(&app, TOKENS, wanted).await;
    assert_eq!(old["token"]["actor"], json!(ann));
    let (id, secret) = (old["token"]["id"].as_str().unwrap(), old["secret"].as_str().unwrap());
    assert_eq!(app.call(secret, Method::GET, TOKENS, None).await.status, 200);
    let new = made(&app, &format!("{TOKENS}/{id}/rotate"), json!({})).await;
    app.call(secret, Method::GET, TOKENS, None).await.refused(401, "UNAUTHENTICATED");
    assert_eq!(app.call(new["secret"].as_str().unwrap(), Method::GET, TOKENS, None).await.status, 200);
    for part in ["actor", "scopes", "label", "expires_at", "projects"] {
        assert_eq!(new["token"][part], old["token"][part], "{part}");
    }
    let again = app.admin(Method::POST, &format!("{TOKENS}/{id}/rotate"), None).await;
    again.refused(409, "CONFLICT");

    let bound = made(&app, TOKENS, json!({"scopes": ["admin"], "bound_project": "shop"})).await;
    assert_eq!(bound["token"]["bound_project"], json!(app.project.id));
    let secret = bound["secret"].as_str().unwrap();
    app.call(secret, Method::GET, TOKENS, None).await.refused(401, "UNAUTHENTICATED");
    for (bad, code) in [
        (json!({"bound_project": "shop", "projects": ["shop"]}), "INVALID_INPUT"),
        (json!({"bound_project": "none"}), "NOT_FOUND"),
        (json!({"actor": "member 01HZX3V6E5T7Q8R9S0A1B2C3D4"}), "NOT_FOUND"),
        (json!({"actor": "local"}), "INVALID_INPUT"),
    ] {
        let status = if code == "NOT_FOUND" { 404 } else { 400 };
        app.admin(Method::POST, TOKENS, Some(bad)).await.refused(status, code);
    }
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_paged() {
    let app = TestApp::new().await;
    let (_, ann) = member(&app, "ann@example.com", false).await;
    let token = acting(&app, ann).await;
    let name = format!("token {}", app.store.token_by_secret(&token).await.unwrap().unwrap().id);
    for _ in 0..2 {
        app.call(&token, Method::POST, AGENTS, Some(json!({"name": "x"}))).await.refused(403, "FORBIDDEN");
    }
    let log = async |query: &str| {
        let answer = app.admin(Method::GET, &format!("/api/v1/audit?{query}"), None).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.json);
        answer.json
    };
    let count = async |query: &str| log(query).await["items"].as_array().unwrap().len();
    assert_eq!(count("").await, 3, "what was made, and what a credential that is known was refused");
    assert_eq!(count("").await, 4, "looking at the log is noted as well");
    assert_eq!(count(&format!("principal={}", name.replace(' ', "%20"))).await, 2);
    assert_eq!(count(&format!("principal={}", name.replace(' ', "+"))).await, 2);
    assert_eq!((count("code=FORBIDDEN").await, count("refused=1").await, count("refused=0").await), (2, 2, 9));
    assert_eq!((count("tool=get_bug").await, count("project=shop").await, count("project=shop").await), (0, 0, 1));
    assert_eq!((count("since=1").await, count("until=1").await), (13, 0));
    let page = log("limit=2&refused=1").await;
    assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (2, &Value::Null));
    let page = log("limit=1&refused=1").await;
    let rest = log(&format!("limit=2&refused=1&after={}", page["next"].as_str().unwrap())).await;
    assert_eq!((page["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (1, 1));
    let all = log("").await.to_string();
    assert!(!all.contains(&token) && !all.contains("ann@example.com"), "{all}");
    for bad in ["code=NO", "since=yesterday", "after=x", "limit=0"] {
        let answer = app.admin(Method::GET, &format!("/api/v1/audit?{bad}"), None).await;
        answer.refused(400, "INVALID_INPUT");
    }
    app.admin(Method::GET, "/api/v1/audit?project=none", None).await.refused(404, "NOT_FOUND");
    app.call(&token, Method::GET, "/api/v1/audit", None).await.refused(403, "FORBIDDEN");
}
