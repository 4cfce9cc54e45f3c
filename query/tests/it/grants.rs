//! OAuth access tokens at the gate: each is good for one resource, bounded by its member's role, ended at once.

use playhead_schemas::oauth::CodeDecision;
use playhead_schemas::{Actor, EpochMs, MemberId, ProjectId, Role, Scope};
use playhead_store::{AuditQuery, Exchange, NewCode, Secret, TokenLifetimes, TokenPair};
use serde_json::{Value, json};

use crate::data;
use crate::support::{Caller, TestServer};

const LIFETIMES: TokenLifetimes = TokenLifetimes { access_ms: 3_600_000, refresh_ms: 86_400_000 };

/// What a member is asked to consent to.
struct Asked<'a> {
    member: MemberId,
    project: Option<ProjectId>,
    scopes: &'a [Scope],
    resource: String,
}

async fn code(server: &TestServer, asked: &Asked<'_>, now: EpochMs) -> Secret {
    let new = NewCode {
        workspace: server.workspace,
        member: asked.member,
        project: asked.project,
        scopes: asked.scopes.to_vec(),
        client_id: "https://client.example/id".into(),
        client_name: "Client".into(),
        redirect_uri: "http://127.0.0.1/callback".into(),
        challenge: "challenge".into(),
        resource: asked.resource.clone(),
        expires_at: now.plus_ms(60_000),
    };
    server.store.create_code(new, now).await.unwrap()
}

/// The tokens of a grant that was given at `now`.
async fn granted(server: &TestServer, asked: &Asked<'_>, now: EpochMs) -> TokenPair {
    let code = code(server, asked, now).await;
    let decide = |_: &_| CodeDecision::<()>::Redeem;
    match server.store.redeem_code(code.expose(), now, LIFETIMES, decide).await.unwrap() {
        Exchange::Issued(pair) => pair,
        other => panic!("no tokens: {other:?}"),
    }
}

/// A member with this role in the shop, and who asks for its workspace.
async fn viewer<'a>(server: &TestServer, role: Role, scopes: &'a [Scope]) -> Asked<'a> {
    let member = server.member().await;
    server.store.set_role(server.shop, Actor::Member(member), Some(role)).await.unwrap();
    Asked { member, project: None, scopes, resource: format!("{}/mcp", server.url) }
}

async fn list(caller: &Caller, path: &str) -> (u16, String, Value) {
    caller.call_at(path, "list_bugs", json!({})).await
}

#[tokio::test]
async fn an_access_token_is_good_for_its_resource_alone() {
    let server = TestServer::new().await;
    let of_workspace = viewer(&server, Role::Viewer, &[Scope::BugsRead]).await;
    let resource = |path: &str| format!("{}{path}", server.url);
    let bearing = async |project, resource| {
        let asked = Asked { project, resource, ..of_workspace };
        server.bearing(granted(&server, &asked, EpochMs::now()).await.access.expose())
    };
    let whole = bearing(None, resource("/mcp")).await;
    let shop = bearing(Some(server.shop), resource("/p/shop/mcp")).await;
    for (what, caller, path, want) in [
        ("the workspace's at the workspace", &whole, "/mcp", 200),
        ("the workspace's at a project", &whole, "/p/shop/mcp", 401),
        ("the project's at its project", &shop, "/p/shop/mcp", 200),
        ("the project's at another", &shop, "/p/other/mcp", 401),
        ("the project's at one that is not there", &shop, "/p/nowhere/mcp", 401),
        ("the project's at the workspace", &shop, "/mcp", 401),
    ] {
        let (status, challenge, body) = list(caller, path).await;
        assert_eq!(status, want, "{what}: {body}");
        let metadata = resource(&format!("/.well-known/oauth-protected-resource{path}"));
        let says = challenge.contains(&metadata) && challenge.contains("error=\"invalid_token\"");
        assert!(want == 200 || says, "{what}: {challenge}");
    }
    assert_eq!(whole.refused_status("list_bugs").await, 401, "nor over REST");
    for almost in [resource("/mcp/"), resource("/MCP"), resource("/mcp?x"), "https://elsewhere.example/mcp".into()] {
        let caller = bearing(None, almost.clone()).await;
        assert_eq!(list(&caller, "/mcp").await.0, 401, "made for {almost}");
    }
}

#[tokio::test]
async fn the_audience_is_the_configured_address_whatever_headers_say() {
    let server = TestServer::new().await;
    let asked = viewer(&server, Role::Viewer, &[Scope::BugsRead]).await;
    let access = granted(&server, &asked, EpochMs::now()).await.access;
    assert_eq!(list(&server.bearing(access.expose()), "/mcp").await.0, 200);
    // The same store behind another address, and requests that claim to be for the first.
    let elsewhere = server.restarted(playhead_query::QueryConfig::default(), access.expose()).await;
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let first = server.url.trim_start_matches("http://");
    for header in ["Host", "X-Forwarded-Host", "Forwarded"] {
        let value = if header == "Forwarded" { format!("host={first}") } else { first.to_owned() };
        let response = elsewhere.mcp(&body).header(header, value).send().await.unwrap();
        assert_eq!(response.status(), 401, "{header}");
    }
}

