//! What every endpoint shares.

use std::sync::Arc;

use playhead_access::oauth::{Issuer, IssuerError};
use playhead_schemas::EpochMs;
use playhead_store::Store;

use crate::config::OAuthConfig;
use crate::fetch::{ClientDocuments, HttpClientDocuments};

/// The authorization server of one store. Cheap to clone.
#[derive(Clone)]
pub struct OAuth {
    pub(crate) store: Store,
    pub(crate) config: Arc<OAuthConfig>,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) documents: Arc<dyn ClientDocuments>,
}

impl OAuth {
    /// An authorization server that fetches the documents of clients from the public internet.
    ///
    /// # Errors
    /// When the public URL of `config` can't be an issuer.
    pub fn new(store: Store, config: OAuthConfig) -> Result<Self, IssuerError> {
        Self::with_documents(store, config, Arc::new(HttpClientDocuments::default()))
    }

    /// The same with another source of clients' documents.
    ///
    /// # Errors
    /// As [`OAuth::new`].
    pub fn with_documents(
        store: Store,
        config: OAuthConfig,
        documents: Arc<dyn ClientDocuments>,
    ) -> Result<Self, IssuerError> {
        let issuer = Issuer::parse(&config.public_url)?;
        if !issuer.is_secure() && !issuer.is_loopback() {
            tracing::warn!(%issuer, "the public URL is http: passwords and tokens travel in the clear");
        }
        Ok(Self { store, config: Arc::new(config), issuer: Arc::new(issuer), documents })
    }

    /// The issuer: the public URL in its normal form.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    pub(crate) fn now(&self) -> EpochMs {
        self.config.clock.now()
    }
}
