//! HTTP archives (HAR 1.2): whole files, their entries alone, and what browsers and recorders add.

use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::{DefectCode, Request};
use simd_json::base::ValueAsScalar;

use super::body::{self, Body};
use super::{METHOD_UNKNOWN, RawRequest, RequestSource, lean, plugin, resource, socket};
use crate::lenient::{self, Value, count, epoch_ms, field, first, number, text};
use crate::scrub::{clean_text, clean_url};

/// The longest error text that is kept, in characters.
const ERROR_CHARS_MAX: usize = 300;

/// Reads the requests of a `network` payload: `{"log":{"entries":[..]}}`, `{"entries":[..]}`, a bare array
/// of entries, entries as JSON Lines, or a list of resource timings such as Highlight stores.
///
/// An entry that can't be read is left out with a defect.
pub(crate) fn from_har(json: &mut [u8], defects: &mut impl FnMut(DefectCode, &str)) -> Vec<RawRequest> {
    let mut out = Vec::new();
    let lists = &["entries", "resources", "requests"];
    lenient::elements(json, &["log"], lists, lean::entry, defects, |entry, defects| {
        if out.len() == super::REQUESTS_MAX {
            defects(DefectCode::LimitReached, "more than 100,000 requests in one payload");
            return false;
        }
        let read =
            if field(entry, "request").is_some() { from_entry(entry) } else { plugin::from_resource_list(entry) };
        match read {
            Ok(request) => out.push(request),
            Err((code, what)) => defects(code, what),
        }
        true
    });
    out
}

fn from_entry(entry: Value<'_, '_>) -> Result<RawRequest, (DefectCode, &'static str)> {
    let sent = field(entry, "request").ok_or((DefectCode::BadEvent, "an entry without a request"))?;
    let url = text(sent, "url").ok_or((DefectCode::BadField, "a request without an address"))?;
    let start_ms = first(entry, &["startedDateTime", "_startEpochMs"])
        .and_then(epoch_ms)
        .ok_or((DefectCode::BadTimestamp, "a request without a usable startedDateTime"))?;
    let received = field(entry, "response");
    let content = received.and_then(|response| field(response, "content"));
    let mime = content.and_then(|content| text(content, "mimeType")).unwrap_or_default();
    let resource = resource(entry, sent, mime, url);

    let outcome = Outcome::of(entry, received);
    let end_ms = outcome.duration_ms.map(|ms| start_ms + ms);
    let mut request = Request {
        method: method(text(sent, "method").unwrap_or_default()),
        url: clean_url(url),
        status: outcome.status,
        failed: outcome.failed,
        duration_ms: outcome.duration_ms.and_then(count).filter(|_| !resource::stays_open(resource.as_deref())),
        size_bytes: received.filter(|_| outcome.status.is_some()).and_then(|response| size(response, content)),
        resource,
        mime: body::media_type(mime),
        error: outcome.error,
        ..Request::default()
    };
    let posted = field(sent, "postData");
    let form = posted.and_then(form_of).unwrap_or_default();
    let sent_body = posted.map(|data| body_of(data, &form)).unwrap_or_default();
    body::keep_telling(&mut request, sent_body, content.map(|content| body_of(content, "")).unwrap_or_default());
    if let Some(exchanged) = field(entry, "_webSocketMessages").and_then(|messages| messages.as_array()) {
        request.messages = Some(socket::count(&exchanged));
        request.response_body = request.response_body.or_else(|| socket::errors(&exchanged));
    }
    Ok(RawRequest {
        window: None,
        start_ms,
        end_ms,
        request,
        source: RequestSource::Har,
        initiator: field(entry, "_initiator").and_then(initiator),
        referer: header(sent, lean::REFERER).map(clean_url),
        page_clock: None,
    })
}

/// How a request ended.
struct Outcome {
    status: Option<u16>,
    failed: bool,
    duration_ms: Option<f64>,
    error: Option<String>,
}

impl Outcome {
    /// No response is status 0 or -1, or an error that the writer names. An entry that says it is
    /// incomplete, or has neither status, error nor duration, was still running when the archive was
    /// written: that is no failure.
    fn of(entry: Value<'_, '_>, received: Option<Value<'_, '_>>) -> Self {
        const ERRORS: &[&str] = &["_error", "_failureText", "_errorText"];
        let status = received.and_then(|response| number(response, "status")).and_then(status);
        let error = [Some(entry), received, field(entry, "request")]
            .into_iter()
            .flatten()
            .find_map(|object| first(object, ERRORS).and_then(error_text));
        let is_marked = field(entry, "_incomplete").and_then(|value| value.as_bool()) == Some(true);
        let duration_ms = duration(entry).filter(|_| !is_marked);
        let is_running = error.is_none() && (is_marked || (status.is_none() && duration_ms.is_none()));
        let failed = error.is_some() || (status.is_none() && !is_running);
        Self { status, failed, duration_ms, error }
    }
}

