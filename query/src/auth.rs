//! Who calls: from a bearer token to a [`Principal`]. Nothing else in this crate knows how.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use playhead_schemas::{EpochMs, ErrorCode, ProjectId, Scope, TokenId, WorkspaceId};
use playhead_store::{Store, Token};

use crate::error::ToolError;
use crate::service::Service;

/// Who acts, and what that one may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The token that was presented; `None` for the machine's own user (stdio).
    pub token: Option<TokenId>,
    /// The workspace that it reads.
    pub workspace: WorkspaceId,
    /// The projects that it reads; `None` means every project of the workspace.
    pub projects: Option<Vec<ProjectId>>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// What it is for, in the words of who made it.
    pub label: String,
}

impl Principal {
    /// The user of this machine, who can read the files anyway: a whole workspace, every scope.
    pub fn local(workspace: WorkspaceId) -> Self {
        Self { token: None, workspace, projects: None, scopes: Scope::ALL.to_vec(), label: "local".to_owned() }
    }

    /// True when it has `scope`.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// How the audit log names it, and what cursors are bound to.
    pub(crate) fn name(&self) -> String {
        match self.token {
            Some(token) => format!("token {token}"),
            None => "local".to_owned(),
        }
    }

    /// True when it is limited to projects and `project` is none of them.
    pub(crate) fn excludes(&self, project: ProjectId) -> bool {
        self.projects.as_ref().is_some_and(|projects| !projects.contains(&project))
    }
}

impl From<Token> for Principal {
    fn from(token: Token) -> Self {
        Self {
            token: Some(token.id),
            workspace: token.workspace,
            projects: token.projects,
            scopes: token.scopes,
            label: token.label,
        }
    }
}

/// Lets a request pass with its [`Principal`] as an extension, or answers 401 with a challenge.
pub(crate) async fn require_token(State(service): State<Arc<Service>>, mut request: Request, next: Next) -> Response {
    match authenticate(&service.store, request.headers(), EpochMs::now()).await {
        Ok(principal) => {
            request.extensions_mut().insert(Arc::new(principal));
            let mut response = next.run(request).await;
            // Answers depend on the token and may hold credentials of the reported page.
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(refusal) => refusal.into_response(),
    }
}

#[derive(Debug)]
enum Refusal {
    /// No bearer token in the header `Authorization`. A token elsewhere is never looked at.
    Missing,
    /// Unknown, expired or revoked: which one is not told.
    Invalid,
    /// The store failed.
    Failed(ToolError),
}

async fn authenticate(store: &Store, headers: &HeaderMap, now: EpochMs) -> Result<Principal, Refusal> {
    let secret = bearer(headers).ok_or(Refusal::Missing)?;
    let token = store.token_by_secret(secret).await.map_err(|error| Refusal::Failed(error.into()))?;
    token.filter(|token| token.is_live(now)).map(Principal::from).ok_or(Refusal::Invalid)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else { return None };
    let (scheme, secret) = value.to_str().ok()?.split_once(' ')?;
    let secret = secret.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty()).then_some(secret)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (error, challenge) = match self {
            Self::Missing => {
                (unauthenticated("The request has no bearer token."), "Bearer realm=\"playhead\", scope=\"bugs:read\"")
            }
            Self::Invalid => (
                unauthenticated("The bearer token is unknown, expired or revoked."),
                "Bearer realm=\"playhead\", scope=\"bugs:read\", error=\"invalid_token\"",
            ),
            Self::Failed(error) => return (StatusCode::INTERNAL_SERVER_ERROR, Json(error)).into_response(),
        };
        let challenge = [(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))];
        (StatusCode::UNAUTHORIZED, challenge, Json(error)).into_response()
    }
}

fn unauthenticated(message: &str) -> ToolError {
    ToolError::new(
        ErrorCode::Unauthenticated,
        message,
        "Send the header `Authorization: Bearer pht_..` with a token that `playhead token create` gave.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_bearer_header_counts() {
        let check = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, HeaderValue::from_static(value));
            }
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(check(&["Bearer pht_x"]).as_deref(), Some("pht_x"));
        assert_eq!(check(&["bearer  pht_x "]).as_deref(), Some("pht_x"));
        for refused in [&[][..], &["Bearer"], &["Bearer "], &["Basic pht_x"], &["pht_x"], &["Bearer a", "Bearer b"]] {
            assert_eq!(check(refused), None, "{refused:?}");
        }
    }
}
