//! Sentry: breadcrumbs and performance spans.
//!
//! In: custom events `breadcrumb` (`{timestamp, category, message, level, data}`) and `performanceSpan` (`{op,
//! description, startTimestamp, endTimestamp, data}`). Their times are epoch seconds; milliseconds are told by their
//! size. Breadcrumbs of clicks and inputs are passed over: rrweb's own events say more of them. Those of an error, which come
//! beside the recording, are told where no recording shows the page.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{NavigationKind, Request};

use super::event::{Custom, Dialect, PAYLOAD_CHARS_MAX, member, text_member};
use super::fact::Fact;
use super::web_vitals;
use crate::console::args::{self, Arg};
use crate::console::{ConsoleSource, Place, RawConsole, SourceLine, is_uncaught};
use crate::lenient::{self, Value, compact, count, epoch_ms, field, first, number, text};
use crate::network::body::{self, Body};
use crate::network::{LENGTH_MS_MAX, METHOD_UNKNOWN, RawRequest, RequestSource, RequestTime, http, resource};
use crate::scrub::{clean_text, clean_url};

/// Bytes of a body that are looked at when it was recorded as a value.
const BODY_BYTES_MAX: usize = 16 << 10;

/// The tag of the breadcrumbs of errors.
const ERROR_CRUMB_TAG: &str = "sentry.error.breadcrumb";

pub(super) struct Sentry;

impl Dialect for Sentry {
    fn custom(&self, event: &Custom<'_>) -> Option<Vec<Fact>> {
        match &*event.tag {
            "breadcrumb" => Some(breadcrumb(event.at, event.payload).into_iter().collect()),
            "performanceSpan" => Some(span(event.payload)),
            ERROR_CRUMB_TAG => Some(crumb_of_error(event.at, event.payload).into_iter().collect()),
            // It describes the recorder.
            "options" => Some(Vec::new()),
            _ => None,
        }
    }
}

/// A breadcrumb of an error, which an upload put beside the recording. Its console lines come in another stream.
fn crumb_of_error(at: f64, payload: &[u8]) -> Option<Fact> {
    let category = text_member(payload, "category")?;
    if !category.starts_with("ui.") && category != "navigation" {
        return match breadcrumb(at, payload)? {
            Fact::Request(mut request) => {
                request.source = RequestSource::SentryCrumb;
                Some(Fact::Request(request))
            }
            _ => None,
        };
    }
    let told = text_member(payload, "message");
    let told = told.or_else(|| text_member(member(payload, "data")?, "to"))?;
    let told = one_line(&clean_text(&told), PAYLOAD_CHARS_MAX);
    Some(Fact::Unseen { tag: category.into_owned(), text: told })
}

fn breadcrumb(at: f64, payload: &[u8]) -> Option<Fact> {
    let category = text_member(payload, "category")?;
    let parsed = || payload.to_vec();
    match &*category {
        "fetch" | "xhr" => {
            let request = lenient::value(&mut parsed(), |crumb| request_of_breadcrumb(&category, crumb, at))??;
            Some(Fact::Request(Box::new(request)))
        }
        "console" => {
            let line = lenient::value(&mut parsed(), |crumb| line_of_breadcrumb(crumb, at))??;
            Some(Fact::Line(Box::new(line)))
        }
        "navigation" => Some(Fact::Navigated(text_member(member(payload, "data")?, "to")?.into_owned())),
        "replay.hydrate-error" | "sentry.feedback" | "replay.mutations" => {
            let message = text_member(payload, "message");
            let text = message.map(|message| one_line(&clean_text(&message), PAYLOAD_CHARS_MAX));
            Some(Fact::Custom { tag: category.into_owned(), text })
        }
        _ => None,
    }
}

fn span(payload: &[u8]) -> Vec<Fact> {
    let op = text_member(payload, "op").unwrap_or_default();
    let description = text_member(payload, "description");
    let mut facts = Vec::new();
    if let Some(named) = resource_of_op(&op) {
        let request = lenient::value(&mut payload.to_vec(), |span| request_of_span(named, span));
        facts.extend(request.flatten().map(Box::new).map(Fact::Request));
    }
    let name_in_op = web_vitals::short_name(&op);
    let name = description.as_deref().and_then(web_vitals::short_name).or(name_in_op);
    if let Some(name) = name.filter(|_| op == "web-vital" || name_in_op.is_some()) {
        let measured = web_vitals::read(name, member(payload, "data").unwrap_or_default());
        facts.extend((!measured.is_empty()).then_some(Fact::Vitals(measured)));
        return facts;
    }
    match op.strip_prefix("navigation.") {
        Some("push") => facts.extend(description.map(|to| Fact::Navigated(to.into_owned()))),
        // They tell of a page load, which rrweb records by itself.
        Some("reload") => facts.push(Fact::Came(NavigationKind::Reload)),
        Some("back_forward") => facts.push(Fact::Came(NavigationKind::BackForward)),
        _ => {}
    }
    facts
}

