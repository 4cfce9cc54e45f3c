//! One list of requests from several sources.
//!
//! In: requests of archives, plugins and spans. Out: each request once, sorted by start, with the times of the best
//! source and the facts of all. Never here: parsing.

use std::collections::BTreeMap;

use playhead_schemas::WindowNo;

use super::{METHOD_UNKNOWN, PageClock, RawRequest, RequestSource};

/// The most by which the starts of one request differ between two sources whose method and address agree. Sources read
/// the clocks of different processes at different steps of a request. In practice they differ by less than 200 ms, and
/// a page rarely requests one address twice in this time.
const SAME_MS: f64 = 1500.0;
/// Upper bounds of origins that differ by no more belong to one page: on a busy page a recorder reports late.
const SAME_PAGE_MS: f64 = 1000.0;

/// Merges what several sources saw into one list, sorted by start; equal starts keep their order.
///
/// A request that one source reports twice (a recorder that restarts reads the performance entries a second time), or
/// that several sources report, is listed once: with the times of the best source and the facts of all.
pub(crate) fn merge(mut sources: Vec<RawRequest>) -> Vec<RawRequest> {
    settle_page_clocks(&mut sources);
    // The best source first; its requests by time.
    sources.sort_by(|a, b| a.source.cmp(&b.source).then(a.start_ms.total_cmp(&b.start_ms)));
    let mut merged = Merged::default();
    for request in without_repeats(sources) {
        match merged.find(&request) {
            Some(at) => merged.absorb(at, request),
            None => merged.add(request),
        }
    }
    let mut out: Vec<RawRequest> = merged.requests.into_iter().map(|entry| entry.request).collect();
    out.sort_by(|a, b| a.start_ms.total_cmp(&b.start_ms));
    out
}

/// Places requests whose times are on their page's clock. Each event gives an upper bound of the time at which the page
/// began, mostly a close one: the lowest of bounds that are near each other holds for all of them. The pages and frames
/// of one window have clocks of their own, and their bounds form groups of their own.
fn settle_page_clocks(requests: &mut [RawRequest]) {
    let mut clocks: Vec<(Option<WindowNo>, PageClock, usize)> = requests
        .iter()
        .enumerate()
        .filter_map(|(at, request)| Some((request.window, request.page_clock?, at)))
        .collect();
    clocks.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.origin_ms.total_cmp(&b.1.origin_ms)));
    let mut page: Option<(Option<WindowNo>, f64)> = None;
    for (window, clock, at) in clocks {
        let known = page.filter(|page| page.0 == window && clock.origin_ms <= page.1 + SAME_PAGE_MS);
        let (_, origin_ms) = *page.insert(known.unwrap_or((window, clock.origin_ms)));
        requests[at].start_ms = origin_ms + clock.start_ms;
        requests[at].end_ms = Some(origin_ms + clock.end_ms);
    }
}

/// Removes requests that one source reports a second time. `requests` are sorted by source and start.
fn without_repeats(requests: Vec<RawRequest>) -> Vec<RawRequest> {
    /// So many requests before one are compared with it.
    const LOOKED_AT_MAX: usize = 64;
    let mut kept: Vec<RawRequest> = Vec::with_capacity(requests.len());
    for request in requests {
        let recent = kept.len().saturating_sub(LOOKED_AT_MAX);
        let near = kept[recent..].iter_mut().rev().take_while(|other| request.start_ms - other.start_ms <= SAME_MS);
        match near.into_iter().find(|other| is_repeat(other, &request)) {
            Some(other) if is_frame(other, &request) => other.request.resource = Some("iframe".into()),
            Some(_) => {}
            None => kept.push(request),
        }
    }
    kept
}

