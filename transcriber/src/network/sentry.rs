//! Requests in recordings of Sentry: performance spans, and breadcrumbs of `fetch` and `XMLHttpRequest`.

use playhead_schemas::timeline::Request;

use super::body::{self, Body};
use super::{METHOD_UNKNOWN, RawRequest, RequestSource, har, resource};
use crate::lenient::{self, Value, compact, count, epoch_ms_of, field, first, number, text};
use crate::scrub::clean_url;

/// Reads a performance span: `op` such as `resource.fetch`, `description` is the address, times in epoch
/// seconds (milliseconds are told by their size), `data` the JSON of its `data` or nothing.
///
/// None for spans of other things: paints, memory, navigations within a page.
pub(crate) fn from_sentry_span(
    op: &str,
    description: &str,
    start_s: f64,
    end_s: f64,
    data: &mut [u8],
) -> Option<RawRequest> {
    let named = match op {
        "navigation.navigate" | "navigation.reload" | "navigation.back_forward" => "navigation",
        _ => op.strip_prefix("resource.")?,
    };
    let (start_ms, end_ms) = (epoch_ms_of(start_s)?, epoch_ms_of(end_s));
    lenient::value(data, |data| read(named, description, start_ms, end_ms, Some(data)))
        .unwrap_or_else(|| read(named, description, start_ms, end_ms, None))
}

/// Reads a breadcrumb of category `fetch` or `xhr`, which is left when a request ends; `data` is the JSON of
/// its `data`.
pub(crate) fn from_sentry_breadcrumb(category: &str, timestamp_s: f64, data: &mut [u8]) -> Option<RawRequest> {
    if !matches!(category, "fetch" | "xhr") {
        return None;
    }
    let left_ms = epoch_ms_of(timestamp_s)?;
    lenient::value(data, |data| {
        let time = |keys| first(data, keys).and_then(lenient::epoch_ms);
        let end_ms = time(&["endTimestamp", "end_timestamp"]).unwrap_or(left_ms);
        let start_ms = time(&["startTimestamp", "start_timestamp"]).unwrap_or(end_ms);
        let url = text(data, "url")?;
        read(category, url, start_ms, Some(end_ms).filter(|end| *end > start_ms), Some(data))
    })?
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
    let end_ms = end_ms.filter(|end| *end >= start_ms);
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
        from_sentry_span(op, "/api/0/teams/", 1_695_967_677.707, 1_695_967_678.114, &mut data.as_bytes().to_vec())
    }

    #[test]
    fn spans_of_requests_are_read() {
        let got = span(
            "resource.fetch",
            r#"{"method":"post","statusCode":403,"response":{"headers":{"content-type":"application/json"},"size":17,"body":{"detail":"No","token":"x"}}}"#,
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
            assert_eq!(span(op, r#"{"statusCode":0}"#).unwrap().request.failed, failed, "{op}");
        }
        assert!(!span("resource.fetch", "").unwrap().request.failed);
    }

    #[test]
    fn other_spans_are_not_requests() {
        for op in ["paint", "memory", "navigation.push", "largest-contentful-paint", ""] {
            assert!(span(op, "{}").is_none(), "{op}");
        }
        assert!(from_sentry_span("resource.fetch", "", 1.7e9, 1.7e9, &mut []).is_none());
        assert!(from_sentry_span("resource.fetch", "/a", f64::NAN, 1.7e9, &mut []).is_none());
    }

    #[test]
    fn breadcrumbs_are_left_at_the_end() {
        let data = br#"{"url":"https://a.test/b?key=1","method":"GET","status_code":500,"startTimestamp":1695967677.5}"#;
        let got = from_sentry_breadcrumb("xhr", 1_695_967_678.0, &mut data.to_vec()).unwrap();
        assert_eq!((got.start_ms, got.end_ms), (1_695_967_677_500.0, Some(1_695_967_678_000.0)));
        assert_eq!(got.request.url, "https://a.test/b?key=[redacted]");
        assert!(from_sentry_breadcrumb("ui.click", 1_695_967_678.0, &mut data.to_vec()).is_none());
    }
}
