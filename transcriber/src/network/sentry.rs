//! Requests in recordings of Sentry: performance spans, and breadcrumbs of `fetch` and `XMLHttpRequest`.

use playhead_schemas::timeline::Request;

use super::body::{self, Body};
use super::{METHOD_UNKNOWN, RawRequest, RequestSource, har, resource};
use crate::lenient::{self, Value, compact, count, epoch_ms, field, first, number, text};
use crate::scrub::clean_url;

/// Reads the payload of a `performanceSpan`, whose times are epoch seconds (milliseconds are told by their
/// size). None for spans of other things: paints, memory, navigations within a page.
pub(crate) fn span_payload(payload: &mut [u8]) -> Option<RawRequest> {
    lenient::value(payload, |span| from_span(text(span, "op")?, span, field(span, "data")))?
}

/// Reads the payload of a `breadcrumb` of category `fetch` or `xhr`, which is left when its request ends: at
/// `event_ms` when it has no time of its own. None for other breadcrumbs, whose `payload` stays as it was.
pub(crate) fn breadcrumb_payload(payload: &mut [u8], event_ms: f64) -> Option<RawRequest> {
    let names = |category: &[u8]| memchr::memmem::find(payload, category).is_some();
    if !names(b"\"fetch\"") && !names(b"\"xhr\"") {
        return None;
    }
    // Parsing unescapes in place, and another reader may be next.
    let mut copy = payload.to_vec();
    lenient::value(&mut copy, |crumb| {
        from_breadcrumb(text(crumb, "category")?, crumb, field(crumb, "data")?, event_ms)
    })?
}

fn from_span(op: &str, span: Value<'_, '_>, data: Option<Value<'_, '_>>) -> Option<RawRequest> {
    let named = match op {
        "navigation.navigate" | "navigation.reload" | "navigation.back_forward" => "navigation",
        _ => op.strip_prefix("resource.")?,
    };
    let start_ms = field(span, "startTimestamp").and_then(epoch_ms)?;
    let end_ms = field(span, "endTimestamp").and_then(epoch_ms);
    read(named, text(span, "description")?, start_ms, end_ms, data)
}

fn from_breadcrumb(category: &str, crumb: Value<'_, '_>, data: Value<'_, '_>, event_ms: f64) -> Option<RawRequest> {
    if !matches!(category, "fetch" | "xhr") {
        return None;
    }
    let time = |keys| first(data, keys).and_then(epoch_ms);
    let left_ms = field(crumb, "timestamp").and_then(epoch_ms).unwrap_or(event_ms);
    let end_ms = time(&["endTimestamp", "end_timestamp"]).unwrap_or(left_ms);
    let start_ms = time(&["startTimestamp", "start_timestamp"]);
    let end = start_ms.map(|_| end_ms);
    read(category, text(data, "url")?, start_ms.unwrap_or(end_ms), end, Some(data))
}

fn read(named: &str, url: &str, start_ms: f64, end_ms: Option<f64>, data: Option<Value<'_, '_>>) -> Option<RawRequest> {
    if url.is_empty() {
        return None;
    }
    let resource = resource::from_name(named, url);
    let is_called = matches!(resource.as_deref(), Some("fetch" | "xhr"));
    let told = data.and_then(|data| first(data, &["statusCode", "status_code"])).and_then(lenient::as_number);
    let status = told.and_then(har::status);
    let method = match data.and_then(|data| text(data, "method")) {
        Some(method) => har::method(method),
        None if is_called || resource.as_deref() == Some("document") => METHOD_UNKNOWN.to_owned(),
        None => "GET".to_owned(),
    };
    let end_ms = end_ms.filter(|end| (0.0..super::LENGTH_MS_MAX).contains(&(end - start_ms)));
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
    if let Some(data) = data {
        keep_bodies(data, &mut request);
    }
    Some(RawRequest {
        window: None,
        start_ms,
        end_ms,
        request,
        source: RequestSource::SentrySpan,
        initiator: None,
        referer: None,
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

fn keep_bodies(data: Value<'_, '_>, request: &mut Request) {
    const BODY_BYTES_MAX: usize = 16 << 10;
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
    body::keep_telling(
        request,
        Body { text: &sent.0, mime: sent.1, base64: false },
        Body { text: &received.0, mime: received.1, base64: false },
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn span(op: &str, data: &str) -> Option<RawRequest> {
        let json = format!(
            r#"{{"op":"{op}","description":"/api/0/teams/","startTimestamp":1695967677.707,"endTimestamp":1695967678.114{data}}}"#
        );
        span_payload(&mut json.into_bytes())
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
            assert!(span_payload(&mut payload.as_bytes().to_vec()).is_none(), "{payload}");
            let mut bytes = payload.as_bytes().to_vec();
            assert!(breadcrumb_payload(&mut bytes, 1_695_967_678_000.0).is_none(), "{payload}");
            assert_eq!(bytes, payload.as_bytes());
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
            let got = breadcrumb_payload(&mut json.into_bytes(), 7.0).unwrap();
            assert_eq!((got.start_ms, got.end_ms), (start, end));
            assert_eq!(got.request.url, "https://a.test/b?key=[redacted]");
        }
    }
}
