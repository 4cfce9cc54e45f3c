//! The authorization endpoint: a client sends a member here, and the member decides.
//!
//! Every request is asked, whether the client was let in before or not: a code is never given without a person's yes.

use axum::extract::{RawQuery, State};
use http::{HeaderMap, StatusCode};
use playhead_access::oauth::{OAuthError, Refusal, Resource, to_text};
use playhead_schemas::{Actor, ErrorCode, Scope};
use playhead_store::{NewCode, Project};

use super::consent::{Consent, Reach, page};
use super::request::{Asked, AuthorizationRequest, read};
use crate::app::App;
use crate::web::{CsrfForm, Failure, Next, Reply, Visitor, see_other};

/// Projects that the page names; of more it tells their number.
const NAMED_MAX: usize = 12;

/// `GET /authorize`: asks.
pub(crate) async fn show(State(app): State<App>, RawQuery(query): RawQuery, headers: HeaderMap) -> Reply {
    let query = query.unwrap_or_default();
    let next = Next::authorize(&query);
    let visitor = Visitor::of(&app, &headers).await?;
    let request = match read(&app, &query, visitor.is_some()).await? {
        Asked::SignIn => return Ok(see_other(&next.from("/sign-in"))),
        Asked::Back(back, refusal) => return Ok(back.with_refusal(&app, refusal)),
        Asked::Request(request) => request,
    };
    if request.is_silent {
        let description = "a member must sign in and consent each time; leave prompt=none out";
        return Ok(request.back.with_refusal(&app, Refusal::new(OAuthError::InteractionRequired, description)));
    }
    let Some(visitor) = visitor else { return Ok(see_other(&next.from("/sign-in"))) };
    let visitor = visitor.ready(&next)?;
    ask(&app, &query, &request, &visitor, None).await
}

/// `POST /authorize`: the member's answer.
pub(crate) async fn decide(State(app): State<App>, form: CsrfForm) -> Reply {
    let query = form.fields.field("request").to_owned();
    let next = Next::authorize(&query);
    let Some(visitor) = form.visitor else { return Ok(see_other(&next.from("/sign-in"))) };
    let visitor = visitor.ready(&next)?;
    let request = match read(&app, &query, true).await? {
        Asked::SignIn => return Ok(see_other(&next.from("/sign-in"))),
        Asked::Back(back, refusal) => return Ok(back.with_refusal(&app, refusal)),
        Asked::Request(request) => request,
    };
    let client = || Some(request.client.id.clone());
    if form.fields.field("decision") != "allow" {
        app.note(Some(&visitor.member), "deny app", client(), Some(ErrorCode::Forbidden));
        let refusal = Refusal::new(OAuthError::AccessDenied, "the member did not allow it");
        return Ok(request.back.with_refusal(&app, refusal));
    }
    let Reach { project, .. } = reach(&app, &request, &visitor).await?;
    let chosen = form.fields.all("scope").filter_map(|scope| scope.parse::<Scope>().ok());
    let chosen: Vec<Scope> = chosen.collect();
    let offered = offered(&request, &visitor);
    let scopes: Vec<Scope> = offered.into_iter().filter(|scope| chosen.contains(scope)).collect();
    if scopes.is_empty() {
        let problem = "Choose at least one thing that the app may do, or do not allow it.";
        return ask(&app, &query, &request, &visitor, Some(problem)).await;
    }
    let now = app.now();
    let code = NewCode {
        workspace: visitor.member.workspace,
        member: visitor.member.id,
        project: project.map(|project| project.id),
        client_id: request.client.id.clone(),
        client_name: request.client.name.clone(),
        redirect_uri: request.back.redirect.as_str().to_owned(),
        challenge: request.challenge.as_str().to_owned(),
        resource: request.resource.url(&app.issuer),
        expires_at: now.plus_ms(app.config.code_ms),
        scopes,
    };
    tracing::info!(client = request.client.id, scopes = to_text(&code.scopes), "a member let an app in");
    let code = app.store.create_code(code, now).await?;
    app.note(Some(&visitor.member), "allow app", client(), None);
    Ok(request.back.with_code(&app, code.expose()))
}

async fn ask(
    app: &App,
    query: &str,
    request: &AuthorizationRequest,
    visitor: &Visitor,
    problem: Option<&str>,
) -> Reply {
    let reach = reach(app, request, visitor).await?;
    let scopes = offered(request, visitor);
    Ok(page(&Consent { query, request, visitor, reach: &reach, scopes: &scopes, problem }))
}

/// What may be consented to: what was asked, but administration only by an administrator.
fn offered(request: &AuthorizationRequest, visitor: &Visitor) -> Vec<Scope> {
    let may = |scope: &Scope| *scope != Scope::Admin || visitor.member.admin;
    request.scopes.iter().copied().filter(may).collect()
}

/// The projects that a grant would reach now.
async fn reach(app: &App, request: &AuthorizationRequest, visitor: &Visitor) -> Result<Reach, Failure> {
    let member = &visitor.member;
    let actor_roles = app.store.actor_roles(Actor::Member(member.id)).await?;
    let nothing = || {
        Failure::refused(
            StatusCode::FORBIDDEN,
            "You have no access to this project",
            "The app asks for a project in which you have no role. Ask an owner of the project, or sign in as somebody else.",
        )
    };
    let actor_roles = actor_roles.ok_or_else(nothing)?;
    if let Resource::Project(slug) = &request.resource {
        let project = app.store.project_by_slug(member.workspace, slug).await?;
        let project = project.filter(|project| actor_roles.role_in(project.id).is_some()).ok_or_else(nothing)?;
        return Ok(Reach { names: vec![project.name.clone()], more: 0, project: Some(project) });
    }
    let only: Vec<_> = actor_roles.roles.keys().copied().collect();
    let only = if actor_roles.admin { None } else { Some(only.as_slice()) };
    let projects = app.store.projects(member.workspace, only, None, 1000).await?.items;
    let live: Vec<&Project> = projects.iter().filter(|project| project.archived_at.is_none()).collect();
    let names: Vec<String> = live.iter().take(NAMED_MAX).map(|project| project.name.clone()).collect();
    Ok(Reach { more: live.len() - names.len(), names, project: None })
}
