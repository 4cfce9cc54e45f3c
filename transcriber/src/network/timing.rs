//! Resource timings: entries of the Resource Timing API, to which recorders add methods, bodies and epoch times.
//!
//! In: entries, and the names of their fields. Out: requests. Never here: where the entries come from.

use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::{DefectCode, NavigationKind, Request, Unanswered};

use super::body::{self, Body};
use super::{LENGTH_MS_MAX, METHOD_UNKNOWN, PageClock, RawRequest, RequestSource, RequestTime, ending, http, resource};
use crate::lenient::{self, Value, count, field, first, number, text};
use crate::recorded::{self, Belongs};
use crate::scrub::{clean_text, clean_url};

/// How long rrweb's plugin waits for a timing before it reports a request without one.
const GAVE_UP_MS: f64 = 2750.0;

/// Characters of an error's text that are kept.
const ERROR_CHARS_MAX: usize = 300;
/// Bytes of a place in a script that are kept.
const PLACE_BYTES_MAX: usize = 300;

/// The defect of an event whose payload is no JSON.
pub(crate) const NOT_JSON: &str = "a network event whose payload is not JSON";

/// The names of a resource timing's fields.
pub(crate) struct TimingKeys {
    /// The recorder, when it alone uses these names.
    pub(crate) source: Option<RequestSource>,
    pub(crate) name: &'static [&'static str],
    pub(crate) entry_type: &'static str,
    pub(crate) initiator: &'static str,
    pub(crate) origin: &'static str,
    /// Epoch milliseconds of the start.
    pub(crate) epoch: &'static [&'static str],
    pub(crate) start: &'static str,
    pub(crate) end: &'static [&'static str],
    pub(crate) duration: &'static str,
    pub(crate) observed_status: &'static str,
    pub(crate) decoded_size: &'static str,
    pub(crate) encoded_size: &'static str,
}

/// The names of the Resource Timing API.
pub(crate) const NAMED: TimingKeys = TimingKeys {
    source: None,
    name: &["name", "url"],
    entry_type: "entryType",
    initiator: "initiatorType",
    origin: "timeOrigin",
    epoch: &["startTimeAbs", "timestamp"],
    start: "startTime",
    end: &["endTime", "responseEnd"],
    duration: "duration",
    observed_status: "responseStatus",
    decoded_size: "decodedBodySize",
    encoded_size: "encodedBodySize",
};

/// Reads a list of entries of one event, whose own time is `event_ms`; none when `list` is no list.
///
/// Timings without epoch times are placed by the event's time: the last of them ended no later.
/// [`merge`](super::merge()) places them better when it has seen all events of the page. Timings of other things than
/// requests are passed over.
pub(crate) fn requests(list: Value<'_, '_>, keys: &TimingKeys, event_ms: f64) -> Vec<RawRequest> {
    let Some(list) = list.as_array() else { return Vec::new() };
    let last_end_ms = list.iter().filter_map(|entry| reported(entry, keys)).filter(|ms| !is_epoch(ms)).reduce(f64::max);
    let place = Place { event_ms, last_end_ms };
    list.iter().take(super::REQUESTS_MAX).filter_map(|entry| one(entry, keys, place)).collect()
}

/// Reads an entry that is alone in its event.
pub(crate) fn request(entry: Value<'_, '_>, keys: &TimingKeys, event_ms: f64) -> Option<RawRequest> {
    one(entry, keys, Place { event_ms, last_end_ms: None })
}

/// Reads one entry of a list of resource timings, which must have an epoch time.
pub(super) fn from_resource_list(entry: Value<'_, '_>) -> Result<RawRequest, (DefectCode, &'static str)> {
    first(entry, NAMED.name).ok_or((DefectCode::BadEvent, "a network entry without a request"))?;
    let place = Place { event_ms: f64::NAN, last_end_ms: None };
    let request = one(entry, &NAMED, place).ok_or((DefectCode::BadEvent, "a network entry that is no request"))?;
    if request.start_ms.is_nan() {
        return Err((DefectCode::BadTimestamp, "a network entry without a usable time"));
    }
    Ok(request)
}