/// True for the same performance entry, to a fraction of a millisecond, and for the two entries that a page and the
/// frame in it have of one request. Equal entries of an archive are two requests: archives do not repeat entries.
fn is_repeat(a: &RawRequest, b: &RawRequest) -> bool {
    /// The origin of a page's clock is rounded anew for each report.
    const ORIGIN_JITTER_MS: f64 = 2.0;
    let same_entry = match (a.end_ms, b.end_ms) {
        (Some(a_end), Some(b_end)) => {
            let apart = (a.start_ms - b.start_ms).abs();
            apart <= ORIGIN_JITTER_MS && ((a_end - a.start_ms) - (b_end - b.start_ms)).abs() < 0.05
        }
        _ => false,
    };
    a.source == b.source
        && a.source != RequestSource::Har
        && a.window == b.window
        && a.request.url == b.request.url
        && ((same_entry && a.request.method == b.request.method) || is_frame(a, b))
}

/// True when one is the navigation of a frame and the other the fetch of its element.
fn is_frame(a: &RawRequest, b: &RawRequest) -> bool {
    let kind = |request: &RawRequest| request.request.resource.as_deref().map(|kind| kind == "document");
    let is_page_resource =
        |request: &RawRequest| matches!(request.request.resource.as_deref(), Some("document" | "iframe"));
    is_page_resource(a) && is_page_resource(b) && kind(a) != kind(b)
}

/// The requests so far, by address and time.
#[derive(Default)]
struct Merged {
    requests: Vec<Entry>,
    /// By path and query: start and place, by start.
    by_address: BTreeMap<String, Vec<(f64, usize)>>,
}

struct Entry {
    request: RawRequest,
    /// The source that reported it last. What the same source reports next is another request.
    seen_by: RequestSource,
}

impl Merged {
    fn add(&mut self, request: RawRequest) {
        let at = self.requests.len();
        let list = self.by_address.entry(path_and_query(&request.request.url).to_owned()).or_default();
        let place = list.partition_point(|(start, _)| *start <= request.start_ms);
        list.insert(place, (request.start_ms, at));
        self.requests.push(Entry { seen_by: request.source, request });
    }

    /// The request, nearest in time, that `other` is a report of.
    fn find(&self, other: &RawRequest) -> Option<usize> {
        /// Requests without times are looked for among so many of their address.
        const LOOKED_AT_MAX: usize = 1000;
        let list = self.by_address.get(path_and_query(&other.request.url))?;
        let is_placed = other.end_ms.is_some() || other.source == RequestSource::Har;
        let from = if is_placed { list.partition_point(|(start, _)| *start < other.start_ms - SAME_MS) } else { 0 };
        list[from..]
            .iter()
            .take_while(|(start, _)| *start <= other.start_ms + SAME_MS)
            .take(LOOKED_AT_MAX)
            .filter(|(_, at)| self.is_same(&self.requests[*at], other))
            .filter_map(|(start, at)| {
                // A request without times was reported when it had ended.
                let known = if is_placed { *start } else { self.requests[*at].request.end_ms.unwrap_or(*start) };
                let apart = (known - other.start_ms).abs();
                (apart <= SAME_MS).then_some((apart, *at))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, at)| at)
    }

    fn is_same(&self, entry: &Entry, other: &RawRequest) -> bool {
        let (a, b) = (&entry.request, other);
        let methods = [a.request.method.as_str(), b.request.method.as_str()];
        let windows_agree = a.window.is_none() || b.window.is_none() || a.window == b.window;
        entry.seen_by != b.source
            && (methods[0] == methods[1] || methods.contains(&METHOD_UNKNOWN))
            && windows_agree
            && hosts_agree(&a.request.url, &b.request.url)
    }

