//! What a page needs to report to the demo: text that can be pasted as it is.

use super::shop::sdk_tag;

/// How to make a bug of one's own.
pub(super) fn own_bug(shop: &str) -> String {
    format!(
        "Report your own bug here: {shop}\n\
         The shop has planted bugs (put something into the cart and use the coupon SPRING25, or choose Saturday delivery). \
         Press the button \"Report a bug\" in its corner, send the report, and ask your assistant what happened."
    )
}

/// The three ways in which a page of one's own reports to the server at `url`, with this ingest key.
pub(super) fn pages(url: &str, key: &str) -> anyhow::Result<String> {
    let (scheme, host) = url.split_once("://").ok_or_else(|| anyhow::anyhow!("{url} is no address"))?;
    let tag = sdk_tag(key, url, "");
    Ok(format!(
        r#"Record a page of your own. Ingest key (it may only upload): {key}

With Playhead's own script, before all others:
{tag}
A page that has Sentry (@sentry/browser 7 to 11) changes its DSN:
Sentry.init({{
  dsn: '{scheme}://{key}@{host}/1',
  integrations: [Sentry.replayIntegration({{ maskAllText: false }})],
  replaysSessionSampleRate: 1,
}});

A page that has PostHog (posthog-js) changes its key and its address:
posthog.init('{key}', {{ api_host: '{url}/ph/{key}' }});

Versions and options: docs/sdks.md and sdk/README.md in the repository."#
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_snippet_names_server_and_key() {
        let text = pages("http://127.0.0.1:4610", "phk_x").unwrap_or_default();
        for part in [
            "src=\"http://127.0.0.1:4610/sdk/v1/playhead.js\" data-key=\"phk_x\"",
            "dsn: 'http://phk_x@127.0.0.1:4610/1'",
            "api_host: 'http://127.0.0.1:4610/ph/phk_x'",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(pages("127.0.0.1", "phk_x").is_err());
    }
}
