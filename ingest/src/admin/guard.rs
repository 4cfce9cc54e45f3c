//! Who administers, and what of it goes into the audit log.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, USER_AGENT};
use http::request::Parts;
use playhead_access::{Action, Credential, Endpoint, Principal, Reach, Refusal, checks};
use playhead_schemas::{ActorRoles, EpochMs, ErrorCode, ProjectId, Scope, WorkspaceId};
use playhead_store::{AuditEntry, Project, Token};
use sha2::{Digest, Sha256};

use super::AdminApp;
use crate::access::client_address;
use crate::error::{ApiError, Fault};

/// Who administers, and which projects.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    pub(crate) workspace: WorkspaceId,
    /// `None` means every project of the workspace.
    pub(crate) projects: Option<Vec<ProjectId>>,
    principal: String,
    /// The first project that the request refused_with out to be about, for the audit log.
    concerns: Arc<OnceLock<ProjectId>>,
}

/// Lets a request through with an [`Admin`], or refuses it. Every request, read or write, goes into the audit log, and
/// so does a refusal of a credential that is known.
pub(super) async fn guard(State(app): State<AdminApp>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (mut head, body) = request.into_parts();
    let admin = match authenticate(&app, &head).await {
        Ok(admin) => admin,
        Err(refused_with) => {
            if let Some((workspace, principal)) = refused_with.known {
                let mut entry = audit_entry(&app, workspace, &principal, &head);
                entry.code = Some(refused_with.error.fault.code);
                entry.duration_ms = milliseconds(began);
                app.store.audit(entry);
            }
            return refused_with.error.into_response();
        }
    };
    let mut entry = audit_entry(&app, admin.workspace, &admin.principal, &head);
    let concerns = admin.concerns.clone();
    head.extensions.insert(admin);
    let response = next.run(Request::from_parts(head, body)).await;
    entry.project = concerns.get().copied();
    entry.code = response.extensions().get::<ApiError>().map(|error| error.fault.code);
    entry.duration_ms = milliseconds(began);
    app.store.audit(entry);
    response
}