/// What places times that do not count from the epoch.
#[derive(Clone, Copy)]
struct Place {
    event_ms: f64,
    last_end_ms: Option<f64>,
}

/// The times of one entry as they are written: on the page's clock, or epoch.
struct Times {
    start_ms: f64,
    end_ms: Option<f64>,
}

impl Times {
    fn of(entry: Value<'_, '_>, keys: &TimingKeys) -> Option<Self> {
        let is_length = |ms: &f64| (0.0..LENGTH_MS_MAX).contains(ms);
        let start_ms = number(entry, keys.start).filter(|ms| is_length(ms) || is_epoch(ms))?;
        let ended =
            keys.end.iter().find_map(|key| number(entry, key).filter(|end| *end > 0.0 && is_length(&(end - start_ms))));
        // The duration of a navigation includes the loading of the page, so it is the second choice.
        let end_ms = ended.or_else(|| Some(start_ms + number(entry, keys.duration).filter(is_length)?));
        Some(Self { start_ms, end_ms })
    }
}

/// The earliest time at which an entry can have been reported, on the page's clock. A navigation is reported after the
/// page has loaded.
fn reported(entry: Value<'_, '_>, keys: &TimingKeys) -> Option<f64> {
    let times = Times::of(entry, keys)?;
    let finished = number(entry, keys.duration).filter(|ms| *ms < LENGTH_MS_MAX).map(|ms| times.start_ms + ms);
    times.end_ms.into_iter().chain(finished).reduce(f64::max)
}

fn one(entry: Value<'_, '_>, keys: &TimingKeys, place: Place) -> Option<RawRequest> {
    let url = first(entry, keys.name).and_then(lenient::as_text).filter(|url| !url.is_empty())?;
    let kind = text(entry, keys.entry_type);
    if !matches!(kind, None | Some("navigation" | "resource")) {
        return None;
    }
    let pair = field(entry, "requestResponsePairs");
    let named = match kind {
        Some("navigation") => "navigation",
        _ => text(entry, keys.initiator).unwrap_or_default(),
    };
    let resource = resource::from_name(named, url);
    let times = Times::of(entry, keys);
    let placed = placed(entry, keys, times.as_ref(), place);
    let answer = Answer::of(entry, keys, pair, resource.as_deref(), times.is_some());
    let duration_ms = times.as_ref().and_then(|times| Some(times.end_ms? - times.start_ms));
    let mut request = Request {
        method: answer.method,
        url: clean_url(url),
        status: answer.status,
        failed: answer.failed,
        duration_ms: duration_ms.and_then(count).filter(|_| !resource::stays_open(resource.as_deref())),
        size_bytes: size(entry, keys, pair),
        resource,
        ..Request::default()
    };
    let secrets = keep_bodies(entry, pair, &mut request);
    let own = field(entry, "playhead");
    if let Some(own) = own {
        take_ending(own, &mut request);
    }
    let stack = own.map(|own| recorded::frames(field(own, "stack"))).unwrap_or_default();
    let sender = stack.first().and_then(|frame| place_of(frame)).map(|place| format!("script {place}"));
    Some(RawRequest {
        window: None,
        start_ms: placed.start_ms,
        end_ms: placed.end_ms,
        request,
        source: placed.source,
        initiator: sender.or_else(|| (!named.is_empty()).then(|| prefix(named, 40).to_owned())),
        referer: None,
        navigation: if kind == Some("navigation") { navigation(entry) } else { None },
        has_headers: false,
        time: RequestTime::Known,
        secrets,
        belongs: own.map(|own| Belongs { action: recorded::belonging(own) }),
        stack,
        number: own.and_then(|own| recorded::node(own, "id")),
        page_clock: placed.page_clock,
    })
}

