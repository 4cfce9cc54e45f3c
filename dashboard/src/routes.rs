//! Every route of this crate, once.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use playhead_oauth::OAuth;
use playhead_store::Store;
use playhead_web::trace;

use crate::app::App;
use crate::config::DashboardConfig;
use crate::pages;

/// One body, in bytes: 64 KiB. Forms are small.
const BODY_BYTES_MAX: usize = 64 << 10;

/// The pages over one store. `oauth` is the authorization server that the consent page is for; its public URL is the
/// address of the pages.
///
/// It has the fallback of the whole server, which answers browsers with a page and everybody else as
/// [`playhead_web::not_found`] does. So a router that it is merged with must have none.
pub fn router(store: Store, oauth: OAuth, config: DashboardConfig) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/assets/copy.js", get(pages::copy_script))
        .route("/assets/playhead.css", get(pages::style))
        .route("/sign-in", get(pages::sign_in).post(pages::submit_sign_in))
        .route("/sign-out", post(pages::sign_out))
        .route("/invitations/{secret}", get(pages::invitation).post(pages::accept_invitation))
        .route("/authorize", get(pages::authorize).post(pages::decide_authorization))
        .route("/account", get(pages::account))
        .route("/account/password", get(pages::password).post(pages::change_password))
        .route("/account/tokens", get(pages::tokens).post(pages::create_token))
        .route("/account/tokens/{id}/revoke", post(pages::revoke_token))
        .route("/account/tokens/{id}/rotate", post(pages::rotate_token))
        .route("/account/apps", get(pages::apps))
        .route("/account/apps/{id}/revoke", post(pages::revoke_app))
        .method_not_allowed_fallback(pages::method_not_allowed)
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(trace))
        .with_state(App::new(store, oauth, config))
}
