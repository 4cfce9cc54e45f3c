//! From the settings to the configurations of the library crates: what several of them share is put into each.

use playhead_api::ApiConfig;
use playhead_dashboard::DashboardConfig;
use playhead_ingest::IngestConfig;
use playhead_oauth::OAuthConfig;
use playhead_query::QueryConfig;

use super::LocalSecret;
use crate::settings::Settings;

pub(super) fn ingest_config(settings: &Settings) -> IngestConfig {
    IngestConfig { trusted_proxies: settings.trusted_proxies, ..settings.ingest.clone() }
}

pub(super) fn api_config(settings: &Settings, secret: &LocalSecret) -> ApiConfig {
    ApiConfig {
        plan: settings.tools.plan(),
        tools: playhead_query::tool_descriptions(&settings.tools),
        local_secret: Some(secret.expose().to_owned()),
        auth_failures_per_minute: settings.refusals_per_minute,
        trusted_proxies: settings.trusted_proxies,
        ..ApiConfig::default()
    }
}

/// The configuration of the tools, for a server that clients reach at `public_url`.
pub(crate) fn query_config(settings: &Settings, public_url: &str) -> QueryConfig {
    QueryConfig {
        public_url: public_url.to_owned(),
        auth_failures_per_minute: settings.refusals_per_minute,
        trusted_proxies: settings.trusted_proxies,
        ..settings.tools.clone()
    }
}

/// The configuration of the authorization server, for a server that browsers and clients reach at `public_url`.
pub(super) fn oauth_config(settings: &Settings, public_url: &str) -> OAuthConfig {
    OAuthConfig {
        public_url: public_url.to_owned(),
        auth_failures_per_minute: settings.refusals_per_minute,
        trusted_proxies: settings.trusted_proxies,
        ..settings.oauth.clone()
    }
}

/// The configuration of the pages.
pub(super) fn dashboard_config(settings: &Settings) -> DashboardConfig {
    DashboardConfig { trusted_proxies: settings.trusted_proxies, ..settings.pages.clone() }
}