/// The kind of thing that a span of this operation fetched, as a browser calls it; `None` for spans of other things:
/// paints, memory, navigations within a page.
fn resource_of_op(op: &str) -> Option<&str> {
    match op {
        "navigation.navigate" | "navigation.reload" | "navigation.back_forward" => Some("navigation"),
        _ => op.strip_prefix("resource."),
    }
}

fn request_of_span(named: &str, span: Value<'_, '_>) -> Option<RawRequest> {
    let start_ms = field(span, "startTimestamp").and_then(epoch_ms)?;
    let end_ms = field(span, "endTimestamp").and_then(epoch_ms);
    request(named, text(span, "description")?, start_ms, end_ms, field(span, "data"))
}

/// The request of a breadcrumb of category `fetch` or `xhr`, which is left when its request ends: at `event_ms` when it
/// has no time of its own.
fn request_of_breadcrumb(category: &str, crumb: Value<'_, '_>, event_ms: f64) -> Option<RawRequest> {
    let data = field(crumb, "data")?;
    let time = |keys| first(data, keys).and_then(epoch_ms);
    let left_ms = field(crumb, "timestamp").and_then(epoch_ms).unwrap_or(event_ms);
    let end_ms = time(&["endTimestamp", "end_timestamp"]).unwrap_or(left_ms);
    let start_ms = time(&["startTimestamp", "start_timestamp"]);
    let end = start_ms.map(|_| end_ms);
    request(category, text(data, "url")?, start_ms.unwrap_or(end_ms), end, Some(data))
}

fn request(
    named: &str,
    url: &str,
    start_ms: f64,
    end_ms: Option<f64>,
    data: Option<Value<'_, '_>>,
) -> Option<RawRequest> {
    if url.is_empty() {
        return None;
    }
    let resource = resource::from_name(named, url);
    let is_called = matches!(resource.as_deref(), Some("fetch" | "xhr"));
    let told = data.and_then(|data| first(data, &["statusCode", "status_code"])).and_then(lenient::as_number);
    let status = told.and_then(http::status);
    let method = match data.and_then(|data| text(data, "method")) {
        Some(method) => http::method(method),
        None if is_called || resource.as_deref() == Some("document") => METHOD_UNKNOWN.to_owned(),
        None => "GET".to_owned(),
    };
    let end_ms = end_ms.filter(|end| (0.0..LENGTH_MS_MAX).contains(&(end - start_ms)));
    let mut request = Request {
        method,
        url: clean_url(url),
        status,
        // Elements of other origins have status 0 too; only calls by scripts tell a failure by it.
        failed: is_called && told == Some(0.0),
        duration_ms: end_ms.and_then(|end| count(end - start_ms)),
        size_bytes: data.and_then(size),
        resource,
        ..Request::default()
    };
    let secrets = data.map(|data| keep_bodies(data, &mut request)).unwrap_or_default();
    Some(RawRequest {
        window: None,
        start_ms,
        end_ms,
        request,
        source: RequestSource::SentrySpan,
        initiator: None,
        referer: None,
        navigation: None,
        has_headers: false,
        time: RequestTime::Known,
        secrets,
        belongs: None,
        stack: Vec::new(),
        number: None,
        page_clock: None,
    })
}

/// The response's size; Sentry tells 0 when it does not know.
fn size(data: Value<'_, '_>) -> Option<u64> {
    let told = [
        number(data, "responseBodySize"),
        number(data, "response_body_size"),
        field(data, "response").and_then(|response| number(response, "size")),
        number(data, "decodedBodySize"),
        number(data, "encodedBodySize"),
    ];
    told.into_iter().flatten().find_map(|bytes| count(bytes).filter(|bytes| *bytes > 0))
}

fn keep_bodies(data: Value<'_, '_>, request: &mut Request) -> Vec<String> {
    let side = |name: &str| {
        let half = field(data, name)?;
        let mime = field(half, "headers").and_then(|headers| text(headers, "content-type")).unwrap_or_default();
        let body = field(half, "body").map(|body| match lenient::as_text(body) {
            Some(text) => text.to_owned(),
            None => compact(body, BODY_BYTES_MAX),
        });
        Some((body.unwrap_or_default(), mime))
    };
    let (sent, received) = (side("request").unwrap_or_default(), side("response").unwrap_or_default());
    request.mime = body::media_type(received.1);
    body::set_bodies(
        request,
        Body { text: &sent.0, mime: sent.1, base64: false },
        Body { text: &received.0, mime: received.1, base64: false },
    )
}

