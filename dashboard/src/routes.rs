//! Every route of this crate, once.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use playhead_access::oauth::{Issuer, IssuerError};
use playhead_schemas::clock::Clock;
use playhead_store::Store;
use tokio::sync::Semaphore;

use crate::app::{App, Shared};
use crate::config::DashboardConfig;
use crate::oauth::{self, ClientDocuments, HttpClientDocuments};
use crate::pages;
use crate::web::CookieJar;

/// One body, in bytes: 64 KiB. Forms are small; a registration is bounded tighter by its rule.
const BODY_BYTES_MAX: usize = 64 << 10;

/// Pages and OAuth endpoints over one store.
pub struct Dashboard {
    store: Store,
    config: DashboardConfig,
    issuer: Issuer,
    clock: Clock,
    documents: Arc<dyn ClientDocuments>,
}

impl Dashboard {
    /// A dashboard of `store`.
    ///
    /// # Errors
    /// When the public URL of `config` can't be an issuer.
    pub fn new(store: Store, config: DashboardConfig) -> Result<Self, IssuerError> {
        let issuer = Issuer::parse(&config.public_url)?;
        if !issuer.is_secure() && !issuer.is_loopback() {
            tracing::warn!(%issuer, "the public URL is http: passwords and tokens travel in the clear");
        }
        Ok(Self { store, config, issuer, clock: Clock::system(), documents: Arc::new(HttpClientDocuments::default()) })
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The same with another source of clients' documents.
    #[must_use]
    pub fn with_documents(self, documents: Arc<dyn ClientDocuments>) -> Self {
        Self { documents, ..self }
    }

    /// The routes.
    pub fn router(self) -> Router {
        let Self { store, config, issuer, clock, documents } = self;
        let cookies = CookieJar::new(&issuer);
        let passwords = Semaphore::new(config.passwords_at_once.max(1));
        let app = App::new(Shared { store, config, issuer, clock, cookies, documents, passwords });
        open_routes(&app).merge(page_routes()).layer(DefaultBodyLimit::max(BODY_BYTES_MAX)).with_state(app)
    }
}

/// For clients, with no cookie: pages of any origin may use them.
fn open_routes(app: &App) -> Router<App> {
    let server = || get(oauth::authorization_server).options(preflight);
    let resource = || get(oauth::protected_resource).options(preflight);
    Router::new()
        .route("/token", post(oauth::token).options(preflight))
        .route("/revoke", post(oauth::revoke).options(preflight))
        .route_layer(from_fn_with_state(app.clone(), oauth::limit_auth_failures))
        .route("/register", post(oauth::register).options(preflight))
        .route("/.well-known/oauth-authorization-server", server())
        .route("/.well-known/oauth-authorization-server/{*path}", server())
        .route("/.well-known/openid-configuration", server())
        .route("/.well-known/openid-configuration/{*path}", server())
        .route("/.well-known/oauth-protected-resource", resource())
        .route("/.well-known/oauth-protected-resource/{*path}", resource())
        .route_layer(from_fn(oauth::cors))
}

/// For browsers.
fn page_routes() -> Router<App> {
    Router::new()
        .route("/", get(pages::home))
        .route("/assets/playhead.css", get(pages::style))
        .route("/sign-in", get(pages::sign_in).post(pages::submit_sign_in))
        .route("/sign-out", post(pages::sign_out))
        .route("/invitations/{secret}", get(pages::invitation).post(pages::accept_invitation))
        .route("/authorize", get(oauth::show).post(oauth::decide))
        .route("/account", get(pages::account))
        .route("/account/password", get(pages::password).post(pages::change_password))
        .route("/account/tokens", get(pages::tokens).post(pages::create_token))
        .route("/account/tokens/{id}/revoke", post(pages::revoke_token))
        .route("/account/tokens/{id}/rotate", post(pages::rotate_token))
        .route("/account/apps", get(pages::apps))
        .route("/account/apps/{id}/revoke", post(pages::revoke_app))
}

/// Preflights are answered by the layer; the method must be routed to reach it.
async fn preflight() {}
