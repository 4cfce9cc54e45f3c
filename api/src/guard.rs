//! Who is let in, and what the audit log keeps of it: the same steps for administrators and for those who work on bugs.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use playhead_access::{Principal, Refusal, checks};
use playhead_schemas::{EpochMs, ErrorCode, ProjectId, WorkspaceId, text};
use playhead_store::AuditEntry;
use playhead_web::{
    ApiError, Problem, SecretError, audit_entry, bearer, client_address, milliseconds_since, principal_of_secret,
    user_agent,
};
use sha2::{Digest, Sha256};

use crate::app::Api;

/// One who may send requests of a kind. Handlers find it among the request's extensions.
pub(crate) trait Sender: Clone + Send + Sync + 'static {
    /// Checks that one may be this, by what is known of it.
    fn admitted(api: &Api, identity: Identity, head: &Parts) -> impl Future<Output = Result<Self, AuthRefused>> + Send;

    /// What is counted and checked once it is known who sent a request.
    fn begin(&self, _: &Api) -> Result<(), ApiError> {
        Ok(())
    }

    /// What the audit log says of it.
    fn noted(&self) -> &Noted;
}

/// What the credential of a request stands for.
#[derive(Debug)]
pub(crate) enum Identity {
    /// The commands of this machine, which know the secret of the running server.
    Local(WorkspaceId),
    /// A token that is known and not revoked; it may have expired.
    Token(Box<Principal>),
}

/// What the audit log says of a sender. Clones share the project.
#[derive(Clone, Debug)]
pub(crate) struct Noted {
    workspace: WorkspaceId,
    principal: String,
    /// The first project that the request turned out to be about.
    project: Arc<OnceLock<ProjectId>>,
}

impl Noted {
    pub(crate) fn new(workspace: WorkspaceId, principal: String) -> Self {
        Self { workspace, principal, project: Arc::default() }
    }

    /// Says which project the request is about; the first one stays.
    pub(crate) fn concerns(&self, project: ProjectId) {
        let _ = self.project.set(project);
    }
}

/// Why a request was not let in.
pub(crate) struct AuthRefused {
    pub(crate) error: ApiError,
    /// Whose credential it was, where that is known.
    pub(crate) known: Option<Noted>,
}

impl<E: Into<ApiError>> From<E> for AuthRefused {
    fn from(error: E) -> Self {
        Self { error: error.into(), known: None }
    }
}

/// The middleware that lets a request through with its sender, or refuses it. Every request, read or write, goes into
/// the audit log, and so does a refusal of a credential that is known.
pub(crate) async fn pass<S: Sender>(State(api): State<Api>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (mut head, body) = request.into_parts();
    let sender = match authenticate::<S>(&api, &head).await {
        Ok(sender) => sender,
        Err(AuthRefused { error, known }) => {
            if let Some(noted) = known {
                let mut entry = entry(&api, &noted, &head);
                entry.code = Some(error.problem.code);
                entry.duration_ms = milliseconds_since(began);
                api.store.audit(entry);
            }
            return error.into_response();
        }
    };
    let noted = sender.noted().clone();
    let mut entry = entry(&api, &noted, &head);
    let response = match sender.begin(&api) {
        Ok(()) => {
            head.extensions.insert(sender);
            next.run(Request::from_parts(head, body)).await
        }
        Err(error) => error.into_response(),
    };
    entry.project = noted.project.get().copied();
    entry.code = response.extensions().get::<ApiError>().map(|error| error.problem.code);
    entry.duration_ms = milliseconds_since(began);
    api.store.audit(entry);
    response
}

/// A refusal is counted for its address; an address that was refused too often is told to wait, and nothing is looked
/// up for it.
async fn authenticate<S: Sender>(api: &Api, head: &Parts) -> Result<S, AuthRefused> {
    let found = match identified(api, head).await {
        Ok(identity) => S::admitted(api, identity, head).await,
        Err(error) => Err(error.into()),
    };
    let is_refused = found.as_ref().is_err_and(|refused| refused.error.problem.code != ErrorCode::Internal);
    let address = client_address(&head.extensions, &head.headers, api.trusted_proxies);
    let now = api.clock.now();
    if is_refused && let Err(seconds) = api.store.count_auth_failure(address, api.auth_failures_per_minute, now) {
        return found.map_err(|refused| AuthRefused { error: too_often(seconds, now), ..refused });
    }
    found
}

async fn identified(api: &Api, head: &Parts) -> Result<Identity, ApiError> {
    let secret = bearer(&head.headers).map_err(|refusal| refused(&refusal, api.clock.now()))?;
    // Digests are compared, so the time tells nothing about the secret.
    let digest: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
    if api.local_secret == Some(digest) {
        return Ok(Identity::Local(api.store.default_workspace().await?.id));
    }
    let address = client_address(&head.extensions, &head.headers, api.trusted_proxies);
    let (per_minute, now) = (api.auth_failures_per_minute, api.clock.now());
    let found = principal_of_secret(&api.store, secret, address, per_minute, now).await;
    let found = found.map_err(|error| match error {
        SecretError::Wait(seconds) => too_often(seconds, now),
        SecretError::Store(error) => error.into(),
    })?;
    found.map(|principal| Identity::Token(Box::new(principal))).ok_or_else(|| refused(&Refusal::UnknownToken, now))
}

/// A token that has not expired.
pub(crate) fn live(principal: &Principal, now: EpochMs) -> Result<(), Refusal> {
    checks::known(Some(principal.clone()), now).map(drop)
}

/// A refusal as it is answered.
pub(crate) fn refused(refusal: &Refusal, now: EpochMs) -> ApiError {
    let error = ApiError::new(match refusal.code() {
        ErrorCode::Unauthenticated => Problem::new(
            ErrorCode::Unauthenticated,
            "there is no valid token in the request",
            "send Authorization: Bearer with a live token of the workspace that has the scope of this route",
        ),
        code => Problem::new(code, refusal.message(), refusal.action()),
    });
    match refusal.retry_after_seconds(now) {
        Some(seconds) => error.retry_after(u32::try_from(seconds).unwrap_or(u32::MAX)),
        None => error,
    }
}

fn too_often(seconds: u32, now: EpochMs) -> ApiError {
    refused(&Refusal::TooOftenRefused { ends_at: now.plus_ms(i64::from(seconds) * 1000) }, now)
}

fn entry(api: &Api, noted: &Noted, head: &Parts) -> AuditEntry {
    let route = head.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let action = format!("{} {route}", head.method);
    AuditEntry {
        client_name: user_agent(&head.headers),
        subject: Some(text::one_line(head.uri.path(), 200)),
        ..audit_entry(api.clock.now(), Some(noted.workspace), noted.principal.clone(), action)
    }
}
