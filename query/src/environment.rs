//! Where a bug was reported from, in short lines.

use playhead_store::Bug;
use schemars::JsonSchema;
use serde::Serialize;

use crate::untrusted;

/// Page and system of a report. Every text is the reporting page's own.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct Environment {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    browser: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    os: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    viewport: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timezone: Option<String>,
}

impl Environment {
    /// The environment of a report, each text short; `get_bug` has them at length.
    pub(crate) fn of(bug: &Bug) -> Self {
        let short = |text: &Option<String>, chars_max: usize| {
            text.as_ref().map(|text| untrusted::line(text, chars_max)).filter(|text| !text.is_empty())
        };
        let system = &bug.system;
        let ratio = system.device_pixel_ratio.map(|ratio| format!(" at {ratio}x")).unwrap_or_default();
        Self {
            url: short(&bug.page.url, 300),
            page_title: short(&bug.page.title, 120),
            // A user agent tells the browser too, only longer.
            browser: short(&system.browser, 60).or_else(|| short(&system.user_agent, 160)),
            os: short(&system.os, 60),
            viewport: system.viewport.map(|size| format!("{} x {}{ratio}", size.width, size.height)),
            language: short(&system.language, 40),
            timezone: short(&system.timezone, 60),
        }
    }

    /// One line for each thing that is known.
    pub(crate) fn lines(&self) -> Vec<String> {
        [
            ("URL", &self.url),
            ("page title", &self.page_title),
            ("browser", &self.browser),
            ("system", &self.os),
            ("viewport", &self.viewport),
            ("language", &self.language),
            ("time zone", &self.timezone),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}: {value}")))
        .collect()
    }
}