/// What Playhead's recorder tells of how a request ended.
fn take_ending(own: Value<'_, '_>, request: &mut Request) {
    if field(own, "running").is_some_and(lenient::is_true) {
        (request.failed, request.unanswered) = (true, Some(Unanswered::PageLeft));
    }
    if let Some(error) = text(own, "error") {
        request.failed = true;
        request.error = Some(one_line(&clean_text(error), ERROR_CHARS_MAX));
        ending::settle(request);
    }
}

/// The place in `save (https://shop.test/a.js:3:64)`.
fn place_of(frame: &str) -> Option<&str> {
    let place = frame.rsplit_once('(').map_or(frame, |(_, place)| place.trim_end_matches(')'));
    place.contains("://").then(|| prefix(place.trim(), PLACE_BYTES_MAX))
}

/// How the user came to a page (Navigation Timing, section 4.1).
fn navigation(entry: Value<'_, '_>) -> Option<NavigationKind> {
    match first(entry, &["type", "navigationType"]).and_then(lenient::as_text)? {
        "reload" => Some(NavigationKind::Reload),
        "back_forward" => Some(NavigationKind::BackForward),
        _ => None,
    }
}

/// True for an epoch time between 1973 and 5138; times on a page's own clock are smaller.
fn is_epoch(ms: &f64) -> bool {
    (1e11..1e14).contains(ms)
}

struct Placed {
    start_ms: f64,
    end_ms: Option<f64>,
    source: RequestSource,
    page_clock: Option<PageClock>,
}

fn placed(entry: Value<'_, '_>, keys: &TimingKeys, times: Option<&Times>, place: Place) -> Placed {
    let length = times.and_then(|times| Some(times.end_ms? - times.start_ms));
    let epoch = first(entry, keys.epoch).and_then(lenient::as_number).filter(is_epoch);
    let origin = number(entry, keys.origin).filter(is_epoch);
    let source = match (keys.source, field(entry, "startTimeAbs")) {
        (Some(source), _) => source,
        (_, Some(_)) => RequestSource::HighlightResource,
        _ if epoch.is_some() || origin.is_some() => RequestSource::PluginPosthog,
        _ => RequestSource::PluginRrweb,
    };
    let start = times.map(|times| times.start_ms);
    let known = epoch.or_else(|| Some(origin? + start.filter(|ms| !is_epoch(ms))?)).or(start.filter(is_epoch));
    if let Some(start_ms) = known {
        let end_ms = number(entry, "responseEndAbs")
            .filter(|end| (0.0..LENGTH_MS_MAX).contains(&(end - start_ms)))
            .or(length.map(|ms| start_ms + ms));
        return Placed { start_ms, end_ms, source, page_clock: None };
    }
    match times {
        Some(&Times { start_ms, end_ms: Some(end_ms) }) => {
            let origin_ms = place.event_ms - place.last_end_ms.unwrap_or(end_ms).max(end_ms);
            let page_clock = Some(PageClock { start_ms, end_ms, origin_ms });
            Placed { start_ms: origin_ms + start_ms, end_ms: Some(origin_ms + end_ms), source, page_clock }
        }
        _ => Placed { start_ms: place.event_ms - GAVE_UP_MS, end_ms: None, source, page_clock: None },
    }
}

/// What an entry says of the response.
struct Answer {
    method: String,
    status: Option<u16>,
    failed: bool,
}

