//! Resource timings: rrweb's network plugin, PostHog's plugin of the same name, PostHog's older one with
//! numbered fields, and the resource lists of Highlight.

use playhead_schemas::text::prefix;
use playhead_schemas::timeline::{DefectCode, Request};

use super::body::{self, Body};
use super::{LENGTH_MS_MAX, METHOD_UNKNOWN, PageClock, RawRequest, RequestSource, har, resource};
use crate::lenient::{self, Value, count, field, first, number, text};
use crate::scrub::clean_url;

/// rrweb's plugin looks this long for a timing before it reports a request without any.
const GAVE_UP_MS: f64 = 2750.0;

/// What a resource timing's fields are called.
struct Fields {
    name: &'static [&'static str],
    entry_type: &'static str,
    initiator: &'static str,
    origin: &'static str,
    /// Epoch milliseconds of the start.
    epoch: &'static [&'static str],
    start: &'static str,
    end: &'static [&'static str],
    duration: &'static str,
    observed_status: &'static str,
    decoded_size: &'static str,
    encoded_size: &'static str,
}

const NAMED: Fields = Fields {
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

const NUMBERED: Fields = Fields {
    name: &["2"],
    entry_type: "0",
    initiator: "18",
    origin: "1",
    epoch: &["40"],
    start: "3",
    end: &["15"],
    duration: "39",
    observed_status: "21",
    decoded_size: "16",
    encoded_size: "17",
};

/// Reads the requests of a network plugin's event: `payload` is the JSON of its `data.payload`.
///
/// Timings without epoch times are placed by `event_ms`, the event's own time: the last of them ended no
/// later. [`merge`](super::merge) places them better when it has seen all events of the page. Timings of
/// other things than requests are passed over.
pub(crate) fn from_plugin(
    plugin: &str,
    payload: &mut [u8],
    event_ms: f64,
    defects: &mut impl FnMut(DefectCode, &str),
) -> Vec<RawRequest> {
    let mut out = Vec::new();
    let read = lenient::value(payload, |payload| {
        if plugin.starts_with("posthog/") {
            out.extend(one(payload, &NUMBERED, Place { event_ms, last_end_ms: None }));
            return;
        }
        let Some(requests) = field(payload, "requests").and_then(|list| list.as_array()) else {
            return;
        };
        let last_end_ms =
            requests.iter().filter_map(|request| reported(request, &NAMED)).filter(|ms| !is_epoch(ms)).reduce(f64::max);
        let place = Place { event_ms, last_end_ms };
        out.extend(requests.iter().take(super::REQUESTS_MAX).filter_map(|request| one(request, &NAMED, place)));
    });
    if read.is_none() {
        defects(DefectCode::BadJson, "a network event whose payload is not JSON");
    }
    out
}

/// Reads one entry of a list of resource timings, which must tell its epoch time.
pub(super) fn from_resource_list(entry: Value<'_, '_>) -> Result<RawRequest, (DefectCode, &'static str)> {
    first(entry, NAMED.name).ok_or((DefectCode::BadEvent, "a network entry without a request"))?;
    let place = Place { event_ms: f64::NAN, last_end_ms: None };
    let request = one(entry, &NAMED, place).ok_or((DefectCode::BadEvent, "a network entry that is no request"))?;
    if request.start_ms.is_nan() {
        return Err((DefectCode::BadTimestamp, "a network entry without a usable time"));
    }
    Ok(request)
}

/// Where times without an epoch belong.
#[derive(Clone, Copy)]
struct Place {
    event_ms: f64,
    last_end_ms: Option<f64>,
}

/// The times of one entry, as they stand: on the page's clock, or epoch.
struct Times {
    start_ms: f64,
    end_ms: Option<f64>,
}

impl Times {
    fn of(entry: Value<'_, '_>, fields: &Fields) -> Option<Self> {
        let is_length = |ms: &f64| (0.0..LENGTH_MS_MAX).contains(ms);
        let start_ms = number(entry, fields.start).filter(|ms| is_length(ms) || is_epoch(ms))?;
        let ended = fields
            .end
            .iter()
            .find_map(|key| number(entry, key).filter(|end| *end > 0.0 && is_length(&(end - start_ms))));
        // The duration of a navigation lasts until the page has loaded: second choice.
        let end_ms = ended.or_else(|| Some(start_ms + number(entry, fields.duration).filter(is_length)?));
        Some(Self { start_ms, end_ms })
    }
}

/// When an entry was reported at the earliest, on the page's clock: a navigation not before it has loaded.
fn reported(entry: Value<'_, '_>, fields: &Fields) -> Option<f64> {
    let times = Times::of(entry, fields)?;
    let finished = number(entry, fields.duration).filter(|ms| *ms < LENGTH_MS_MAX).map(|ms| times.start_ms + ms);
    times.end_ms.into_iter().chain(finished).reduce(f64::max)
}

fn one(entry: Value<'_, '_>, fields: &Fields, place: Place) -> Option<RawRequest> {
    let url = first(entry, fields.name).and_then(lenient::as_text).filter(|url| !url.is_empty())?;
    let kind = text(entry, fields.entry_type);
    if !matches!(kind, None | Some("navigation" | "resource")) {
        return None;
    }
    let pair = field(entry, "requestResponsePairs");
    let named = match kind {
        Some("navigation") => "navigation",
        _ => text(entry, fields.initiator).unwrap_or_default(),
    };
    let resource = resource::from_name(named, url);
    let times = Times::of(entry, fields);
    let placed = placed(entry, fields, times.as_ref(), place);
    let answer = Answer::of(entry, fields, pair, resource.as_deref(), times.is_some());
    let duration_ms = times.as_ref().and_then(|times| Some(times.end_ms? - times.start_ms));
    let mut request = Request {
        method: answer.method,
        url: clean_url(url),
        status: answer.status,
        failed: answer.failed,
        duration_ms: duration_ms.and_then(count).filter(|_| !resource::stays_open(resource.as_deref())),
        size_bytes: size(entry, fields, pair),
        resource,
        ..Request::default()
    };
    keep_bodies(entry, pair, &mut request);
    Some(RawRequest {
        window: None,
        start_ms: placed.start_ms,
        end_ms: placed.end_ms,
        request,
        source: placed.source,
        initiator: (!named.is_empty()).then(|| prefix(named, 40).to_owned()),
        referer: None,
        page_clock: placed.page_clock,
    })
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

fn placed(entry: Value<'_, '_>, fields: &Fields, times: Option<&Times>, place: Place) -> Placed {
    let length = times.and_then(|times| Some(times.end_ms? - times.start_ms));
    let epoch = first(entry, fields.epoch).and_then(lenient::as_number).filter(is_epoch);
    let origin = number(entry, fields.origin).filter(is_epoch);
    let source = match (fields.name, field(entry, "startTimeAbs")) {
        (["2"], _) => RequestSource::PosthogLegacy,
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

/// What is known of the answer.
struct Answer {
    method: String,
    status: Option<u16>,
    failed: bool,
}

impl Answer {
    /// A timing alone can't tell a failed request from one of another origin: both have status 0. An entry
    /// with a method was seen by a wrapper of `fetch` or `XMLHttpRequest`, which can: a failed fetch has no
    /// status (an opaque one has 0), a failed XMLHttpRequest has 0.
    fn of(
        entry: Value<'_, '_>,
        fields: &Fields,
        pair: Option<Value<'_, '_>>,
        resource: Option<&str>,
        timed: bool,
    ) -> Self {
        let part = |name| pair.and_then(|pair| field(pair, name));
        let wrapped = text(entry, "method").or_else(|| part("request").and_then(|sent| text(sent, "verb")));
        let told = number(entry, "status").or_else(|| number(part("response")?, "status"));
        let observed = number(entry, fields.observed_status);
        let status = told.and_then(har::status).or_else(|| observed.and_then(har::status));
        let failed = wrapped.is_some()
            && timed
            && status.is_none()
            && match resource {
                Some("xhr") => told == Some(0.0),
                Some("fetch") => told.is_none() || (pair.is_some() && told == Some(0.0)),
                _ => false,
            };
        let method = match (wrapped, resource) {
            (Some(method), _) => har::method(method),
            (None, Some("fetch" | "xhr") | None) => METHOD_UNKNOWN.to_owned(),
            (None, Some("ping")) => "POST".to_owned(),
            // Elements and navigations fetch. A form that was posted looks like any other navigation.
            (None, Some("document" | "iframe")) => METHOD_UNKNOWN.to_owned(),
            (None, Some(_)) => "GET".to_owned(),
        };
        Self { method, status, failed }
    }
}

/// A size of 0 is what is told of resources of other origins.
fn size(entry: Value<'_, '_>, fields: &Fields, pair: Option<Value<'_, '_>>) -> Option<u64> {
    let told = pair.and_then(|pair| number(field(pair, "response")?, "size"));
    [number(entry, fields.decoded_size), number(entry, fields.encoded_size), told]
        .into_iter()
        .flatten()
        .find_map(|bytes| count(bytes).filter(|bytes| *bytes > 0))
}

fn keep_bodies(entry: Value<'_, '_>, pair: Option<Value<'_, '_>>, request: &mut Request) {
    let side = |key: &str, headers: &str, half: &str| {
        let half = pair.and_then(|pair| field(pair, half));
        let text = text(entry, key).or_else(|| text(half?, "body")).unwrap_or_default();
        // What recorders write in the place of a body that they could not read.
        let is_marker =
            ["[rrweb/network]", "[SessionRecording]", "[SessionReplay]"].iter().any(|m| text.starts_with(m));
        let headers = field(entry, headers).or_else(|| field(half?, "headers"));
        let mime = headers.and_then(content_type).unwrap_or_default();
        Body { text: if is_marker { "" } else { text }, mime, base64: false }
    };
    let sent = side("requestBody", "requestHeaders", "request");
    let received = side("responseBody", "responseHeaders", "response");
    request.mime = body::media_type(received.mime);
    body::keep_telling(request, sent, received);
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
    use super::*;

    const EVENT_MS: f64 = 1_795_190_840_000.0;

    fn read(plugin: &str, payload: &str) -> Vec<RawRequest> {
        from_plugin(plugin, &mut payload.as_bytes().to_vec(), EVENT_MS, &mut |code, what| panic!("{code:?} {what}"))
    }

    #[test]
    fn rrweb_times_end_with_the_event() {
        let got = read(
            "rrweb/network@1",
            r#"{"requests":[
            {"name":"https://a.test/a.css","initiatorType":"link","entryType":"resource","status":200,"startTime":100,"endTime":150,"duration":50.2},
            {"name":"https://a.test/api","method":"POST","initiatorType":"fetch","entryType":"resource","status":500,"startTime":120,"endTime":400,"duration":280,
             "requestBody":"{\"token\":\"x\"}","responseBody":"[rrweb/network] Failed to read body","responseHeaders":{"Content-Type":"application/json"}},
            {"name":"https://a.test/late","method":"GET"}]}"#,
        );
        let (css, api, late) = (&got[0], &got[1], &got[2]);
        assert_eq!((css.start_ms, css.end_ms), (EVENT_MS - 300.0, Some(EVENT_MS - 250.0)));
        assert_eq!((api.start_ms, api.end_ms), (EVENT_MS - 280.0, Some(EVENT_MS)));
        assert_eq!((late.start_ms, late.end_ms, late.request.failed), (EVENT_MS - 2750.0, None, false));
        assert_eq!((css.request.method.as_str(), css.request.resource.as_deref()), ("GET", Some("stylesheet")));
        assert_eq!(api.request.request_body.as_deref(), Some(r#"{"token":"[redacted]"}"#));
        assert_eq!((api.request.response_body.clone(), api.request.mime.as_deref()), (None, Some("application/json")));
        assert!(got.iter().all(|request| request.source == RequestSource::PluginRrweb));
    }

    #[test]
    fn only_wrappers_can_tell_failures() {
        for (fields, failed) in [
            (r#""method":"GET","initiatorType":"fetch""#, true),
            (r#""method":"GET","initiatorType":"fetch","responseStatus":0"#, true),
            (r#""method":"GET","initiatorType":"fetch","status":0"#, false),
            (r#""method":"GET","initiatorType":"xmlhttprequest","status":0"#, true),
            (r#""method":"GET","initiatorType":"xmlhttprequest","status":404"#, false),
            (r#""initiatorType":"fetch","status":0"#, false),
            (r#""initiatorType":"img","responseStatus":0"#, false),
        ] {
            let json = format!(
                r#"{{"requests":[{{"name":"/a","entryType":"resource","startTime":1,"endTime":2,{fields}}}]}}"#
            );
            assert_eq!(read("rrweb/network@1", &json)[0].request.failed, failed, "{fields}");
        }
    }

    #[test]
    fn posthog_times_are_epoch() {
        let got = read(
            "rrweb/network@1",
            r#"{"isInitial":true,"requests":[
            {"name":"https://a.test/","entryType":"navigation","startTime":0,"responseEnd":1041.8,"duration":1432.7,"responseStatus":200,
             "decodedBodySize":177505,"timeOrigin":1747237033319,"timestamp":1747237033319},
            {"name":"cache","entryType":"serverTiming","timestamp":1747237033319},
            {"name":"https://a.test/x","entryType":"resource","initiatorType":"xmlhttprequest","startTime":10.5,"duration":5,"timeOrigin":1747237033319}]}"#,
        );
        assert_eq!(got.len(), 2);
        assert_eq!((got[0].start_ms, got[0].end_ms), (1_747_237_033_319.0, Some(1_747_237_034_360.8)));
        assert_eq!((got[0].request.size_bytes, got[0].request.duration_ms), (Some(177_505), Some(1042)));
        assert_eq!((got[1].start_ms, got[1].request.method.as_str()), (1_747_237_033_329.5, "?"));
        assert!(got.iter().all(|request| request.source == RequestSource::PluginPosthog));
        let old = read(
            "posthog/network@1",
            r#"{"0":"resource","1":1747237033319,"2":"https://a.test/api","3":50.5,"15":90.5,"18":"fetch","21":503,"39":40,"40":1747237033369}"#,
        );
        assert_eq!(
            (old[0].start_ms, old[0].request.status, old[0].source),
            (1_747_237_033_369.0, Some(503), RequestSource::PosthogLegacy)
        );
        assert_eq!(old[0].request.duration_ms, Some(40));
        assert!(read("posthog/network@1", r#"{"0":"paint","2":"first-paint","40":1747237033369}"#).is_empty());
    }

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

    #[test]
    fn nonsense_is_a_defect() {
        let mut codes = Vec::new();
        assert!(
            from_plugin("rrweb/network@1", &mut b"{".to_vec(), EVENT_MS, &mut |code, _| codes.push(code)).is_empty()
        );
        assert_eq!(codes, [DefectCode::BadJson]);
        for payload in ["{}", "[]", "null", r#"{"requests":{}}"#, r#"{"requests":[null,7,{},{"name":7}]}"#] {
            assert!(read("rrweb/network@1", payload).is_empty(), "{payload}");
        }
    }
}