/// A status code of a real response.
pub(super) fn status(number: f64) -> Option<u16> {
    (100.0..1000.0).contains(&number).then_some(number as u16)
}

/// Upper case, letters alone.
pub(super) fn method(name: &str) -> String {
    let is_method = (1..=20).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    if is_method { name.to_ascii_uppercase() } else { METHOD_UNKNOWN.to_owned() }
}

fn error_text(value: Value<'_, '_>) -> Option<String> {
    let text = lenient::as_text(value)
        .or_else(|| first(value, &["text", "message", "errorText"]).and_then(lenient::as_text))?;
    let text = one_line(&clean_text(prefix(text, 4000)), ERROR_CHARS_MAX);
    (!text.is_empty()).then_some(text)
}

fn duration(entry: Value<'_, '_>) -> Option<f64> {
    let is_length = |ms: &f64| (0.0..super::LENGTH_MS_MAX).contains(ms);
    if let Some(time) = number(entry, "time").filter(is_length) {
        return Some(time);
    }
    // `ssl` is part of `connect`.
    let timings = field(entry, "timings")?;
    let parts = ["blocked", "dns", "connect", "send", "wait", "receive"];
    let known = || parts.iter().filter_map(|part| number(timings, part)).filter(|ms| *ms > 0.0);
    known().next().is_some().then(|| known().sum()).filter(is_length)
}

fn size(response: Value<'_, '_>, content: Option<Value<'_, '_>>) -> Option<u64> {
    let of_content = content.and_then(|content| number(content, "size")).and_then(count);
    of_content.filter(|bytes| *bytes > 0).or_else(|| number(response, "bodySize").and_then(count)).or(of_content)
}

fn resource(entry: Value<'_, '_>, sent: Value<'_, '_>, mime: &str, url: &str) -> Option<String> {
    let named = first(entry, &["_resourceType", "_type"]).and_then(lenient::as_text);
    named
        .and_then(|name| resource::from_name(name, url))
        .or_else(|| resource::from_name(header(sent, lean::FETCH_DEST)?, url))
        .or_else(|| header(sent, lean::REQUESTED_WITH).map(|_| "xhr".to_owned()))
        .or_else(|| resource::from_mime(&body::media_type(mime)?).map(str::to_owned))
}

fn header<'i>(message: Value<'_, 'i>, name: &str) -> Option<&'i str> {
    let headers = field(message, "headers")?.as_array()?;
    headers
        .iter()
        .find(|header| text(*header, "name").is_some_and(|n| n.eq_ignore_ascii_case(name)))
        .and_then(|header| text(header, "value"))
}

fn initiator(value: Value<'_, '_>) -> Option<String> {
    let kind = lenient::as_text(value).or_else(|| text(value, "type"))?;
    let place = text(value, "url").map(|url| match number(value, "lineNumber").and_then(count) {
        Some(line) => format!(" {}:{line}", clean_url(url)),
        None => format!(" {}", clean_url(url)),
    });
    Some(format!("{}{}", one_line(kind, 40), place.unwrap_or_default()))
}

/// A form whose text the writer left out: its parameters, as they travelled.
fn form_of(posted: Value<'_, '_>) -> Option<String> {
    const PARAMETERS_MAX: usize = 200;
    let is_form = text(posted, "mimeType").is_some_and(|mime| mime.contains("x-www-form-urlencoded"));
    if !is_form || text(posted, "text").is_some_and(|text| !text.is_empty()) {
        return None;
    }
    let pairs = field(posted, "params")?.as_array()?;
    let pairs = pairs
        .iter()
        .take(PARAMETERS_MAX)
        .filter_map(|pair| Some(format!("{}={}", text(pair, "name")?, text(pair, "value").unwrap_or_default())));
    Some(pairs.collect::<Vec<_>>().join("&"))
}