impl Answer {
    /// A timing alone cannot distinguish a failed request from one to another origin: both have status 0. An entry with
    /// a method comes from a wrapper of `fetch` or `XMLHttpRequest`, which can: a failed fetch has no status (an opaque
    /// one has 0), a failed XMLHttpRequest has 0.
    fn of(
        entry: Value<'_, '_>,
        keys: &TimingKeys,
        pair: Option<Value<'_, '_>>,
        resource: Option<&str>,
        timed: bool,
    ) -> Self {
        let part = |name| pair.and_then(|pair| field(pair, name));
        let wrapped = text(entry, "method").or_else(|| part("request").and_then(|sent| text(sent, "verb")));
        let told = number(entry, "status").or_else(|| number(part("response")?, "status"));
        let observed = number(entry, keys.observed_status);
        let status = told.and_then(http::status).or_else(|| observed.and_then(http::status));
        let failed = wrapped.is_some()
            && timed
            && status.is_none()
            && match resource {
                Some("xhr") => told == Some(0.0),
                Some("fetch") => told.is_none() || (pair.is_some() && told == Some(0.0)),
                _ => false,
            };
        let method = match (wrapped, resource) {
            (Some(method), _) => http::method(method),
            (None, Some("fetch" | "xhr") | None) => METHOD_UNKNOWN.to_owned(),
            (None, Some("ping")) => "POST".to_owned(),
            // A navigation may be a form that was posted.
            (None, Some("document" | "iframe")) => METHOD_UNKNOWN.to_owned(),
            (None, Some(_)) => "GET".to_owned(),
        };
        Self { method, status, failed }
    }
}

/// Browsers report 0 as the size of resources of other origins.
fn size(entry: Value<'_, '_>, keys: &TimingKeys, pair: Option<Value<'_, '_>>) -> Option<u64> {
    let told = pair.and_then(|pair| number(field(pair, "response")?, "size"));
    [number(entry, keys.decoded_size), number(entry, keys.encoded_size), told]
        .into_iter()
        .flatten()
        .find_map(|bytes| count(bytes).filter(|bytes| *bytes > 0))
}

fn keep_bodies(entry: Value<'_, '_>, pair: Option<Value<'_, '_>>, request: &mut Request) -> Vec<String> {
    let side = |key: &str, headers: &str, half: &str| {
        let half = pair.and_then(|pair| field(pair, half));
        let text = text(entry, key).or_else(|| text(half?, "body")).unwrap_or_default();
        // Recorders write these in place of a body that they could not read.
        let is_marker =
            ["[rrweb/network]", "[SessionRecording]", "[SessionReplay]"].iter().any(|m| text.starts_with(m));
        let headers = field(entry, headers).or_else(|| field(half?, "headers"));
        let mime = headers.and_then(content_type).unwrap_or_default();
        Body { text: if is_marker { "" } else { text }, mime, base64: false }
    };
    let sent = side("requestBody", "requestHeaders", "request");
    let received = side("responseBody", "responseHeaders", "response");
    request.mime = body::media_type(received.mime);
    body::set_bodies(request, sent, received)
}

fn content_type<'i>(headers: Value<'_, 'i>) -> Option<&'i str> {
    let headers = headers.as_object()?;
    headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .and_then(|(_, value)| lenient::as_text(value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::har;
    use super::*;

    #[test]
    fn highlight_lists_are_read_as_payloads() {
        let mut json = br#"{"resources":[{"name":"https://a.test/api","initiatorType":"fetch","startTimeAbs":1747237033319,
            "responseEndAbs":1747237033419,"startTime":5,"responseEnd":105,"requestResponsePairs":{"request":{"verb":"POST","body":"{}"},
            "response":{"status":422,"body":"no","size":2}}},{"name":"https://a.test/b","startTime":5,"duration":1}]}"#
            .to_vec();
        let mut codes = Vec::new();
        let got = har::from_har(&mut json, &mut |code, _| codes.push(code));
        assert_eq!(codes, [DefectCode::BadTimestamp]);
        let request = &got[0].request;
        assert_eq!((request.method.as_str(), request.status, request.size_bytes), ("POST", Some(422), Some(2)));
        assert_eq!((got[0].end_ms, got[0].source), (Some(1_747_237_033_419.0), RequestSource::HighlightResource));
        assert_eq!(request.response_body.as_deref(), Some("no"));
    }
}
