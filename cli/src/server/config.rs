//! From the settings to the configurations of the library crates.

use playhead_dashboard::DashboardConfig;
use playhead_ingest::{AdminConfig, IngestConfig, Rate};
use playhead_query::QueryConfig;
use playhead_store::{ClientLimits, SignInLimits, StoreConfig, TokenLifetimes};
use playhead_worker::{JanitorConfig, WorkerConfig};

use super::LocalSecret;
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

pub(super) fn admin_config(settings: &Settings, secret: &LocalSecret) -> AdminConfig {
    AdminConfig {
        local_secret: Some(secret.expose().to_owned()),
        auth_failures_per_minute: settings.refusals_per_minute,
        trusted_proxies: settings.trusted_proxies.0,
        ..AdminConfig::default()
    }
}

pub(super) fn worker_config(settings: &Settings) -> WorkerConfig {
    let janitor = JanitorConfig { audit_days: settings.audit_days, ..JanitorConfig::default() };
    WorkerConfig { threads: settings.worker_threads, janitor, ..WorkerConfig::default() }
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
        scopes_off: settings.scopes_off.0.clone(),
        auth_failures_per_minute: settings.refusals_per_minute,
        trusted_proxies: settings.trusted_proxies.0,
        ..QueryConfig::default()
    }
}

/// The configuration of pages and OAuth, for a server that browsers reach at `public_url`.
pub(super) fn dashboard_config(settings: &Settings, public_url: &str) -> DashboardConfig {
    let default = DashboardConfig::default();
    let (seconds, days) = (|n: u32| i64::from(n) * 1000, |n: u32| i64::from(n) * 86_400_000);
    DashboardConfig {
        public_url: public_url.to_owned(),
        trusted_proxies: settings.trusted_proxies.0,
        auth_failures_per_minute: settings.refusals_per_minute,
        session_ms: days(settings.sign_in_days.0),
        sign_in: SignInLimits {
            per_account: settings.sign_in_tries_per_account,
            per_address: settings.sign_in_tries_per_address,
            ..default.sign_in
        },
        clients: ClientLimits { per_address_hour: settings.registrations_per_hour, ..default.clients },
        lifetimes: TokenLifetimes {
            access_ms: seconds(settings.access_token_minutes.0 * 60),
            refresh_ms: days(settings.refresh_token_days.0),
        },
        refresh_grace_ms: u64::from(settings.refresh_grace_seconds.0) * 1000,
        code_ms: seconds(settings.authorization_code_seconds.0),
        ..default
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::Scope;

    use super::*;
    use crate::settings::Flags;

    #[test]
    fn settings_of_access_reach_what_they_set() {
        let give = |text: &str| Some(text.to_owned());
        let flags = Flags {
            access_token_minutes: give("5"),
            refresh_token_days: give("2"),
            refresh_grace_seconds: give("7"),
            authorization_code_seconds: give("30"),
            sign_in_days: give("1"),
            sign_in_tries_per_account: give("3"),
            sign_in_tries_per_address: give("4"),
            registrations_per_hour: give("6"),
            scopes_off: give("replay:raw,cookies:read"),
            calls_per_day: give("11"),
            calls_per_minute: give("12"),
            ..Flags::default()
        };
        let settings = Settings::resolve(flags, None).unwrap();
        let pages = dashboard_config(&settings, "https://x.example");
        assert_eq!((pages.lifetimes.access_ms, pages.lifetimes.refresh_ms), (300_000, 172_800_000));
        assert_eq!((pages.refresh_grace_ms, pages.code_ms, pages.session_ms), (7_000, 30_000, 86_400_000));
        assert_eq!((pages.sign_in.per_account, pages.sign_in.per_address), (3, 4));
        assert_eq!(pages.clients.per_address_hour, 6);
        let tools = query_config(&settings, "https://x.example");
        assert_eq!(tools.scopes_off, [Scope::ReplayRaw, Scope::CookiesRead]);
        assert_eq!((tools.calls_per_day, tools.calls_per_minute), (11, 12));
    }

    /// What a library does by default and what `playhead config` shows are the same.
    #[test]
    fn defaults_are_the_libraries_own() {
        let settings = Settings::resolve(Flags::default(), None).unwrap();
        let (ours, theirs) = (dashboard_config(&settings, "x"), DashboardConfig::default());
        assert_eq!(
            (ours.lifetimes.access_ms, ours.lifetimes.refresh_ms),
            (theirs.lifetimes.access_ms, theirs.lifetimes.refresh_ms)
        );
        assert_eq!((ours.lifetimes.access_ms, ours.refresh_grace_ms), (3_600_000, theirs.refresh_grace_ms));
        assert_eq!((ours.code_ms, ours.session_ms), (theirs.code_ms, theirs.session_ms));
        assert_eq!(ours.sign_in.per_account, theirs.sign_in.per_account);
        assert_eq!(ours.sign_in.per_address, theirs.sign_in.per_address);
        assert_eq!(ours.clients.per_address_hour, theirs.clients.per_address_hour);
    }
}
