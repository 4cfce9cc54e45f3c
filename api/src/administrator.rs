//! Who is let in, and what the audit log keeps of it.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::AUTHORIZATION;
use http::request::Parts;
use playhead_access::{Action, Endpoint, Principal, Reach, Refusal, checks};
use playhead_schemas::{ActorRoles, EpochMs, ErrorCode, ProjectId, Scope, WorkspaceId, text};
use playhead_store::{AuditEntry, Project};
use playhead_web::{
    ApiError, Problem, audit_entry, client_address, milliseconds_since, principal_of_token, user_agent,
};
use sha2::{Digest, Sha256};

use crate::app::Api;
use crate::named::Named;

/// Who sent a request, and which projects the sender manages.
#[derive(Clone, Debug)]
pub(crate) struct Administrator {
    pub(crate) workspace: WorkspaceId,
    /// `None` means every project of the workspace.
    pub(crate) projects: Option<Vec<ProjectId>>,
    principal: String,
    /// The first project that the request turned out to be about, for the audit log.
    concerns: Arc<OnceLock<ProjectId>>,
}

/// Lets a request through with an [`Administrator`], or refuses it. Every request, read or write, goes into the audit
/// log, and so does a refusal of a credential that is known.
pub(crate) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (mut head, body) = request.into_parts();
    let administrator = match authenticate(&api, &head).await {
        Ok(administrator) => administrator,
        Err(AuthRefused { error, known }) => {
            if let Some((workspace, principal)) = known {
                let mut entry = entry(&api, workspace, principal, &head);
                entry.code = Some(error.problem.code);
                entry.duration_ms = milliseconds_since(began);
                api.store.audit(entry);
            }
            return error.into_response();
        }
    };
    let mut entry = entry(&api, administrator.workspace, administrator.principal.clone(), &head);
    let concerns = administrator.concerns.clone();
    head.extensions.insert(administrator);
    let response = next.run(Request::from_parts(head, body)).await;
    entry.project = concerns.get().copied();
    entry.code = response.extensions().get::<ApiError>().map(|error| error.problem.code);
    entry.duration_ms = milliseconds_since(began);
    api.store.audit(entry);
    response
}

/// Why a request was not let in.
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

/// A refusal is counted for its address; an address that was refused too often is told to wait, and nothing is looked
/// up for it.
async fn authenticate(api: &Api, head: &Parts) -> Result<Administrator, AuthRefused> {
    let address = client_address(&head.extensions, &head.headers, api.trusted_proxies);
    let found = identified(api, head, address).await;
    let is_refused = found.as_ref().is_err_and(|refused| refused.error.problem.code != ErrorCode::Internal);
    if is_refused
        && let Err(seconds) = api.store.count_auth_failure(address, api.auth_failures_per_minute, api.clock.now())
    {
        return found.map_err(|refused| AuthRefused { error: too_often(seconds), ..refused });
    }
    found
}

async fn identified(api: &Api, head: &Parts, address: Option<IpAddr>) -> Result<Administrator, AuthRefused> {
    let values = head.headers.get_all(AUTHORIZATION).iter().map(|value| value.to_str().unwrap_or_default());
    let secret = checks::bearer(values).map_err(refused)?;
    // Digests are compared, so the time tells nothing about the secret.
    let digest: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    if api.local_secret == Some(digest) {
        let workspace = api.store.default_workspace().await?.id;
        return Ok(Administrator::new(workspace, None, "local".to_owned()));
    }
    let token = match api.store.cached_token(secret) {
        Some(token) => token,
        None => {
            let admitted = api.store.admit_address(address, api.auth_failures_per_minute, api.clock.now());
            admitted.map_err(too_often)?;
            api.store.token_by_secret(secret).await?.ok_or_else(unauthenticated)?
        }
    };
    let (id, principal) = (token.id, principal_of_token(token));
    let actor_roles = match principal.actor {
        Some(actor) => api.store.actor_roles(actor).await?,
        None => None,
    };
    let reach = checked(&principal, actor_roles.as_ref(), api.clock.now()).map_err(|refusal| AuthRefused {
        error: refused(refusal),
        known: Some((principal.workspace, principal.name())),
    })?;
    api.store.touch_token(id, api.clock.now(), user_agent(&head.headers).as_deref());
    let projects = reach.only().map(<[ProjectId]>::to_vec);
    Ok(Administrator::new(principal.workspace, projects, principal.name()))
}