    fn absorb(&mut self, at: usize, other: RawRequest) {
        let entry = &mut self.requests[at];
        entry.seen_by = other.source;
        let (request, facts) = (&mut entry.request, other.request);
        request.window = request.window.or(other.window);
        request.initiator = request.initiator.take().or(other.initiator);
        request.referer = request.referer.take().or(other.referer);
        request.navigation = request.navigation.or(other.navigation);
        request.has_headers |= other.has_headers;
        request.belongs = request.belongs.or(other.belongs);
        if request.stack.is_empty() {
            request.stack = other.stack;
        }
        request.secrets.extend(other.secrets);
        let mine = &mut request.request;
        if request.end_ms.is_none() && !mine.failed {
            // Still running when the better source stopped watching: the other saw its end.
            request.end_ms = other.end_ms;
            mine.duration_ms = mine.duration_ms.or(facts.duration_ms);
        }
        if mine.status.is_none() && !mine.failed {
            mine.status = facts.status;
            mine.failed = facts.failed && facts.status.is_none();
            mine.unanswered = facts.unanswered;
        }
        if mine.method == METHOD_UNKNOWN {
            mine.method = facts.method;
        }
        mine.size_bytes = mine.size_bytes.or(facts.size_bytes);
        mine.resource = mine.resource.take().or(facts.resource);
        mine.mime = mine.mime.take().or(facts.mime);
        mine.request_body = mine.request_body.take().or(facts.request_body);
        mine.response_body = mine.response_body.take().or(facts.response_body);
        mine.messages = mine.messages.or(facts.messages);
        mine.operation = mine.operation.take().or(facts.operation);
        mine.answer_error = mine.answer_error.take().or(facts.answer_error);
        mine.error = mine.error.take().or(facts.error);
    }
}

/// Path and query, which are all that some recorders write.
fn path_and_query(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    match url.find("://").map(|at| at + 3) {
        Some(host) => url[host..].find(['/', '?']).map_or("/", |path| &url[host + path..]),
        None => url,
    }
}

