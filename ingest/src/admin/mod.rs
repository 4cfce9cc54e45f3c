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
use playhead_schemas::limits::AUTH_FAILURES_PER_MINUTE;
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
    auth_failures_per_minute: u32,
    trusted_proxies: usize,
    /// SHA-256 of the local secret.
    local_secret: Option<[u8; 32]>,
}

/// How the administrators' routes are served.
#[derive(Clone)]
pub struct AdminConfig {
    /// What commands on the server's own machine present as their bearer token; `None` leaves tokens with the scope
    /// `admin` as the only way in.
    pub local_secret: Option<String>,
    /// Requests a minute from one address that may fail to authenticate; all surfaces of a server count together.
    pub auth_failures_per_minute: u32,
    /// Reverse proxies in front of the server, each of which appends to `X-Forwarded-For`; 0 believes none.
    pub trusted_proxies: usize,
    /// What time it is.
    pub clock: Clock,
}

impl Default for AdminConfig {
    fn default() -> Self {
        Self {
            local_secret: None,
            auth_failures_per_minute: AUTH_FAILURES_PER_MINUTE,
            trusted_proxies: 0,
            clock: Clock::default(),
        }
    }
}

impl Deref for AdminApp {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The routes under `/v1/admin`.
pub fn admin_router(store: Store, config: AdminConfig) -> Router {
    let AdminConfig { local_secret, auth_failures_per_minute, trusted_proxies, clock } = config;
    let local_secret = local_secret.map(|secret| Sha256::digest(secret.as_bytes()).into());
    let app = AdminApp(Arc::new(Shared { store, clock, auth_failures_per_minute, trusted_proxies, local_secret }));
    assemble(table(), |handler| handler.layer(from_fn_with_state(app.clone(), guard::guard)).layer(from_fn(trace)))
        .with_state(app)
}