/// The body in `postData` or `content`, or `instead` when it has no text.
fn body_of<'a>(holder: Value<'_, 'a>, instead: &'a str) -> Body<'a> {
    Body {
        text: text(holder, "text").filter(|text| !text.is_empty()).unwrap_or(instead),
        mime: text(holder, "mimeType").unwrap_or_default(),
        base64: text(holder, "encoding") == Some("base64"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::timeline::SocketMessages;

    use super::*;

    fn read(json: &str) -> (Vec<RawRequest>, Vec<DefectCode>) {
        let mut codes = Vec::new();
        let out = from_har(&mut json.as_bytes().to_vec(), &mut |code, _| codes.push(code));
        (out, codes)
    }

    /// An entry with `more` fields, a request with `sent` and a response with `received`.
    fn entry(more: &str, sent: &str, received: &str) -> RawRequest {
        let json = format!(
            r#"{{"log":{{"entries":[{{"startedDateTime":"2026-11-20T16:07:19.829Z",
            "request":{{"method":"get","url":"https://a.test/api?token=x"{sent}}},
            "response":{{"headers":[]{received}}}{more}}}]}}}}"#
        );
        let (mut out, codes) = read(&json);
        assert_eq!((out.len(), codes), (1, vec![]), "{json}");
        out.remove(0)
    }

    #[test]
    fn an_entry_becomes_a_request() {
        let got = entry(
            r#","time":34.439,"_resourceType":"fetch","_initiator":{"type":"script","url":"https://a.test/a.js","lineNumber":7}"#,
            r#","postData":{"mimeType":"application/json","text":"{\"pin\":\"a1b2c3d4e5f6a7b8\"}"}"#,
            r#","status":500,"content":{"size":7,"mimeType":"application/json","text":"eyJhIjoxfQ==","encoding":"base64"}"#,
        );
        assert_eq!(got.start_ms, 1_795_190_839_829.0);
        assert_eq!(got.end_ms, Some(1_795_190_839_863.439));
        assert_eq!(got.initiator.as_deref(), Some("script https://a.test/a.js:7"));
        let want = Request {
            method: "GET".into(),
            url: "https://a.test/api?token=[redacted]".into(),
            status: Some(500),
            failed: false,
            duration_ms: Some(34),
            size_bytes: Some(7),
            resource: Some("fetch".into()),
            mime: Some("application/json".into()),
            request_body: Some(r#"{"pin":"[redacted]"}"#.into()),
            response_body: Some(r#"{"a":1}"#.into()),
            error: None,
            messages: None,
        };
        assert_eq!(got.request, want);
    }

    #[test]
    fn failures_are_told_from_requests_that_still_run() {
        for (more, received, failed, duration, error) in [
            (r#","time":14"#, r#","status":0,"_error":"net::ERR_X""#, true, Some(14), Some("net::ERR_X")),
            (r#","time":14,"_failureText":"net::ERR_Y""#, r#","status":0"#, true, Some(14), Some("net::ERR_Y")),
            (r#","time":14"#, r#","status":-1"#, true, Some(14), None),
            (r#","time":-1,"timings":{"send":0,"wait":3,"receive":4,"ssl":9}"#, r#","status":0"#, true, Some(7), None),
            (r#","time":-1,"_incomplete":true"#, r#","status":0"#, false, None, None),
            (r#","time":-1,"timings":{"send":0,"wait":-1}"#, r#","status":-1"#, false, None, None),
            (r#","time":5,"_error":"""#, r#","status":204"#, false, Some(5), None),
            (r#","time":78237,"_resourceType":"websocket""#, r#","status":101"#, false, None, None),
        ] {
            let got = entry(more, "", received).request;
            assert_eq!(
                (got.failed, got.duration_ms, got.error.as_deref()),
                (failed, duration, error),
                "{more} {received}"
            );
        }
    }

    #[test]
    fn messages_of_sockets_are_counted_and_their_errors_kept() {
        let more = r#","_resourceType":"websocket","_webSocketMessages":[
            {"type":"send","time":1,"opcode":1,"data":"{\"error\":\"mine\"}"},
            {"type":"receive","time":2,"opcode":1,"data":"{\"status\":\"Error\",\"token\":\"abcdefghijklmnop\"}"},
            {"type":"receive","time":3,"opcode":1,"data":"{\"status\":\"Error\",\"token\":\"abcdefghijklmnop\"}"},
            {"type":"receive","time":4,"opcode":2,"data":"ZXJyb3I="},{"type":"receive","time":5,"opcode":1,"data":"[]"},7]"#;
        let got = entry(more, "", r#","status":101"#).request;
        assert_eq!(got.messages, Some(SocketMessages { sent: 1, received: 4 }));
        assert_eq!(got.response_body.as_deref(), Some(r#"{"status":"Error","token":"[redacted]"}"#));
        assert_eq!(entry("", "", "").request.messages, None);
    }

    #[test]
    fn kinds_are_found_without_a_name() {
        let html = r#","status":200,"content":{"mimeType":"text/html"}"#;
        for (sent, want) in [
            (r#","headers":[{"name":"Sec-Fetch-Dest","value":"empty"}]"#, "fetch"),
            (r#","headers":[{"name":"X-Requested-With","value":"XMLHttpRequest"}]"#, "xhr"),
            ("", "document"),
        ] {
            assert_eq!(entry("", sent, html).request.resource.as_deref(), Some(want));
        }
    }

    #[test]
    fn bad_entries_cost_themselves() {
        let good = r#"{"startedDateTime":"2026-11-20T16:07:19Z","request":{"method":"GET","url":"/a"}}"#;
        let (out, codes) = read(&format!(
            r#"[{good},{{"request":{{"url":"/b"}}}},{{"startedDateTime":1795190839829,"request":{{}}}},{{}},7,{good}]"#
        ));
        use DefectCode::*;
        assert_eq!(out.len(), 2);
        assert_eq!(codes, [BadTimestamp, BadField, BadEvent, BadEvent]);
        assert_eq!(read("not json at all").1, [BadJson; 4]);
        assert_eq!(read(""), (vec![], vec![]));
    }
}
