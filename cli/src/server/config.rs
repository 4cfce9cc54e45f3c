//! From the settings to the configurations of the library crates.

use playhead_dashboard::DashboardConfig;
use playhead_ingest::{IngestConfig, Rate, WorkerConfig};
use playhead_query::QueryConfig;
use playhead_store::StoreConfig;

use crate::settings::Settings;

pub(super) fn store_config(settings: &Settings) -> StoreConfig {
    StoreConfig {
        objects_url: settings.objects.clone(),
        readers: settings.readers,
        catalog_memory_mib: settings.catalog_memory_mib,
        catalog_threads: settings.catalog_threads,
        ..StoreConfig::new(&settings.data)
    }
}

pub(super) fn ingest_config(settings: &Settings) -> IngestConfig {
    let rate = |per_second, burst| Rate { per_second: f64::from(per_second), burst };
    IngestConfig {
        body_bytes_max: settings.body_bytes_max.0,
        body_decoded_bytes_max: settings.body_decoded_bytes_max.0,
        replay_bytes_max: settings.replay_bytes_max.0,
        json_depth_max: settings.json_depth_max,
        image_bytes_max: settings.image_bytes_max.0,
        image_pixels_max: settings.image_pixels_max,
        attachment_bytes_max: settings.attachment_bytes_max.0,
        body_pause_ms_max: settings.body_pause_ms_max,
        body_ms_max: settings.body_ms_max,
        decoding_bytes_max: settings.decoding_bytes_max.0,
        rate_per_key: rate(settings.key_requests_per_second, settings.key_requests_burst),
        rate_per_address: rate(settings.address_requests_per_second, settings.address_requests_burst),
        trusted_proxies: settings.trusted_proxies.0,
        ..IngestConfig::default()
    }
}

pub(super) fn worker_config(settings: &Settings) -> WorkerConfig {
    WorkerConfig { threads: settings.worker_threads, ..WorkerConfig::default() }
}

/// The configuration of the tools, for a server that clients reach at `public_url`.
pub(crate) fn query_config(settings: &Settings, public_url: &str) -> QueryConfig {
    QueryConfig {
        public_url: public_url.to_owned(),
        allowed_hosts: settings.allowed_hosts.0.clone(),
        allowed_origins: settings.allowed_origins.0.clone(),
        result_tokens_default: settings.result_tokens_default,
        calls_per_day: settings.calls_per_day,
        calls_per_minute: settings.calls_per_minute,
        ..QueryConfig::default()
    }
}

/// The configuration of pages and OAuth, for a server that browsers reach at `public_url`.
pub(super) fn dashboard_config(settings: &Settings, public_url: &str) -> DashboardConfig {
    DashboardConfig {
        public_url: public_url.to_owned(),
        trusted_proxies: settings.trusted_proxies.0,
        ..DashboardConfig::default()
    }
}
