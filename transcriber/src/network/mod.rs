//! Requests, from wherever a recording has them.
//!
//! In: HAR files, events of network plugins, spans and breadcrumbs of other recorders. Out: requests of
//! one shape with epoch times, in order, each once, without secrets. Never here: windows (who reads the
//! events sets them), causes, moments.

mod body;
mod har;
mod merge;
mod plugin;
mod resource;
mod sentry;

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::Request;

pub(crate) use har::from_har;
pub(crate) use merge::merge;
pub(crate) use plugin::from_plugin;
pub(crate) use sentry::{breadcrumb_payload, span_payload};

/// Requests that are read from one payload; what is past them is left out with a defect.
const REQUESTS_MAX: usize = 100_000;
/// The method of a request whose source does not tell it.
pub(crate) const METHOD_UNKNOWN: &str = "?";

/// A request as one source saw it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawRequest {
    /// The window that sent it, when the source tells; set by who reads the events.
    pub(crate) window: Option<WindowNo>,
    /// Epoch milliseconds.
    pub(crate) start_ms: f64,
    /// Epoch milliseconds; absent while it was running, and when the source does not tell.
    pub(crate) end_ms: Option<f64>,
    /// What was asked and answered.
    pub(crate) request: Request,
    /// Who saw it.
    pub(crate) source: RequestSource,
    /// What began it: a script and line, or a kind such as `script` or `img`.
    pub(crate) initiator: Option<String>,
    /// The page that sent it (`Referer`, RFC 9110 section 10.1.3), when the source tells.
    pub(crate) referer: Option<String>,
    /// Only for [`RequestSource::PluginRrweb`]: its times on the page's own clock.
    pub(crate) page_clock: Option<PageClock>,
}

/// Times that count from the page's start, which rrweb's plugin does not tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PageClock {
    /// Start, milliseconds from the page's start.
    pub(crate) start_ms: f64,
    /// End, milliseconds from the page's start.
    pub(crate) end_ms: f64,
    /// The latest epoch time that the page's start can have.
    pub(crate) origin_ms: f64,
}

/// Who saw a request, the one that knows most first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RequestSource {
    /// An HTTP archive.
    Har,
    /// PostHog's plugin, which uses rrweb's name and adds epoch times.
    PluginPosthog,
    /// rrweb's network plugin.
    PluginRrweb,
    /// A resource list of Highlight.
    HighlightResource,
    /// A performance span or breadcrumb of Sentry.
    SentrySpan,
    /// PostHog's older plugin with numbered fields.
    PosthogLegacy,
}
