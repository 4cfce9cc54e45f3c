//! The routes for administrators, which the command line uses: projects, keys, tokens, members, agents, roles, the
//! audit log, jobs.
//!
//! In: requests with a token of scope `admin`, or with the secret that the server made for commands
//! on its own machine. Out: views of rows, and an audit entry for each request, read or write, whose sender is known.
//! Never here: an answer about a project that the token does not cover; a secret, but once, when it is made.

mod agents;
mod audit;
mod guard;
mod jobs;
mod keys;
mod members;
mod page;
mod projects;
mod reprocess;
mod table;
mod table_people;
mod tokens;

use std::ops::Deref;
use std::sync::Arc;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use playhead_access::AuthFailureLimiter;
use playhead_store::Store;
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::routes::assemble;
use crate::trace::trace;
pub(crate) use table::table;

/// The state of the administrators' routes.
#[derive(Clone)]
pub(crate) struct AdminApp(Arc<Shared>);

/// What [`AdminApp`] shares.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    auth_failures: AuthFailureLimiter,
    trusted_proxies: usize,
    /// SHA-256 of the local secret.
    local_secret: Option<[u8; 32]>,
}

/// How the administrators' routes are served.
#[derive(Clone, Default)]
pub struct AdminConfig {
    /// What commands on the server's own machine present as their bearer token; `None` leaves tokens with the scope
    /// `admin` as the only way in.
    pub local_secret: Option<String>,
    /// How often an address may be refused; shared with the other surfaces of a server.
    pub auth_failures: AuthFailureLimiter,
    /// Reverse proxies in front of the server, each of which appends to `X-Forwarded-For`; 0 believes none.
    pub trusted_proxies: usize,
    /// What time it is.
    pub clock: Clock,
}

impl Deref for AdminApp {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The routes under `/v1/admin`.
pub fn admin_router(store: Store, config: AdminConfig) -> Router {
    let AdminConfig { local_secret, auth_failures, trusted_proxies, clock } = config;
    let local_secret = local_secret.map(|secret| Sha256::digest(secret.as_bytes()).into());
    let app = AdminApp(Arc::new(Shared { store, clock, auth_failures, trusted_proxies, local_secret }));
    assemble(table(), |handler| handler.layer(from_fn_with_state(app.clone(), guard::guard)).layer(from_fn(trace)))
        .with_state(app)
}
