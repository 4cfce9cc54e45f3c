//! The routes for administrators, which the command line uses: projects, keys, tokens, members, agents, roles, the
//! audit log, jobs.
//!
//! In: requests with a token of scope `admin`, or with the secret that the server made for commands
//! on its own machine. Out: views of rows. Never here: an answer about a project that the token does
//! not cover; a secret, but once, when it is made.

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
    /// SHA-256 of the local secret.
    local_secret: Option<[u8; 32]>,
}

impl Deref for AdminApp {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The routes under `/v1/admin`. `local_secret` is what commands on the server's own machine present
/// as their bearer token; `None` leaves tokens with the scope `admin` as the only way in.
pub fn admin_router(store: Store, local_secret: Option<String>) -> Router {
    admin_router_with_clock(store, local_secret, Clock::system())
}

/// [`admin_router`] with a clock of the caller's, for tests of expiry.
pub fn admin_router_with_clock(store: Store, local_secret: Option<String>, clock: Clock) -> Router {
    let local_secret = local_secret.map(|secret| Sha256::digest(secret.as_bytes()).into());
    let app = AdminApp(Arc::new(Shared { store, clock, local_secret }));
    assemble(table(), |handler| handler.layer(from_fn_with_state(app.clone(), guard::guard)).layer(from_fn(trace)))
        .with_state(app)
}
