//! An authorization request, from its query to what a member is asked.

use http::StatusCode;
use playhead_access::oauth::{Challenge, OAuthError, RedirectUri, Refusal, RegisteredClient, Resource, asked};
use playhead_schemas::Scope;

use super::clients::{self, NoClient};
use crate::app::App;
use crate::web::{Failure, Params, see_other};

/// The query of an authorization request, in bytes.
const QUERY_BYTES_MAX: usize = 6 << 10;
/// The parameter `state`, in bytes.
const STATE_BYTES_MAX: usize = 2048;

/// An authorization request that can be asked of a member.
#[derive(Clone, Debug)]
pub(super) struct AuthorizationRequest {
    pub(super) client: RegisteredClient,
    pub(super) back: WayBack,
    pub(super) challenge: Challenge,
    pub(super) scopes: Vec<Scope>,
    pub(super) resource: Resource,
    /// `prompt=none`: the client wants an answer without anybody being asked.
    pub(super) is_silent: bool,
}

/// How a request is answered: where to, and with what state.
#[derive(Clone, Debug)]
pub(super) struct WayBack {
    pub(super) redirect: RedirectUri,
    state: Option<String>,
}

/// What becomes of a query.
pub(super) enum Asked {
    /// A member can be asked.
    Request(Box<AuthorizationRequest>),
    /// Somebody must sign in before more can be known.
    SignIn,
    /// The client is told no.
    Back(WayBack, Refusal),
}

impl WayBack {
    /// Sends the code to the client. `iss` tells the client which server answers (RFC 9207).
    pub(super) fn with_code(&self, app: &App, code: &str) -> axum::response::Response {
        self.send(app, &[("code", code)])
    }

    /// Sends a refusal to the client.
    pub(super) fn with_refusal(&self, app: &App, refusal: Refusal) -> axum::response::Response {
        self.send(app, &[("error", refusal.error.as_str()), ("error_description", refusal.description)])
    }

    fn send(&self, app: &App, pairs: &[(&str, &str)]) -> axum::response::Response {
        let state = self.state.as_deref().map(|state| ("state", state));
        let pairs: Vec<_> = pairs.iter().copied().chain(state).chain([("iss", app.issuer.as_str())]).collect();
        see_other(&self.redirect.with_query(&pairs))
    }
}

/// Reads a query. As long as client and redirect URI are not known to be good, a fault is shown here and never sent
/// anywhere.
pub(super) async fn read(app: &App, query: &str, is_signed_in: bool) -> Result<Asked, Failure> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(broken("The request is too long."));
    }
    let params = Params::parse(query.as_bytes()).ok_or_else(|| broken("The request has too many parameters."))?;
    let one = |name| params.one(name).map_err(|_| broken("A parameter of the request stands twice."));
    let id = one("client_id")?.ok_or_else(|| broken("The request names no client (client_id)."))?;
    let client = match clients::find(app, id, is_signed_in).await {
        Ok(client) => client,
        Err(NoClient::NotFetched) => return Ok(Asked::SignIn),
        Err(NoClient::Refused(refusal)) => return Err(broken(refusal.description)),
        Err(NoClient::Store(error)) => return Err(error.into()),
    };
    let uri = one("redirect_uri")?.ok_or_else(|| broken("The request says not where to go back (redirect_uri)."))?;
    let redirect = client
        .redirect(uri)
        .ok_or_else(|| broken("The client did not register the address to go back to (redirect_uri)."))?;
    let state = one("state")?.map(str::to_owned);
    if state.as_ref().is_some_and(|state| state.len() > STATE_BYTES_MAX) {
        return Err(broken("The parameter state is too long."));
    }
    let back = WayBack { redirect, state };
    Ok(match check(app, &params) {
        Ok((challenge, scopes, resource)) => {
            let is_silent = one("prompt")? == Some("none");
            Asked::Request(Box::new(AuthorizationRequest { client, back, challenge, scopes, resource, is_silent }))
        }
        Err(refusal) => Asked::Back(back, refusal),
    })
}

/// What can be told to the client when it is wrong.
fn check(app: &App, params: &Params) -> Result<(Challenge, Vec<Scope>, Resource), Refusal> {
    let twice = |_| Refusal::new(OAuthError::InvalidRequest, "a parameter stands twice");
    match params.one("response_type").map_err(twice)? {
        Some("code") => {}
        None => return Err(Refusal::new(OAuthError::InvalidRequest, "response_type is missing; it must be code")),
        Some(_) => return Err(Refusal::new(OAuthError::UnsupportedResponseType, "response_type must be code")),
    }
    let challenge = params.one("code_challenge").map_err(twice)?;
    let challenge = Challenge::parse(challenge, params.one("code_challenge_method").map_err(twice)?)?;
    let scopes = asked(params.one("scope").map_err(twice)?)?;
    let target = |description| Refusal::new(OAuthError::InvalidTarget, description);
    let resource = match params.one("resource").map_err(|_| target("ask for one resource at a time"))? {
        // Clients of before 2025-06 name none: they mean the server.
        None => Resource::Workspace,
        Some(url) => Resource::from_url(&app.issuer, url)
            .ok_or(target("the resource is none of this server's; see its protected-resource metadata"))?,
    };
    Ok((challenge, scopes, resource))
}

fn broken(what: &str) -> Failure {
    let mut what = what.to_owned();
    if let Some(first) = what.get(..1).map(str::to_uppercase) {
        what.replace_range(..1, &first);
    }
    let what = what.trim_end_matches('.');
    Failure::refused(
        StatusCode::BAD_REQUEST,
        "This app can't be connected",
        format!(
            "{what}. Nothing was sent to the app. Go back to it and connect again; if that does not help, tell its makers."
        ),
    )
}
