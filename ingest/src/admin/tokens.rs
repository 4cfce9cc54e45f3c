//! Tokens: list, make, rotate, revoke.

use axum::Json;
use axum::extract::{Extension, Path, Request, State};
use http::{StatusCode, Uri};
use playhead_schemas::{Actor, EpochMs, ProjectId, Scope, TokenId};
use playhead_store::Token;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AdminApp;
use super::guard::Admin;
use super::page::{PageView, body, id, paging};
use crate::error::{ApiError, Fault};

/// A token, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TokenView {
    pub(crate) id: TokenId,
    /// The projects that it reads; null means every project of the workspace.
    pub(crate) projects: Option<Vec<ProjectId>>,
    pub(crate) scopes: Vec<Scope>,
    /// What it is for.
    pub(crate) label: String,
    /// The first characters of the secret.
    pub(crate) prefix: String,
    pub(crate) created_at: EpochMs,
    pub(crate) expires_at: Option<EpochMs>,
    pub(crate) last_used_at: Option<EpochMs>,
    /// The client that last used it, in its own words.
    pub(crate) last_client: Option<String>,
    pub(crate) revoked_at: Option<EpochMs>,
    /// The member or agent that it acts for, whose role bounds it.
    pub(crate) actor: Option<Actor>,
    /// The one project whose endpoint it is good for.
    pub(crate) bound_project: Option<ProjectId>,
}

/// A token with its secret, which is shown this once.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewTokenView {
    pub(crate) token: TokenView,
    /// What clients present. It can't be shown again.
    pub(crate) secret: String,
}

/// A token to make.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// What it is for.
    #[serde(default)]
    pub(crate) label: String,
    /// What it may do; bugs:read when it is left out.
    #[serde(default)]
    pub(crate) scopes: Option<Vec<Scope>>,
    /// The projects that it reads, by id or slug; every project when it is left out.
    #[serde(default)]
    pub(crate) projects: Option<Vec<String>>,
    /// When it stops working, epoch milliseconds; never when it is left out.
    #[serde(default)]
    pub(crate) expires_at: Option<EpochMs>,
    /// The member or agent that it acts for; itself when it is left out.
    #[serde(default)]
    pub(crate) actor: Option<Actor>,
    /// Bind it to this project, by id or slug: it is good at /p/{slug}/mcp and nowhere else.
    #[serde(default)]
    pub(crate) bound_project: Option<String>,
}

impl From<Token> for TokenView {
    fn from(token: Token) -> Self {
        Self {
            id: token.id,
            projects: token.projects,
            scopes: token.scopes,
            label: token.label,
            prefix: token.prefix,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            last_client: token.last_client,
            revoked_at: token.revoked_at,
            actor: token.actor,
            bound_project: token.bound_project,
        }
    }
}

pub(super) async fn list(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    uri: Uri,
) -> Result<Json<PageView<TokenView>>, ApiError> {
    admin.must_manage_all("list tokens")?;
    let (after, limit) = paging(&uri)?;
    Ok(Json(PageView::of(app.store.tokens(admin.workspace, after, limit).await?)))
}

pub(super) async fn create(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    request: Request,
) -> Result<(StatusCode, Json<NewTokenView>), ApiError> {
    admin.must_manage_all("make tokens")?;
    let wanted: NewToken = body(request).await?;
    if let Some(actor) = wanted.actor {
        let actor_roles = app.store.actor_roles(actor).await?;
        actor_roles
            .filter(|actor_roles| actor_roles.workspace == admin.workspace)
            .ok_or_else(|| ApiError::not_found("actor"))?;
    }
    let bound_project = match &wanted.bound_project {
        Some(named) => Some(admin.project(&app, named).await?.id),
        None => None,
    };
    if bound_project.is_some() && wanted.projects.is_some() {
        return Err(Fault::invalid("a bound token has one project", "leave projects out").into());
    }
    let new = playhead_store::NewToken {
        workspace: admin.workspace,
        projects: match bound_project {
            Some(project) => Some(vec![project]),
            None => project_ids(&app, &admin, wanted.projects).await?,
        },
        scopes: scopes(wanted.scopes)?,
        label: playhead_schemas::text::one_line(&wanted.label, 200),
        expires_at: future(wanted.expires_at, app.clock.now())?,
        actor: wanted.actor,
        bound_project,
    };
    let (token, secret) = app.store.create_token(new).await?;
    let view = NewTokenView { token: token.into(), secret: secret.expose().to_owned() };
    Ok((StatusCode::CREATED, Json(view)))
}

pub(super) async fn revoke(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(token): Path<String>,
) -> Result<Json<TokenView>, ApiError> {
    let token = token_of(&app, &admin, &token).await?;
    Ok(Json(app.store.revoke_token(token).await?.into()))
}

pub(super) async fn rotate(
    State(app): State<AdminApp>,
    Extension(admin): Extension<Admin>,
    Path(token): Path<String>,
) -> Result<(StatusCode, Json<NewTokenView>), ApiError> {
    let token = token_of(&app, &admin, &token).await?;
    let (token, secret) = app.store.rotate_token(token).await?;
    let view = NewTokenView { token: token.into(), secret: secret.expose().to_owned() };
    Ok((StatusCode::CREATED, Json(view)))
}

/// The token of the workspace that a path names.
async fn token_of(app: &AdminApp, admin: &Admin, text: &str) -> Result<TokenId, ApiError> {
    admin.must_manage_all("manage tokens")?;
    let token = app.store.token(id::<TokenId>(text)?).await?;
    if token.workspace == admin.workspace { Ok(token.id) } else { Err(ApiError::not_found("token")) }
}

async fn project_ids(
    app: &AdminApp,
    admin: &Admin,
    names: Option<Vec<String>>,
) -> Result<Option<Vec<ProjectId>>, ApiError> {
    let Some(names) = names else { return Ok(None) };
    if names.is_empty() {
        let message = "projects is empty: the token could read nothing";
        return Err(Fault::invalid(message, "name projects, or leave it out for all").into());
    }
    let mut ids = Vec::new();
    for name in names {
        ids.push(admin.project(app, &name).await?.id);
    }
    Ok(Some(ids))
}

fn scopes(wanted: Option<Vec<Scope>>) -> Result<Vec<Scope>, Fault> {
    let mut scopes = wanted.unwrap_or_else(|| vec![Scope::BugsRead]);
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(Fault::invalid("scopes is empty: the token could do nothing", "name a scope"));
    }
    Ok(scopes)
}

fn future(expires_at: Option<EpochMs>, now: EpochMs) -> Result<Option<EpochMs>, Fault> {
    match expires_at {
        Some(end) if end <= now => {
            Err(Fault::invalid("expires_at is in the past", "give epoch milliseconds in the future, or leave it out"))
        }
        other => Ok(other),
    }
}
