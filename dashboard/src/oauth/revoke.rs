//! Revocation by the client (RFC 7009): the token's whole grant ends.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use playhead_access::oauth::{OAuthError, Refusal};

use super::reply::{JsonRefusal, Unknown};
use crate::app::App;
use crate::web::Params;

/// `POST /revoke`. An unknown token is no error: it is as dead as the client wishes. Whoever has a token may end it,
/// so `client_id` may be left out; one that is given must be the token's.
pub(crate) async fn revoke(State(app): State<App>, body: Bytes) -> Result<Response, JsonRefusal> {
    let invalid = |description| Refusal::new(OAuthError::InvalidRequest, description);
    let params = Params::parse(&body).ok_or(invalid("the body holds too many parameters"))?;
    let one = |name| params.one(name).map_err(|_| invalid("a parameter stands twice"));
    let secret = one("token")?.ok_or(invalid("token is missing"))?;
    match app.store.revoke_by_token(secret, one("client_id")?, app.now()).await? {
        Some(false) => Err(Refusal::new(OAuthError::InvalidGrant, "the token was given to another client").into()),
        Some(true) => Ok(StatusCode::OK.into_response()),
        None => {
            let mut response = StatusCode::OK.into_response();
            response.extensions_mut().insert(Unknown);
            Ok(response)
        }
    }
}