fn hosts_agree(a: &str, b: &str) -> bool {
    let host = |url: &'_ str| {
        url.find("://").map(|at| url[at + 3..].split(['/', '?', '#']).next().unwrap_or_default().to_owned())
    };
    match (host(a), host(b)) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(&b),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use playhead_schemas::timeline::Request;

    use super::super::RequestTime;
    use super::*;

    fn seen(source: RequestSource, method: &str, url: &str, start_ms: f64, end_ms: Option<f64>) -> RawRequest {
        let request = Request { method: method.into(), url: url.into(), ..Request::default() };
        RawRequest {
            window: None,
            start_ms,
            end_ms,
            request,
            source,
            initiator: None,
            referer: None,
            navigation: None,
            has_headers: false,
            time: RequestTime::Known,
            secrets: Vec::new(),
            belongs: None,
            stack: Vec::new(),
            number: None,
            page_clock: None,
        }
    }

    #[test]
    fn one_request_of_two_sources_has_the_facts_of_both() {
        let mut har = seen(RequestSource::Har, "POST", "https://a.test/api?x=1", 1000.0, Some(1180.0));
        har.request.status = Some(500);
        har.request.error = Some("late".into());
        let mut plugin = seen(RequestSource::PluginRrweb, "?", "https://A.test/api?x=1#f", 1090.0, Some(1270.0));
        plugin.window = Some(WindowNo(2));
        plugin.initiator = Some("fetch".into());
        plugin.request.status = Some(200);
        plugin.request.response_body = Some("b".into());
        let mut span = seen(RequestSource::SentrySpan, "POST", "/api?x=1", 1010.0, Some(1180.0));
        span.request.size_bytes = Some(9);
        let got = merge(vec![span, plugin, har.clone()]);
        har.window = Some(WindowNo(2));
        har.initiator = Some("fetch".into());
        har.request.response_body = Some("b".into());
        har.request.size_bytes = Some(9);
        assert_eq!(got, [har]);
    }

    #[test]
    fn different_requests_stay_apart() {
        use RequestSource::{Har, PluginPosthog};
        let first = seen(Har, "GET", "https://a.test/a", 1000.0, Some(1010.0));
        for other in [
            seen(PluginPosthog, "GET", "https://a.test/a", 2501.0, Some(2510.0)),
            seen(PluginPosthog, "POST", "https://a.test/a", 1000.0, Some(1010.0)),
            seen(PluginPosthog, "GET", "https://b.test/a", 1000.0, Some(1010.0)),
            seen(PluginPosthog, "GET", "https://a.test/a?b", 1000.0, Some(1010.0)),
            first.clone(),
        ] {
            assert_eq!(merge(vec![first.clone(), other.clone()]).len(), 2, "{other:?}");
        }
    }

    #[test]
    fn repeats_pair_with_the_nearest() {
        use RequestSource::{Har, PluginPosthog};
        let poll = |source, n: u32, late: f64| {
            let start = f64::from(n) * 500.0;
            seen(source, "GET", "/poll", start + late, Some(start + 100.0 + late))
        };
        let mut all: Vec<_> = (0..50).map(|n| poll(Har, n, 0.0)).collect();
        all.extend((0..50).map(|n| poll(PluginPosthog, n, 60.0)));
        let got = merge(all);
        assert_eq!(got.len(), 50);
        assert!(got.is_sorted_by_key(|request| request.start_ms as i64));
    }

    #[test]
    fn a_repeated_report_is_one_request() {
        let entry = seen(RequestSource::PluginPosthog, "GET", "/a", 1000.0, Some(1010.4));
        let again = seen(RequestSource::PluginPosthog, "GET", "/a", 999.0, Some(1009.4));
        let other = seen(RequestSource::PluginPosthog, "GET", "/a", 1000.0, Some(1010.6));
        assert_eq!(merge(vec![entry.clone(), again]).len(), 1);
        assert_eq!(merge(vec![entry, other]).len(), 2);
    }

    #[test]
    fn the_end_comes_from_who_saw_it() {
        let running = seen(RequestSource::Har, "GET", "/a", 1000.0, None);
        let mut ended = seen(RequestSource::PluginRrweb, "GET", "/a", 1000.0, Some(5000.0));
        ended.request.failed = true;
        let got = merge(vec![running, ended]);
        assert_eq!((got.len(), got[0].end_ms, got[0].request.failed), (1, Some(5000.0), true));
        // Reported without times, when it had ended.
        let known = seen(RequestSource::Har, "GET", "/b", 1000.0, Some(9000.0));
        let untimed = seen(RequestSource::PluginRrweb, "GET", "/b", 9100.0, None);
        assert_eq!(merge(vec![known, untimed]).len(), 1);
    }

    #[test]
    fn a_frame_is_requested_once() {
        let as_seen = |resource: &str, start_ms: f64| {
            let mut request = seen(RequestSource::PluginRrweb, "?", "/frame", start_ms, Some(start_ms + 9.0));
            request.request.resource = Some(resource.into());
            request
        };
        let got = merge(vec![as_seen("iframe", 1000.0), as_seen("document", 1040.0)]);
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].request.resource.as_deref(), Some("iframe"));
        assert_eq!(merge(vec![as_seen("document", 1000.0), as_seen("document", 1040.0)]).len(), 2);
    }

    #[test]
    fn page_clocks_settle_at_the_earliest_origin() {
        let timed = |window, start: f64, reported: f64| {
            let (start_ms, end_ms) = (start, start + 10.0);
            let origin_ms = reported - end_ms;
            RawRequest {
                window: Some(WindowNo(window)),
                page_clock: Some(PageClock { start_ms, end_ms, origin_ms }),
                ..seen(
                    RequestSource::PluginRrweb,
                    "GET",
                    &format!("/{window}/{start}/{reported}"),
                    origin_ms + start_ms,
                    Some(reported),
                )
            }
        };
        // Window 1 shows a page that began at 10,000, with a frame from 40,000, then one that began at 60,000;
        // window 2 one from 10,050.
        let got = merge(vec![
            timed(1, 100.0, 10_410.0),
            timed(2, 50.0, 10_110.0),
            timed(1, 500.0, 10_520.0),
            timed(1, 5.0, 40_015.0),
            timed(1, 35_000.0, 45_020.0),
            timed(1, 5.0, 60_015.0),
            timed(1, 900.0, 61_500.0),
        ]);
        let starts: Vec<f64> = got.iter().map(|request| request.start_ms).collect();
        assert_eq!(starts, [10_100.0, 10_110.0, 10_510.0, 40_005.0, 45_010.0, 60_005.0, 60_900.0]);
    }
}
