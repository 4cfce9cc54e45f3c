//! Dynamic client registration (RFC 7591): deprecated, and what many clients still do.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{Extensions, HeaderMap, StatusCode};
use playhead_access::oauth::{self, OAuthError, RedirectUri, Refusal};
use playhead_store::NewClient;

use super::reply::{JsonRefusal, answer};
use crate::app::App;

/// `POST /register`
pub(crate) async fn register(
    State(app): State<App>,
    extensions: Extensions,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, JsonRefusal> {
    let registration = oauth::register(&body)?;
    let new = NewClient {
        name: registration.name.clone(),
        redirect_uris: registration.redirect_uris.iter().map(RedirectUri::as_str).map(str::to_owned).collect(),
        from: app.address(&extensions, &headers).map(|address| address.to_string()),
    };
    let client = app.store.register_client(new, app.config.clients, app.now()).await?;
    let client = client.ok_or(Refusal::new(OAuthError::SlowDown, "too many registrations; try again in an hour"))?;
    Ok(answer(StatusCode::CREATED, &registration.answer(&client.id, client.created_at.0 / 1000)))
}
