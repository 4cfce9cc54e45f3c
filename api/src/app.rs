//! What every handler shares, and how it is configured.

use std::ops::Deref;
use std::sync::Arc;

use playhead_access::Plan;
use playhead_schemas::clock::Clock;
use playhead_schemas::limits::AUTH_FAILURES_PER_MINUTE;
use playhead_store::Store;
use playhead_web::openapi::ToolDescription;
use sha2::{Digest, Sha256};

/// How the management API is served.
#[derive(Clone)]
pub struct ApiConfig {
    /// What commands on the server's own machine present as their bearer token; `None` leaves tokens with the scope
    /// `admin` as the only way in.
    pub local_secret: Option<String>,
    /// Requests a minute from one address that may fail to authenticate; all surfaces of a server count together.
    pub auth_failures_per_minute: u32,
    /// Reverse proxies in front of the server, each of which appends to `X-Forwarded-For`; 0 believes none.
    pub trusted_proxies: usize,
    /// How much of the routes of bugs may be called, as of tools.
    pub plan: Plan,
    /// The tools that the server has over REST, for the document.
    pub tools: Vec<ToolDescription>,
    /// What time it is.
    pub clock: Clock,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            local_secret: None,
            auth_failures_per_minute: AUTH_FAILURES_PER_MINUTE,
            trusted_proxies: 0,
            plan: Plan::default(),
            tools: Vec::new(),
            clock: Clock::default(),
        }
    }
}

/// The state of the routes. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Api(Arc<Shared>);

/// What [`Api`] shares.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) plan: Plan,
    pub(crate) auth_failures_per_minute: u32,
    pub(crate) trusted_proxies: usize,
    /// SHA-256 of the local secret.
    pub(crate) local_secret: Option<[u8; 32]>,
}

impl Api {
    pub(crate) fn new(store: Store, config: ApiConfig) -> Self {
        let ApiConfig { local_secret, auth_failures_per_minute, trusted_proxies, plan, clock, tools: _ } = config;
        let local_secret = local_secret.map(|secret| Sha256::digest(secret.as_bytes()).into());
        Self(Arc::new(Shared { store, clock, plan, auth_failures_per_minute, trusted_proxies, local_secret }))
    }
}

impl Deref for Api {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}
