//! Services that count visitors and collect errors: their requests are often blocked, and none of the application's
//! business.

/// Hosts of common services, each with all below it.
const HOSTS: [&str; 40] = [
    "adnxs.com",
    "amplitude.com",
    "analytics.google.com",
    "analytics.tiktok.com",
    "bat.bing.com",
    "browser-intake-datadoghq.com",
    "browser-intake-datadoghq.eu",
    "bugsnag.com",
    "clarity.ms",
    "cloudflareinsights.com",
    "connect.facebook.net",
    "criteo.com",
    "crisp.chat",
    "doubleclick.net",
    "facebook.com",
    "fullstory.com",
    "google-analytics.com",
    "googleadservices.com",
    "googlesyndication.com",
    "googletagmanager.com",
    "heapanalytics.com",
    "hotjar.com",
    "hotjar.io",
    "i.posthog.com",
    "ingest.sentry.io",
    "logrocket.io",
    "lr-ingest.io",
    "matomo.cloud",
    "mixpanel.com",
    "newrelic.com",
    "nr-data.net",
    "optimizely.com",
    "pinterest.com",
    "plausible.io",
    "px.ads.linkedin.com",
    "quantserve.com",
    "rollbar.com",
    "scorecardresearch.com",
    "segment.io",
    "snowplowanalytics.com",
];
/// What addresses of counters on other sites end with.
const PATHS: [&str; 7] = ["collect", "beacon", "pixel", "track", "telemetry", "analytics", "stats"];

/// True for a request to a service that counts visitors, from a page of another site.
pub(crate) fn is_tracker(url: &str, page: Option<&str>) -> bool {
    let Some(host) = host(url) else { return false };
    if page.and_then(self::host).is_some_and(|own| site(own) == site(host)) {
        return false;
    }
    let is_known =
        |known: &&str| host.strip_suffix(*known).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    let path = url.split(['?', '#']).next().unwrap_or_default();
    HOSTS.iter().any(is_known)
        || path.rsplit('/').next().is_some_and(|last| PATHS.iter().any(|known| last.eq_ignore_ascii_case(known)))
}

/// True for what another product's SDK asks of this server while it records: its scripts, its configuration, its
/// uploads. The application asks for none of it.
pub(crate) fn is_of_recorder(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.contains("/ph/phk_") || path.contains("/ph/[redacted]/")
}

fn host(url: &str) -> Option<&str> {
    let rest = &url[url.find("://")? + 3..];
    let authority = rest.split(['/', '?', '#']).next()?;
    authority.split(':').next().filter(|host| !host.is_empty())
}

/// The last two labels of a host, which hosts of one owner have in common as a rule.
fn site(host: &str) -> &str {
    let mut dots = host.rmatch_indices('.');
    match (dots.next(), dots.next()) {
        (Some(_), Some((at, _))) => &host[at + 1..],
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_of_recorder, is_tracker};

    #[test]
    fn the_recorders_own_requests_are_known() {
        for (url, want) in [
            ("https://play.test/ph/phk_abc/flags/?v=2", true),
            ("https://play.test/ph/phk_abc/static/1.2.3/lazy-recorder.js", true),
            ("https://play.test/ph/values", false),
            ("https://shop.test/?next=/ph/phk_abc/", false),
        ] {
            assert_eq!(is_of_recorder(url), want, "{url}");
        }
    }

    #[test]
    fn trackers_are_told_from_the_application() {
        let page = Some("https://www.shop.test/cart");
        for (url, want) in [
            ("https://www.google-analytics.com/g/collect?v=2", true),
            ("https://o1.ingest.sentry.io/api/2/envelope/", true),
            ("https://metrics.count.test/v1/collect", true),
            ("https://api.shop.test/collect", false),
            ("https://stock.test/v1/items/7", false),
            ("https://notgoogle-analytics.com/x", false),
            ("/collect", false),
            ("", false),
        ] {
            assert_eq!(is_tracker(url, page), want, "{url}");
        }
    }
}