/// The checks of a call, as far as they concern who manages: the token is live, made for the workspace, and has the
/// scope `admin`; the one that it acts for is an administrator, or an owner of projects, at this moment.
fn checked(principal: &Principal, actor_roles: Option<&ActorRoles>, now: EpochMs) -> Result<Reach, Refusal> {
    let principal = checks::known(Some(principal.clone()), now)?;
    checks::audience(&principal, &Endpoint::Rest, "")?;
    checks::scope(&principal, &[Scope::Admin])?;
    checks::role(&principal, actor_roles, &Endpoint::Rest, Action::ManageProject)
}

fn refused(refusal: Refusal) -> ApiError {
    match refusal.code() {
        ErrorCode::Unauthenticated => unauthenticated(),
        code => ApiError::new(Problem::new(code, refusal.message(), refusal.action())),
    }
}

fn entry(api: &Api, workspace: WorkspaceId, principal: String, head: &Parts) -> AuditEntry {
    let route = head.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    AuditEntry {
        client_name: user_agent(&head.headers),
        subject: Some(text::one_line(head.uri.path(), 200)),
        ..audit_entry(api.clock.now(), Some(workspace), principal, format!("{} {route}", head.method))
    }
}

fn too_often(seconds: u32) -> ApiError {
    ApiError::new(Problem::new(
        ErrorCode::RateLimited,
        "too many requests from this address were refused",
        "wait for the seconds of Retry-After, then send a token that works",
    ))
    .retry_after(seconds)
}

fn unauthenticated() -> ApiError {
    ApiError::new(Problem::new(
        ErrorCode::Unauthenticated,
        "there is no valid token in the request",
        "send Authorization: Bearer with a live token of scope admin",
    ))
}

impl Administrator {
    fn new(workspace: WorkspaceId, projects: Option<Vec<ProjectId>>, principal: String) -> Self {
        Self { workspace, projects, principal, concerns: Arc::default() }
    }

    /// True when `project` is one that this administrator manages.
    pub(crate) fn covers(&self, project: &Project) -> bool {
        project.workspace == self.workspace
            && self.projects.as_ref().is_none_or(|projects| projects.contains(&project.id))
    }

    /// Says in the audit log which project the request is about; the first one stays.
    pub(crate) fn concerns(&self, project: ProjectId) {
        let _ = self.concerns.set(project);
    }

    /// Refuses who manages only some projects.
    pub(crate) fn must_manage_all(&self, what: &str) -> Result<(), ApiError> {
        if self.projects.is_none() {
            return Ok(());
        }
        Err(ApiError::new(Problem::new(
            ErrorCode::Forbidden,
            format!("this token is limited to some projects and may not {what}"),
            "use a token for the whole workspace",
        )))
    }

    /// The project that `text` names by id or slug; what is not covered does not exist.
    pub(crate) async fn project(&self, api: &Api, text: &str) -> Result<Project, ApiError> {
        let found = match text.parse::<ProjectId>() {
            Ok(id) => match api.store.project(id).await {
                Ok(project) => Some(project),
                Err(error) if error.code() == ErrorCode::NotFound => None,
                Err(error) => return Err(error.into()),
            },
            Err(_) => api.store.project_by_slug(self.workspace, text).await?,
        };
        let found = found.filter(|project| self.covers(project)).ok_or_else(|| Named::Project.missing())?;
        self.concerns(found.id);
        Ok(found)
    }

    /// Every project that this administrator manages.
    pub(crate) async fn all_projects(&self, api: &Api) -> Result<Vec<Project>, ApiError> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let only = self.projects.as_deref();
            let page = api.store.projects(self.workspace, only, after, 1000).await?;
            all.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(all),
            }
        }
    }
}
