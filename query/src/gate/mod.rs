//! The gate of the HTTP endpoints: the first five checks of every request, in the order of `playhead_access::checks`.
//!
//! ```text
//! host (MCP) -> bearer -> known -> audience -> scope (from the body) -> the actor exists
//! ```
//!
//! In: a request. Out: the same request with its [`Caller`], or an answer with a challenge. Every refusal is counted for
//! the client's address: after too many of them an address has to wait, and no secret of it is looked up. What depends on
//! a row or a quota is checked by [`Service::call`](crate::service::Service::call), which repeats the checks of scope and
//! role because it trusts no transport.

mod challenge;
mod host;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue, StatusCode};
use playhead_access::{Action, Endpoint, Principal, Refusal, checks};
use playhead_schemas::EpochMs;
use playhead_store::StoreError;
use playhead_web::{SecretError, bearer, client_address, principal_of_secret, roles_of};

use crate::caller::{Caller, McpClient};
use crate::error::ToolError;
use crate::form::Form;
use crate::service::Service;
use crate::target::Target;
use crate::toolset::ToolFilter;
pub(crate) use challenge::{answer, headers as challenge_headers};
pub(crate) use host::AllowedHosts;

/// The middleware of `/mcp`.
pub(crate) async fn workspace(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    pass(&service, Entrance::Workspace, request, next).await
}

/// The middleware of `/p/{project}/mcp`.
pub(crate) async fn project(
    State(service): State<Arc<Service>>,
    Path(slug): Path<String>,
    request: Request,
    next: Next,
) -> Response {
    let fits = (1..=64).contains(&slug.len())
        && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !fits {
        let error =
            ToolError::not_found("Project not found.", "Check the address: a project is named by its short name.");
        return (StatusCode::NOT_FOUND, axum::Json(error)).into_response();
    }
    pass(&service, Entrance::Project(slug), request, next).await
}

/// The middleware of `/api/v1/tools`. The call itself checks the scope of the tool in the path.
pub(crate) async fn rest(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    pass(&service, Entrance::Rest, request, next).await
}

/// The kind of endpoint that a request came to, before it is known who sent it.
#[derive(Clone, Debug)]
enum Entrance {
    Workspace,
    Project(String),
    Rest,
}

impl Entrance {
    /// The endpoint before its project is looked up: enough for a challenge.
    fn unresolved(&self) -> Endpoint {
        match self {
            Self::Workspace => Endpoint::Workspace,
            Self::Project(slug) => Endpoint::Project { id: None, slug: slug.clone() },
            Self::Rest => Endpoint::Rest,
        }
    }

    fn is_mcp(&self) -> bool {
        !matches!(self, Self::Rest)
    }

    /// The form of the answers.
    fn form(&self, request: &Request) -> Result<Form, ToolError> {
        match self {
            Self::Rest => Ok(Form::Rest),
            Self::Workspace | Self::Project(_) => Form::from_request(request.uri().query(), request.headers()),
        }
    }
}