/// The line of a breadcrumb of category `console`, at `event_ms` when it has no time of its own.
fn line_of_breadcrumb(crumb: Value<'_, '_>, event_ms: f64) -> Option<RawConsole> {
    let message = text(crumb, "message").unwrap_or_default();
    let args = field(crumb, "data").and_then(|data| field(data, "arguments")?.as_array());
    // Sentry joins arguments as strings: objects are lost in the message, but not among them.
    let joined = args
        .filter(|_| message.is_empty() || message.contains("[object "))
        .map(|args| args::join(&args.iter().map(Arg::of_value).collect::<Vec<_>>()));
    let text_of = joined.as_deref().unwrap_or(message);
    if text_of.trim().is_empty() {
        return None;
    }
    let line = SourceLine {
        at_ms: field(crumb, "timestamp").and_then(epoch_ms).unwrap_or(event_ms),
        method: text(crumb, "level").unwrap_or("log"),
        is_exception: is_uncaught(text_of),
        text: text_of,
        stack: None,
        place: Place::default(),
        source: ConsoleSource::SentryBreadcrumb,
        inner: Vec::new(),
        assertion: None,
    };
    Some(line.into_raw())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::timeline::Level;

    use super::*;

    const AT: f64 = 1_795_190_840_000.0;

    fn request_in(facts: impl IntoIterator<Item = Fact>) -> Option<RawRequest> {
        facts.into_iter().find_map(|fact| match fact {
            Fact::Request(request) => Some(*request),
            _ => None,
        })
    }

    fn span(op: &str, data: &str) -> Option<RawRequest> {
        let json = format!(
            r#"{{"op":"{op}","description":"/api/0/teams/","startTimestamp":1695967677.707,"endTimestamp":1695967678.114{data}}}"#
        );
        request_in(super::span(json.as_bytes()))
    }

    #[test]
    fn spans_of_requests_are_read() {
        let got = span(
            "resource.fetch",
            r#","data":{"method":"post","statusCode":403,"response":{"headers":{"content-type":"application/json"},"size":17,"body":{"detail":"No","token":"x"}}}"#,
        )
        .unwrap();
        assert_eq!((got.start_ms, got.end_ms), (1_695_967_677_707.0, Some(1_695_967_678_114.0)));
        let want = Request {
            method: "POST".into(),
            url: "/api/0/teams/".into(),
            status: Some(403),
            duration_ms: Some(407),
            size_bytes: Some(17),
            resource: Some("fetch".into()),
            mime: Some("application/json".into()),
            response_body: Some(r#"{"detail":"No","token":"[redacted]"}"#.into()),
            ..Request::default()
        };
        assert_eq!(got.request, want);
    }

    #[test]
    fn status_0_is_a_failure_of_calls_alone() {
        for (op, failed) in [("resource.xhr", true), ("resource.script", false), ("resource.img", false)] {
            assert_eq!(span(op, r#","data":{"statusCode":0}"#).unwrap().request.failed, failed, "{op}");
        }
        assert!(!span("resource.fetch", "").unwrap().request.failed);
    }

    #[test]
    fn other_spans_are_not_requests() {
        for op in ["paint", "memory", "navigation.push", "largest-contentful-paint", ""] {
            assert!(span(op, "").is_none(), "{op}");
        }
        for payload in [
            r#"{"op":"resource.fetch","description":"","startTimestamp":1695967677}"#,
            r#"{"op":"resource.fetch","description":"/a","startTimestamp":7}"#,
            r#"{"category":"ui.click","timestamp":1695967678,"data":{"url":"/a"}}"#,
            r#"{"category":"fetch","timestamp":1695967678}"#,
            "[]",
            "",
        ] {
            assert!(request_in(super::span(payload.as_bytes())).is_none(), "{payload}");
            assert!(breadcrumb(1_695_967_678_000.0, payload.as_bytes()).is_none(), "{payload}");
        }
    }

    #[test]
    fn breadcrumbs_are_left_at_the_end() {
        let data = r#""data":{"url":"https://a.test/b?key=1","method":"GET","status_code":500"#;
        for (more, start, end) in [
            (r#","startTimestamp":1695967677.5"#, 1_695_967_677_500.0, Some(1_695_967_678_000.0)),
            ("", 1_695_967_678_000.0, None),
        ] {
            let json = format!(r#"{{"category":"xhr","timestamp":1695967678,{data}{more}}}}}"#);
            let got = request_in(breadcrumb(7.0, json.as_bytes())).unwrap();
            assert_eq!((got.start_ms, got.end_ms), (start, end));
            assert_eq!(got.request.url, "https://a.test/b?key=[redacted]");
        }
    }

    #[test]
    fn console_breadcrumbs_are_read() {
        let read = |json: &str| match breadcrumb(AT, json.as_bytes()) {
            Some(Fact::Line(line)) => Some(*line),
            _ => None,
        };
        let got = read(
            r#"{"timestamp":1695967678.113,"category":"console","data":{"logger":"console","arguments":["a",{"b":1}]},"level":"warning","message":"a [object Object]"}"#,
        )
        .unwrap();
        assert_eq!((got.message.as_str(), got.level, got.at_ms), (r#"a {"b":1}"#, Level::Warn, 1_695_967_678_113.0));
        let got =
            read(r#"{"category":"console","level":"info","message":"m","data":{"arguments":["%s","m"]}}"#).unwrap();
        assert_eq!((got.message.as_str(), got.at_ms), ("m", AT));
        assert_eq!(read(r#"{"category":"ui.click","message":"m"}"#), None);
        assert_eq!(read(r#"{"category":"console"}"#), None);
    }
}
