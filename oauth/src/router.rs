//! The endpoints for programs: no cookies, so pages of any origin may use them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use playhead_web::trace;

use crate::server::OAuth;
use crate::{discovery, register, reply, revoke, token};

/// One body, in bytes: 64 KiB. A registration is bounded tighter by its rule.
const BODY_BYTES_MAX: usize = 64 << 10;

impl OAuth {
    /// The endpoints for programs: metadata, registration, tokens, revocation.
    pub fn router(&self) -> Router {
        let server = || get(discovery::authorization_server).options(preflight);
        let resource = || get(discovery::protected_resource).options(preflight);
        Router::new()
            .route("/token", post(token::token).options(preflight))
            .route("/revoke", post(revoke::revoke).options(preflight))
            .route_layer(from_fn_with_state(self.clone(), reply::limit_auth_failures))
            .route("/register", post(register::register).options(preflight))
            .route("/.well-known/oauth-authorization-server", server())
            .route("/.well-known/oauth-authorization-server/{*path}", server())
            .route("/.well-known/openid-configuration", server())
            .route("/.well-known/openid-configuration/{*path}", server())
            .route("/.well-known/oauth-protected-resource", resource())
            .route("/.well-known/oauth-protected-resource/{*path}", resource())
            .route_layer(from_fn(reply::cors))
            .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
            .layer(from_fn(trace))
            .with_state(self.clone())
    }
}

/// Preflights are answered by the layer; the method must be routed to reach it.
async fn preflight() {}
