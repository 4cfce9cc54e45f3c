//! Where a bug was reported from, in short lines.

use playhead_store::Bug;

use crate::untrusted;

/// Facts of the metadata that name a release.
const RELEASE_FACTS_MAX: usize = 4;

/// What the metadata says of the application's release: keys that end in `version`, `release`, `build`, `commit`.
pub(crate) fn release(metadata: &serde_json::Map<String, serde_json::Value>) -> Option<String> {
    const NAMES: [&str; 6] = ["version", "release", "build", "commit", "revision", "sha"];
    let named = metadata.iter().filter(|(key, _)| {
        let key = key.to_ascii_lowercase();
        NAMES.iter().any(|name| key.ends_with(name))
    });
    let told = named.filter_map(|(key, value)| match value {
        serde_json::Value::String(text) if !text.is_empty() => Some(format!("{key} {text}")),
        serde_json::Value::Number(number) => Some(format!("{key} {number}")),
        _ => None,
    });
    let told: Vec<String> = told.take(RELEASE_FACTS_MAX).collect();
    (!told.is_empty()).then(|| told.join(", "))
}

/// Page and system of a report, one line for each thing that is known. Every text is the reporting page's
/// own and cut short, less so with a larger `scale`; `get_bug` has them at length in its metadata.
pub(crate) fn lines(bug: &Bug, scale: usize) -> Vec<String> {
    let system = &bug.system;
    let ratio = system.device_pixel_ratio.map(|ratio| format!(" at {ratio}x")).unwrap_or_default();
    let viewport = system.viewport.map(|size| format!("{} x {}{ratio}", size.width, size.height));
    // A user agent names the browser too, at greater length.
    let browser = system.browser.as_ref().or(system.user_agent.as_ref());
    // The report's own words about the application's version come first: a fix is looked for in that one.
    let release = release(&bug.metadata);
    [
        ("release", release.as_ref(), 160, 40),
        ("URL", bug.page.url.as_ref(), 300, 50),
        ("page title", bug.page.title.as_ref(), 120, 25),
        ("browser", browser, 160, 30),
        ("system", system.os.as_ref(), 60, 15),
        ("viewport", viewport.as_ref(), 60, 25),
        ("language", system.language.as_ref(), 40, 10),
        ("time zone", system.timezone.as_ref(), 60, 15),
    ]
    .into_iter()
    .filter_map(|(name, value, chars_max, tokens_max)| {
        Some((name, untrusted::short_line(value?, chars_max, tokens_max * scale)))
    })
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| format!("{name}: {value}"))
    .collect()
}
