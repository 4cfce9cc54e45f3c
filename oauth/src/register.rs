//! Dynamic client registration (RFC 7591): deprecated, and what many clients still do.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{Extensions, HeaderMap, StatusCode};
use playhead_access::oauth::{self as rules, OAuthError, RedirectUri, Refusal};
use playhead_store::NewClient;
use playhead_web::client_address;

use super::reply::{JsonRefusal, answer};
use crate::server::OAuth;

/// `POST /register`
pub(crate) async fn register(
    State(oauth): State<OAuth>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, JsonRefusal> {
    let registration = rules::register(&body)?;
    let new = NewClient {
        name: registration.name.clone(),
        redirect_uris: registration.redirect_uris.iter().map(RedirectUri::as_str).map(str::to_owned).collect(),
        from: client_address(&extensions, &headers, oauth.config.trusted_proxies).map(|address| address.to_string()),
    };
    let client = oauth.store.register_client(new, oauth.config.clients, oauth.now()).await?;
    let client = client.ok_or(Refusal::new(OAuthError::SlowDown, "too many registrations; try again in an hour"))?;
    Ok(answer(StatusCode::CREATED, &registration.answer(&client.id, client.created_at.0 / 1000)))
}
