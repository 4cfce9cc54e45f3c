//! Revocation by the client (RFC 7009): the token's whole grant ends.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use playhead_access::oauth::{OAuthError, Refusal};
use playhead_web::Params;

use super::reply::{JsonRefusal, UnknownCredential};
use crate::server::OAuth;

/// `POST /revoke`. An unknown token is no error: the client wants it not to work, and it does not. Whoever has a
/// token may revoke it, so `client_id` may be left out; one that is given must be the token's.
pub(crate) async fn revoke(State(oauth): State<OAuth>, body: Bytes) -> Result<Response, JsonRefusal> {
    let invalid = |description| Refusal::new(OAuthError::InvalidRequest, description);
    let params = Params::parse(&body).ok_or(invalid("the body holds too many parameters"))?;
    let one = |name| params.one(name).map_err(|_| invalid("a parameter is repeated"));
    let secret = one("token")?.ok_or(invalid("token is missing"))?;
    match oauth.store.revoke_by_token(secret, one("client_id")?, oauth.now()).await? {
        Some(false) => Err(Refusal::new(OAuthError::InvalidGrant, "the token was given to another client").into()),
        Some(true) => Ok(StatusCode::OK.into_response()),
        None => {
            let mut response = StatusCode::OK.into_response();
            response.extensions_mut().insert(UnknownCredential);
            Ok(response)
        }
    }
}
