//! Requests, from all sources.
//!
//! In: network payloads, and requests that [`dialects`](crate::dialects) found in events. Out: requests with epoch
//! times, in order, each once, without secrets. Never here: windows (set where events are read), causes, moments.

mod answer;
pub(crate) mod body;
pub(crate) mod clock;
pub(crate) mod ending;
mod har;
pub(crate) mod http;
mod merge;
pub(crate) mod resource;
mod socket;
pub(crate) mod timing;

use playhead_schemas::WindowNo;
use playhead_schemas::timeline::{NavigationKind, Request};

use crate::recorded::Belongs;
pub(crate) use har::from_har;
pub(crate) use merge::merge;

/// The most requests that are read from one payload. Further ones are left out with a defect.
const REQUESTS_MAX: usize = 100_000;
/// Longer durations and higher ages of pages are wrong: 11 days, in milliseconds.
pub(crate) const LENGTH_MS_MAX: f64 = 1e9;
/// The method of a request whose source does not name it.
pub(crate) const METHOD_UNKNOWN: &str = "?";

/// A request as one source saw it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawRequest {
    /// The window that sent it, when it is known. Set where events are read.
    pub(crate) window: Option<WindowNo>,
    /// Epoch milliseconds.
    pub(crate) start_ms: f64,
    /// Epoch milliseconds; absent while the request was running, and when the source has no end.
    pub(crate) end_ms: Option<f64>,
    /// Request and response.
    pub(crate) request: Request,
    /// Where it was recorded.
    pub(crate) source: RequestSource,
    /// What started it: a script and line, or a kind such as `script` or `img`.
    pub(crate) initiator: Option<String>,
    /// The page that sent it (`Referer`, RFC 9110 section 10.1.3), when it is known.
    pub(crate) referer: Option<String>,
    /// Of a request for a document: how the user asked for it, where headers or its performance entry say so.
    pub(crate) navigation: Option<NavigationKind>,
    /// The headers that were sent are known.
    pub(crate) has_headers: bool,
    /// How its times are known.
    pub(crate) time: RequestTime,
    /// Values under secret names in what was sent.
    pub(crate) secrets: Vec<String>,
    /// The action that it belongs to, when its recorder can tell.
    pub(crate) belongs: Option<Belongs>,
    /// The calls that sent it, the innermost first.
    pub(crate) stack: Vec<String>,
    /// Its number on its page, by which its recorder tells how its socket goes on.
    pub(crate) number: Option<u32>,
    /// Times on the page's own clock, for [`RequestSource::PluginRrweb`] alone.
    pub(crate) page_clock: Option<PageClock>,
}

/// Times that count from the page's start, whose own time rrweb's plugin does not record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PageClock {
    /// Start, milliseconds from the page's start.
    pub(crate) start_ms: f64,
    /// End, milliseconds from the page's start.
    pub(crate) end_ms: f64,
    /// The latest epoch time that the page's start can have.
    pub(crate) origin_ms: f64,
}

/// How the times of a request are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RequestTime {
    /// As they were recorded.
    #[default]
    Known,
    /// Without a time zone.
    Zoneless,
    /// Not at all: `start_ms` is no number.
    Missing,
    /// They were guessed.
    Guessed,
}

/// Who asked for a document, as its request tells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    /// The page that it was sent from.
    pub(crate) referer: Option<String>,
    /// The headers that were sent are known.
    pub(crate) has_headers: bool,
    /// How the user asked.
    pub(crate) navigation: Option<NavigationKind>,
}

/// Where a request was recorded, the best source first.
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
    /// A breadcrumb of an error of Sentry, which is left when a request ends.
    SentryCrumb,
    /// An element whose resource could not be loaded.
    NotLoaded,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Every cut, and bytes changed here and there: something is read or nothing, and times are numbers.
    #[test]
    fn no_bytes_panic() {
        let har = br#"{"log":{"entries":[{"startedDateTime":"2026-11-20T16:07:19.829Z","time":-1,"request":{"method":"POST",
            "url":"https://u:p@a.test/\u00e9?token=%E9&x=[1]#f","headers":[{"name":"Referer","value":"/"}],"postData":{"mimeType":"application/json",
            "text":"{\"pin\":\"\ud83d\"}"}},"response":{"status":500,"content":{"mimeType":"text/html","text":"PGI+w6k8L2I+","encoding":"base64"}}}]}}"#;
        let plugin = br#"{"requests":[{"name":"data:image/png;base64,AAAA","entryType":"resource","startTime":1e3,"duration":5,"method":"GET",
            "initiatorType":"fetch","responseBody":"\u00e9"},{"name":"/a","timeOrigin":1747237033319,"startTime":1e308,"endTime":-1},
            {"name":"/b","startTime":5,"endTime":1e300},{"name":"/c","startTime":1e12},{"name":"/d","startTime":9,"endTime":3}]}"#;
        let mut seed = 1u32;
        let check = |bytes: &[u8]| {
            let all = from_har(&mut bytes.to_vec(), &mut |_, _| ());
            for request in merge(clock::settle(all, None, &mut |_, _| ())) {
                let near = 9e10..1.001e14;
                assert!(
                    near.contains(&request.start_ms) && request.end_ms.is_none_or(|end| near.contains(&end)),
                    "{request:?}"
                );
            }
        };
        for sample in [&har[..], &plugin[..]] {
            for cut in 0..=sample.len() {
                check(&sample[..cut]);
            }
            for _ in 0..2000 {
                let mut bytes = sample.to_vec();
                for _ in 0..3 {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let at = (seed >> 8) as usize % bytes.len();
                    bytes[at] =
                        if seed & 1 == 0 { b"{}[]\",:\\0-"[(seed >> 4) as usize % 10] } else { (seed >> 24) as u8 };
                }
                check(&bytes);
            }
        }
    }
}
