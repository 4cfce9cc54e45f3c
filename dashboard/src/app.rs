//! What every handler shares.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use http::{Extensions, HeaderMap};
use playhead_access::oauth::Issuer;
use playhead_oauth::OAuth;
use playhead_schemas::{EpochMs, ErrorCode};
use playhead_store::{AuditEntry, Member, Store};
use playhead_web::{audit_entry, client_address};
use tokio::sync::Semaphore;

use crate::browser::CookieJar;
use crate::config::DashboardConfig;

/// The state of every route. Cheap to clone.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

/// What [`App`] shares.
pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) oauth: OAuth,
    pub(crate) config: DashboardConfig,
    pub(crate) cookies: CookieJar,
    /// Places for passwords that are being hashed.
    pub(crate) hashing: Semaphore,
}

impl App {
    pub(crate) fn new(store: Store, oauth: OAuth, config: DashboardConfig) -> Self {
        let cookies = CookieJar::new(oauth.issuer());
        let hashing = Semaphore::new(config.passwords_at_once.max(1));
        Self(Arc::new(Shared { store, oauth, config, cookies, hashing }))
    }

    pub(crate) fn now(&self) -> EpochMs {
        self.config.clock.now()
    }

    /// The public URL in its normal form.
    pub(crate) fn issuer(&self) -> &Issuer {
        self.oauth.issuer()
    }

    /// The address that a request is counted under.
    pub(crate) fn address(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        client_address(extensions, headers, self.config.trusted_proxies)
    }

    /// Notes in the audit log what a member did here, or was refused.
    pub(crate) fn note(&self, member: Option<&Member>, action: &str, subject: Option<String>, code: Option<ErrorCode>) {
        let workspace = member.map(|member| member.workspace);
        let principal = member.map_or_else(|| "nobody".to_owned(), |member| format!("member {}", member.id));
        let entry = audit_entry(self.now(), workspace, principal, action.to_owned());
        self.store.audit(AuditEntry { subject, code, ..entry });
    }
}

impl Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}