fn milliseconds(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Who was refused_with away at the door.
struct AuthRefused {
    error: ApiError,
    /// Whose credential it was, where that is known.
    known: Option<(WorkspaceId, String)>,
}

impl<E: Into<ApiError>> From<E> for AuthRefused {
    fn from(error: E) -> Self {
        Self { error: error.into(), known: None }
    }
}

/// A refusal is counted for its address; who was refused too often is told to wait, and nothing is looked up for it.
async fn authenticate(app: &AdminApp, head: &Parts) -> Result<Admin, AuthRefused> {
    let address = client_address(&head.extensions, &head.headers, app.trusted_proxies);
    let admin = identified(app, head, address).await;
    let is_refused = admin.as_ref().is_err_and(|refused_with| refused_with.error.fault.code != ErrorCode::Internal);
    if is_refused
        && let Err(seconds) = app.store.count_auth_failure(address, app.auth_failures_per_minute, app.clock.now())
    {
        return admin.map_err(|refused_with| AuthRefused { error: too_often(seconds), ..refused_with });
    }
    admin
}

async fn identified(app: &AdminApp, head: &Parts, address: Option<IpAddr>) -> Result<Admin, AuthRefused> {
    let values = head.headers.get_all(AUTHORIZATION).iter().map(|value| value.to_str().unwrap_or_default());
    let secret = checks::bearer(values).map_err(refused)?;
    let admin = |workspace, projects, principal| Admin { workspace, projects, principal, concerns: Arc::default() };
    // Digests are compared, so the time tells nothing about the secret.
    let digest: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    if app.local_secret == Some(digest) {
        return Ok(admin(app.store.default_workspace().await?.id, None, "local".to_owned()));
    }
    let token = match app.store.cached_token(secret) {
        Some(token) => token,
        None => {
            let admitted = app.store.admit_address(address, app.auth_failures_per_minute, app.clock.now());
            admitted.map_err(too_often)?;
            app.store.token_by_secret(secret).await?.ok_or_else(unauthenticated)?
        }
    };
    let (id, principal) = (token.id, principal_of(token));
    let actor_roles = match principal.actor {
        Some(actor) => app.store.actor_roles(actor).await?,
        None => None,
    };
    let reach = checked(&principal, actor_roles.as_ref(), app.clock.now()).map_err(|refusal| AuthRefused {
        error: refused(refusal),
        known: Some((principal.workspace, principal.name())),
    })?;
    app.store.touch_token(id, app.clock.now(), client(head).as_deref());
    Ok(admin(principal.workspace, reach.only().map(<[ProjectId]>::to_vec), principal.name()))
}

/// The checks of a call, as far as they concern who manages: the token is live, made for the workspace, and has the
/// scope `admin`; the one that it acts for is an administrator, or an owner of projects, at this moment.
fn checked(principal: &Principal, actor_roles: Option<&ActorRoles>, now: EpochMs) -> Result<Reach, Refusal> {
    let principal = checks::known(Some(principal.clone()), now)?;
    checks::audience(&principal, &Endpoint::Rest, "")?;
    checks::scope(&principal, &[Scope::Admin])?;
    checks::role(&principal, actor_roles, &Endpoint::Rest, Action::ManageProject)
}

fn principal_of(token: Token) -> Principal {
    Principal {
        credential: Credential::Token(token.id),
        workspace: token.workspace,
        projects: token.projects,
        bound_project: token.bound_project,
        actor: token.actor,
        scopes: token.scopes,
        label: token.label,
        expires_at: token.expires_at,
    }
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal.code() {
        ErrorCode::Unauthenticated => unauthenticated(),
        code => ApiError::new(Fault::new(code, refusal.message(), refusal.action())),
    }
}

fn audit_entry(app: &AdminApp, workspace: WorkspaceId, principal: &str, head: &Parts) -> AuditEntry {
    let route = head.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    AuditEntry {
        at: app.clock.now(),
        workspace: Some(workspace),
        principal: principal.to_owned(),
        client_name: client(head),
        client_version: None,
        action: format!("{} {route}", head.method),
        tool: None,
        project: None,
        subject: Some(playhead_schemas::text::one_line(head.uri.path(), 200)),
        code: None,
        duration_ms: 0,
    }
}

fn client(head: &Parts) -> Option<String> {
    let agent = head.headers.get(USER_AGENT)?.to_str().ok()?;
    Some(playhead_schemas::text::one_line(agent, 120))
}

fn too_often(seconds: u32) -> ApiError {
    ApiError::new(Fault::new(
        ErrorCode::RateLimited,
        "too many requests from this address were refused",
        "wait for the seconds of Retry-After, then send a token that works",
    ))
    .retry_after(seconds)
}

fn unauthenticated() -> ApiError {
    ApiError::new(Fault::new(
        ErrorCode::Unauthenticated,
        "there is no valid token in the request",
        "send Authorization: Bearer with a live token of scope admin",
    ))
}

impl Admin {
    /// True when `project` is one that this administrator manages.
    pub(crate) fn covers(&self, project: &Project) -> bool {
        project.workspace == self.workspace
            && self.projects.as_ref().is_none_or(|projects| projects.contains(&project.id))
    }

    /// Says in the audit log which project the request is about; the first one that is told stays.
    pub(crate) fn concerns(&self, project: ProjectId) {
        let _ = self.concerns.set(project);
    }

    /// Refuses who manages only some projects.
    pub(crate) fn must_manage_all(&self, what: &str) -> Result<(), ApiError> {
        if self.projects.is_none() {
            return Ok(());
        }
        Err(ApiError::new(Fault::new(
            ErrorCode::Forbidden,
            format!("this token is limited to some projects and may not {what}"),
            "use a token for the whole workspace",
        )))
    }

    /// The project that `text` names by id or slug; what is not covered does not exist.
    pub(crate) async fn project(&self, app: &AdminApp, text: &str) -> Result<Project, ApiError> {
        let found = match text.parse::<ProjectId>() {
            Ok(id) => match app.store.project(id).await {
                Ok(project) => Some(project),
                Err(error) if error.code() == ErrorCode::NotFound => None,
                Err(error) => return Err(error.into()),
            },
            Err(_) => app.store.project_by_slug(self.workspace, text).await?,
        };
        let found = found.filter(|project| self.covers(project)).ok_or_else(|| ApiError::not_found("project"))?;
        self.concerns(found.id);
        Ok(found)
    }

    /// Every project that this administrator manages.
    pub(crate) async fn all_projects(&self, app: &AdminApp) -> Result<Vec<Project>, ApiError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let only = self.projects.as_deref();
            let page = app.store.projects(self.workspace, only, after, 1000).await?;
            all.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }
}
