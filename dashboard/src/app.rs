//! What every handler shares.

use std::net::{IpAddr, SocketAddr};
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap};
use playhead_access::address::client_address;
use playhead_access::oauth::Issuer;
use playhead_schemas::clock::Clock;
use playhead_schemas::{EpochMs, ErrorCode};
use playhead_store::{AuditEntry, Member, Store};
use tokio::sync::Semaphore;

use crate::config::DashboardConfig;
use crate::oauth::ClientDocuments;
use crate::web::CookieJar;

/// The state of every route. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

/// What [`App`] shares.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) config: DashboardConfig,
    pub(crate) issuer: Issuer,
    pub(crate) clock: Clock,
    pub(crate) cookies: CookieJar,
    pub(crate) documents: Arc<dyn ClientDocuments>,
    pub(crate) passwords: Semaphore,
}

impl App {
    pub(crate) fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }

    pub(crate) fn now(&self) -> EpochMs {
        self.clock.now()
    }

    /// The address that a request is counted under.
    pub(crate) fn address(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let forwarded = headers.get_all("x-forwarded-for");
        let forwarded: Vec<&str> = forwarded.iter().filter_map(|value| value.to_str().ok()).collect();
        client_address(peer, forwarded.into_iter(), self.config.trusted_proxies)
    }

    /// Notes in the audit log what a member did here, or was refused.
    pub(crate) fn note(&self, member: Option<&Member>, action: &str, subject: Option<String>, code: Option<ErrorCode>) {
        self.store.audit(AuditEntry {
            at: self.now(),
            workspace: member.map(|member| member.workspace),
            principal: member.map_or_else(|| "nobody".to_owned(), |member| format!("member {}", member.id)),
            client_name: None,
            client_version: None,
            action: action.to_owned(),
            tool: None,
            project: None,
            subject,
            code,
            duration_ms: 0,
        });
    }
}

impl Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}