#[tokio::test]
async fn scopes_and_the_live_role_bound_an_access_token() {
    let server = TestServer::new().await;
    let (bug, _) = server.store.create_bug(data::bug(server.shop, "ours")).await.unwrap();
    let wide = viewer(&server, Role::Viewer, &[Scope::BugsRead, Scope::CookiesRead]).await;
    let narrow = Asked { scopes: &[Scope::BugsRead], resource: wide.resource.clone(), ..wide };
    let cookies = async |caller: &Caller| caller.call_at("/mcp", "get_bug_cookies", json!({"bug_id": bug.id})).await;
    let caller = server.bearing(granted(&server, &narrow, EpochMs::now()).await.access.expose());
    let (status, challenge, _) = cookies(&caller).await;
    assert_eq!(status, 403);
    assert!(challenge.contains("error=\"insufficient_scope\"") && challenge.contains("scope=\"cookies:read\""));

    let caller = server.bearing(granted(&server, &wide, EpochMs::now()).await.access.expose());
    let (status, _, body) = cookies(&caller).await;
    assert_eq!((status, crate::gate::code(&body)), (200, "FORBIDDEN"), "{body}");
    let actor = Actor::Member(wide.member);
    server.store.set_role(server.shop, actor, Some(Role::Developer)).await.unwrap();
    assert_eq!(cookies(&caller).await.2["isError"], false, "the role of this moment counts");
    server.store.disable_member(wide.member).await.unwrap();
    let (status, challenge, _) = cookies(&caller).await;
    assert_eq!(status, 401);
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    server.store.enable_member(wide.member).await.unwrap();
    assert_eq!(cookies(&caller).await.2["isError"], false);
}

#[tokio::test]
async fn a_revoked_grant_is_refused_on_the_next_call() {
    let server = TestServer::new().await;
    let asked = viewer(&server, Role::Viewer, &[Scope::BugsRead]).await;
    let (one, two) = (granted(&server, &asked, EpochMs::now()).await, granted(&server, &asked, EpochMs::now()).await);
    let (first, second) = (server.bearing(one.access.expose()), server.bearing(two.access.expose()));
    for caller in [&first, &second] {
        assert_eq!(list(caller, "/mcp").await.0, 200, "known from now on");
    }
    server.store.revoke_grant(one.grant, asked.member, EpochMs::now()).await.unwrap();
    assert_eq!(list(&first, "/mcp").await.0, 401);
    assert_eq!(list(&second, "/mcp").await.0, 200, "the other one stands");
    server.store.revoke_by_token(two.refresh.expose(), None, EpochMs::now()).await.unwrap();
    assert_eq!(list(&second, "/mcp").await.0, 401);
}

#[tokio::test]
async fn only_live_access_tokens_are_let_in() {
    let server = TestServer::new().await;
    let asked = viewer(&server, Role::Viewer, &[Scope::BugsRead]).await;
    let code = code(&server, &asked, EpochMs::now()).await;
    let live = granted(&server, &asked, EpochMs::now()).await;
    let old = granted(&server, &asked, EpochMs::now().plus_ms(-LIFETIMES.access_ms)).await;
    for (what, secret, want) in [
        ("a code", code.expose(), 401),
        ("a refresh token", live.refresh.expose(), 401),
        ("an expired access token", old.access.expose(), 401),
        ("an unknown one", "pha_unknown", 401),
        ("a live one", live.access.expose(), 200),
    ] {
        assert_eq!(list(&server.bearing(secret), "/mcp").await.0, want, "{what}");
    }
}

#[tokio::test]
async fn what_a_grant_did_is_noted_with_its_client() {
    let server = TestServer::new().await;
    let asked = viewer(&server, Role::Viewer, &[Scope::BugsRead]).await;
    let pair = granted(&server, &asked, EpochMs::now()).await;
    let caller = server.bearing(pair.access.expose());
    caller.modern("tools/call", json!({"name": "list_bugs", "arguments": {}})).send().await.unwrap();
    let entries = server.store.audit_entries(AuditQuery::default(), None, 10).await.unwrap().items;
    let entry = &entries[0].1;
    assert_eq!(entry.principal, format!("grant {}", pair.grant));
    assert_eq!((entry.client_name.as_deref(), entry.client_version.as_deref()), (Some("modern-client"), Some("2")));
    assert_eq!((entry.tool.as_deref(), entry.code), (Some("list_bugs"), None));
    let grants = server.store.grants_of(asked.member, EpochMs::now(), None, 10).await.unwrap().items;
    assert!(grants[0].last_used_at.is_some());
    assert_eq!(grants[0].last_client.as_deref(), Some("modern-client 2"));
}
