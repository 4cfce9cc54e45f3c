//! The token endpoint: codes and refresh tokens in, access tokens out.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use playhead_access::oauth::{
    ClientIdUrl, OAuthError, PresentedCode, PresentedRefresh, Refusal, decide_code, decide_refresh, to_text,
};
use playhead_store::{Exchange, TokenPair};
use playhead_web::Params;
use serde_json::json;

use super::reply::{JsonRefusal, answer};
use crate::server::OAuth;

/// `POST /token`
pub(crate) async fn token(State(oauth): State<OAuth>, body: Bytes) -> Result<Response, JsonRefusal> {
    let params = Params::parse(&body).ok_or(invalid("the body holds too many parameters"))?;
    let exchange = match required(&params, "grant_type", "grant_type is missing")? {
        "authorization_code" => redeem(&oauth, &params).await?,
        "refresh_token" => refresh(&oauth, &params).await?,
        _ => {
            let description = "grant_type must be authorization_code or refresh_token";
            return Err(Refusal::new(OAuthError::UnsupportedGrantType, description).into());
        }
    };
    match exchange {
        Exchange::Issued(pair) => Ok(give(&oauth, &pair)),
        Exchange::Refused(refusal) => Err(refusal.into()),
        Exchange::Unknown => Err(unknown(&oauth, &params).await?.into()),
    }
}

async fn redeem(oauth: &OAuth, params: &Params) -> Result<Exchange<Refusal>, JsonRefusal> {
    let code = required(params, "code", "code is missing")?;
    let presented = PresentedCode {
        client_id: required(params, "client_id", "client_id is missing")?.to_owned(),
        verifier: required(params, "code_verifier", "code_verifier is missing: PKCE is required")?.to_owned(),
        redirect_uri: optional(params, "redirect_uri")?,
        resource: optional(params, "resource")?,
    };
    let now = oauth.now();
    let decide = move |facts: &_| decide_code(facts, &presented, now);
    Ok(oauth.store.redeem_code(code, now, oauth.config.lifetimes, decide).await?)
}

async fn refresh(oauth: &OAuth, params: &Params) -> Result<Exchange<Refusal>, JsonRefusal> {
    let secret = required(params, "refresh_token", "refresh_token is missing")?;
    let presented = PresentedRefresh {
        client_id: required(params, "client_id", "client_id is missing")?.to_owned(),
        scope: optional(params, "scope")?,
        resource: optional(params, "resource")?,
    };
    let (now, grace_ms) = (oauth.now(), oauth.config.refresh_grace_ms);
    let decide = move |facts: &_| decide_refresh(facts, &presented, grace_ms, now);
    Ok(oauth.store.refresh_grant(secret, now, oauth.config.lifetimes, decide).await?)
}

fn give(oauth: &OAuth, pair: &TokenPair) -> Response {
    let body = json!({
        "access_token": pair.access.expose(),
        "token_type": "Bearer",
        "expires_in": pair.access_expires_at.since(oauth.now()) / 1000,
        "refresh_token": pair.refresh.expose(),
        "scope": to_text(&pair.scopes),
    });
    answer(StatusCode::OK, &body)
}

/// A client that this server doesn't know registers anew when it is told so; one that it knows begins a new
/// authorization.
async fn unknown(oauth: &OAuth, params: &Params) -> Result<Refusal, JsonRefusal> {
    let id = required(params, "client_id", "client_id is missing")?;
    if !ClientIdUrl::is_meant(id) && oauth.store.oauth_client(id).await?.is_none() {
        return Ok(Refusal::new(OAuthError::InvalidClient, "the client is unknown; register again"));
    }
    Ok(Refusal::new(OAuthError::InvalidGrant, "the code or refresh token is unknown; begin a new authorization"))
}

fn required<'p>(params: &'p Params, name: &str, missing: &'static str) -> Result<&'p str, Refusal> {
    params.one(name).map_err(|_| invalid("a parameter is repeated"))?.ok_or(invalid(missing))
}

fn optional(params: &Params, name: &str) -> Result<Option<String>, Refusal> {
    Ok(params.one(name).map_err(|_| invalid("a parameter is repeated"))?.map(str::to_owned))
}

const fn invalid(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