/// Why a request does not pass.
enum Stop {
    Refused(Refusal),
    Invalid(ToolError),
    Failed(ToolError),
    TooLarge(ToolError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

async fn pass(service: &Arc<Service>, entrance: Entrance, request: Request, next: Next) -> Response {
    let (began, now) = (Instant::now(), service.now());
    if entrance.is_mcp()
        && let Err(error) = service.hosts.check(request.uri(), request.headers())
    {
        return (StatusCode::FORBIDDEN, axum::Json(error)).into_response();
    }
    let address = client_address(request.extensions(), request.headers(), service.config().trusted_proxies);
    let mut endpoint = entrance.unresolved();
    let form = entrance.form(&request);
    let filter = ToolFilter::from_request(request.uri().query(), request.headers());
    let wanted = form.and_then(|form| Ok((form, filter?)));
    let stop = match known_caller(service, &entrance, request.headers(), wanted, (address, now)).await {
        Ok(caller) => {
            endpoint = caller.endpoint.as_ref().clone();
            match checked(service, &caller, request).await {
                Ok(request) => return uncached(next.run(request).await),
                Err((stop, target, client)) => {
                    if let Stop::Refused(refusal) = &stop {
                        service.note_refusal(&caller, &client, &target, refusal, began);
                    }
                    stop
                }
            }
        }
        Err(stop) => stop,
    };
    uncached(stopped(service, stop, &endpoint, address, now))
}

/// Who calls, at which endpoint, and what is wanted: the form of the answers, and which tools.
async fn known_caller(
    service: &Service,
    entrance: &Entrance,
    headers: &HeaderMap,
    wanted: Result<(Form, ToolFilter), ToolError>,
    (address, now): (Option<IpAddr>, EpochMs),
) -> Result<Caller, Stop> {
    let principal = identified(service, headers, address, now).await?;
    let endpoint = resolved(service, entrance, &principal).await?;
    let (form, filter) = wanted.map_err(Stop::Invalid)?;
    Ok(Caller { filter, ..Caller::new(principal, endpoint, form) })
}

/// The answer to a request that does not pass.
fn stopped(service: &Service, stop: Stop, endpoint: &Endpoint, address: Option<IpAddr>, now: EpochMs) -> Response {
    match stop {
        Stop::Refused(refusal) => {
            let per_minute = service.config().auth_failures_per_minute;
            let counted = service.store().count_auth_failure(address, per_minute, now);
            let refusal = counted.map_or_else(|seconds| too_often(seconds, now), |()| refusal);
            answer(&refusal, endpoint, &service.config().public_url, now)
        }
        Stop::Invalid(error) => (StatusCode::BAD_REQUEST, axum::Json(error)).into_response(),
        Stop::Failed(error) => (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(error)).into_response(),
        Stop::TooLarge(error) => (StatusCode::PAYLOAD_TOO_LARGE, axum::Json(error)).into_response(),
    }
}

/// Checks 1 and 2: a bearer token that is known. A token that is in memory passes even when its address has to wait.
async fn identified(
    service: &Service,
    headers: &HeaderMap,
    address: Option<IpAddr>,
    now: EpochMs,
) -> Result<Principal, Stop> {
    let (secret, per_minute) = (bearer(headers)?, service.config().auth_failures_per_minute);
    let found = principal_of_secret(service.store(), secret, address, per_minute, now).await;
    let found = found.map_err(|error| match error {
        SecretError::Wait(seconds) => too_often(seconds, now).into(),
        SecretError::Store(error) => Stop::from(error),
    })?;
    Ok(checks::known(found, now)?)
}

fn too_often(seconds: u32, now: EpochMs) -> Refusal {
    Refusal::TooOftenRefused { ends_at: now.plus_ms(i64::from(seconds) * 1000) }
}

/// The endpoint as the workspace of `principal` knows it.
async fn resolved(service: &Service, entrance: &Entrance, principal: &Principal) -> Result<Endpoint, StoreError> {
    Ok(match entrance {
        Entrance::Project(slug) => {
            let id = service.shared().projects.named(service.store(), principal.workspace, slug).await?;
            Endpoint::Project { id, slug: slug.clone() }
        }
        other => other.unresolved(),
    })
}

type Stopped = (Stop, Target, McpClient);

/// Checks 3 to 5: the endpoint is the credential's, the scope of what will run, the actor exists.
async fn checked(service: &Arc<Service>, caller: &Caller, request: Request) -> Result<Request, Stopped> {
    let (mut head, body) = request.into_parts();
    let client = service.clients.client(&caller.principal, &head.headers);
    if let Err(refusal) = checks::audience(&caller.principal, &caller.endpoint, &service.config().public_url) {
        return Err((refusal.into(), Target::default(), client));
    }
    let is_rest = *caller.endpoint == Endpoint::Rest;
    let (target, body) = if is_rest {
        (Target::default(), body)
    } else {
        // The tool is taken from the body that will be answered, never from the header `Mcp-Name`.
        match axum::body::to_bytes(body, service.config().body_bytes_max).await {
            Ok(bytes) => (Target::from_body(&bytes), Body::from(bytes)),
            Err(_) => {
                let error = ToolError::body_too_large(service.config().body_bytes_max);
                return Err((Stop::TooLarge(error), Target::default(), client));
            }
        }
    };
    if let Some(entry) = target.tool.as_deref().and_then(|tool| service.registry.get(tool))
        && let Err(refusal) = checks::scope(&caller.principal, &[entry.scope()])
    {
        return Err((refusal.into(), target, client));
    }
    // A call over REST checks this after its scope, in its own steps.
    let is_rest_call = is_rest && head.method == http::Method::POST;
    if !is_rest_call && let Err(stop) = actor_exists(service, caller).await {
        return Err((stop, target, client));
    }
    head.extensions.insert(caller.clone());
    Ok(Request::from_parts(head, body))
}

/// The member or agent that the credential acts for still exists. What its role allows is checked with each call.
async fn actor_exists(service: &Service, caller: &Caller) -> Result<(), Stop> {
    let actor_roles = roles_of(service.store(), &caller.principal).await?;
    match checks::role(&caller.principal, actor_roles.as_ref(), &caller.endpoint, Action::ReadBugs) {
        Err(Refusal::ActorRemoved) => Err(Refusal::ActorRemoved.into()),
        _ => Ok(()),
    }
}

/// Answers depend on the token and may hold credentials of the reported page.
fn uncached(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
