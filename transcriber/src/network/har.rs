//! HTTP archives (HAR 1.2): whole files, their entries alone, and the fields that browsers and recorders add.
//!
//! In: a `network` payload. Out: requests, and a defect for each entry that cannot be read. Never here: entries that
//! are resource timings, see [`timing`].

use std::borrow::Cow;

use playhead_json::{Cursor, Fields, raw_text};
use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::{DefectCode, NavigationKind, Request};

use super::body::{self, Body};
use super::http::{method, status};
use super::{RawRequest, RequestSource, RequestTime, ending, resource, socket, timing};
use crate::lenient::{self, Element, Next, count, is_sound, repaired};
use crate::scrub::{clean_text, clean_url};

/// What a request's own note of its start may differ from the archive's beyond its duration.
const HELD_SLACK_MS: f64 = 1000.0;
/// The longest error text that is kept, in characters.
const ERROR_CHARS_MAX: usize = 300;

/// The defect of an entry that is left out.
type Refusal = (DefectCode, &'static str);

/// Reads the requests of a `network` payload: `{"log":{"entries":[..]}}`, `{"entries":[..]}`, a bare array
/// of entries, entries as JSON Lines, or a list of resource timings such as Highlight stores.
///
/// An entry that can't be read is left out with a defect.
pub(crate) fn from_har(json: &mut [u8], defects: &mut impl FnMut(DefectCode, &str)) -> Vec<RawRequest> {
    let mut out = Vec::new();
    let lists = &["entries", "resources", "requests"];
    lenient::elements(json, &["log"], lists, defects, |element, defects| {
        if out.len() == super::REQUESTS_MAX {
            defects(DefectCode::LimitReached, "more than 100,000 requests in one payload");
            return Next::Stop;
        }
        let read = match element {
            Element::Text(text) => match from_text(text, defects) {
                Some(read) => read,
                None => return Next::Parse,
            },
            Element::Tape(entry) => timing::from_resource_list(entry),
        };
        match read {
            Ok(request) => out.push(request),
            Err((code, what)) => defects(code, what),
        }
        Next::GoOn
    });
    out
}

/// Reads an entry of an archive; `None` for other entries.
fn from_text(text: &[u8], defects: &mut impl FnMut(DefectCode, &str)) -> Option<Result<RawRequest, Refusal>> {
    let entry = Fields::of(Cursor::new(text)).filter(|entry| entry.has("request"))?;
    if is_sound(text) {
        return Some(from_entry(&entry));
    }
    let text = repaired(text, defects);
    Fields::of(Cursor::new(&text)).map(|entry| from_entry(&entry))
}

fn from_entry(entry: &Fields<'_>) -> Result<RawRequest, Refusal> {
    const NO_ADDRESS: Refusal = (DefectCode::BadField, "a request without an address");
    let sent = entry.object("request").ok_or(NO_ADDRESS)?;
    let url = sent.text("url").ok_or(NO_ADDRESS)?;
    let (start_ms, time) = started(entry);
    let received = entry.object("response");
    let content = received.as_ref().and_then(|response| response.object("content"));
    let mime = content.as_ref().and_then(|content| content.text("mimeType")).unwrap_or_default();
    let headers = Headers::of(&sent);
    let resource = resource(entry, &headers, &mime, &url);

    let sent_method = sent.text("method");
    let outcome = Outcome::of(entry, &sent, received.as_ref());
    let end_ms = outcome.duration_ms.map(|ms| start_ms + ms);
    let mut request = Request {
        method: method(sent_method.as_deref().unwrap_or_default()),
        url: clean_url(&url),
        status: outcome.status,
        failed: outcome.failed,
        duration_ms: outcome.duration_ms.and_then(count),
        size_bytes: received
            .filter(|_| outcome.status.is_some())
            .and_then(|response| size(&response, content.as_ref())),
        resource,
        mime: body::media_type(&mime),
        error: outcome.error,
        ..Request::default()
    };
    ending::settle(&mut request);
    request.duration_ms = request.duration_ms.filter(|_| !ending::is_stream(&request));
    let mut secrets = Vec::new();
    if body::can_tell(&request, content.as_ref().and_then(|content| content.raw("text"))) {
        let sent = Held::of(sent.object("postData").as_ref());
        let received = Held::of(content.as_ref());
        secrets = body::set_bodies(&mut request, sent.body(), received.body());
    }
    if let Some(messages) = entry.list("_webSocketMessages") {
        request.messages = Some(socket::count(messages.clone()));
        request.response_body = request.response_body.or_else(|| socket::errors(messages));
    }
    Ok(RawRequest {
        window: None,
        start_ms,
        end_ms,
        request,
        source: RequestSource::Har,
        initiator: initiator(entry),
        navigation: headers.navigation(sent_method.as_deref()),
        has_headers: headers.are_known,
        referer: headers.referer.map(|referer| clean_url(&referer)).filter(|referer| !referer.is_empty()),
        time,
        secrets,
        belongs: None,
        stack: Vec::new(),
        number: None,
        page_clock: None,
    })
}

/// When a request began, and how that is known.
fn started(entry: &Fields<'_>) -> (f64, RequestTime) {
    let key = ["startedDateTime", "_startEpochMs"].into_iter().find(|key| entry.has(key));
    let Some((key, at)) = key.and_then(|key| Some((key, lenient::epoch_ms_of_field(entry, key)?))) else {
        return (f64::NAN, RequestTime::Missing);
    };
    // The clock of a request that was held back starts anew when it is sent on; what was noted first is the truth.
    let noted = Some("_startEpochMs").filter(|noted| *noted != key && entry.has(noted));
    let noted = noted.and_then(|noted| lenient::epoch_ms_of_field(entry, noted));
    let held_ms = entry.number("time").filter(|ms| ms.is_finite()).unwrap_or_default() + HELD_SLACK_MS;
    let at = noted.filter(|noted| (0.0..=held_ms).contains(&(at - noted))).unwrap_or(at);
    let has_zone = entry.text(key).is_none_or(|text| lenient::has_zone(&text));
    (at, if has_zone { RequestTime::Known } else { RequestTime::Zoneless })
}

/// How a request ended.
struct Outcome {
    status: Option<u16>,
    failed: bool,
    duration_ms: Option<f64>,
    error: Option<String>,
}

impl Outcome {
    /// A failed request has status 0 or -1, or an error. An entry that is marked as incomplete, or has neither status,
    /// error nor duration, was still running when the archive was written, which is no failure.
    fn of(entry: &Fields<'_>, sent: &Fields<'_>, received: Option<&Fields<'_>>) -> Self {
        const ERRORS: [&str; 3] = ["_error", "_failureText", "_errorText"];
        let status = received.and_then(|response| response.number("status")).and_then(status);
        let error = [Some(entry), received, Some(sent)]
            .into_iter()
            .flatten()
            .find_map(|object| error_text(object, ERRORS.into_iter().find(|key| object.has(key))?));
        let is_marked = entry.is_true("_incomplete");
        let duration_ms = duration(entry).filter(|_| !is_marked);
        let is_running = error.is_none() && (is_marked || (status.is_none() && duration_ms.is_none()));
        let failed = error.is_some() || (status.is_none() && !is_running);
        Self { status, failed, duration_ms, error }
    }
}

fn error_text(object: &Fields<'_>, key: &str) -> Option<String> {
    let inside = || {
        let error = object.object(key)?;
        let key = ["text", "message", "errorText"].into_iter().find(|key| error.has(key))?;
        error.text(key)
    };
    let text = object.text(key).or_else(inside)?;
    let text = one_line(&clean_text(prefix(&text, 4000)), ERROR_CHARS_MAX);
    (!text.is_empty()).then_some(text)
}

fn duration(entry: &Fields<'_>) -> Option<f64> {
    let is_length = |ms: &f64| (0.0..super::LENGTH_MS_MAX).contains(ms);
    if let Some(time) = entry.number("time").filter(is_length) {
        return Some(time);
    }
    // `ssl` is part of `connect`.
    let timings = entry.object("timings")?;
    let parts = ["blocked", "dns", "connect", "send", "wait", "receive"];
    let known = || parts.iter().filter_map(|part| timings.number(part)).filter(|ms| *ms > 0.0);
    known().next().is_some().then(|| known().sum()).filter(is_length)
}

fn size(response: &Fields<'_>, content: Option<&Fields<'_>>) -> Option<u64> {
    let of_content = content.and_then(|content| content.number("size")).and_then(count);
    of_content.filter(|bytes| *bytes > 0).or_else(|| response.number("bodySize").and_then(count)).or(of_content)
}

fn resource(entry: &Fields<'_>, headers: &Headers<'_>, mime: &str, url: &str) -> Option<String> {
    let named = ["_resourceType", "_type"].into_iter().find(|key| entry.has(key)).and_then(|key| entry.text(key));
    named
        .and_then(|name| resource::from_name(&name, url))
        .or_else(|| resource::from_name(headers.fetch_dest.as_ref()?, url))
        .or_else(|| headers.requested_with.as_ref().map(|_| "xhr".to_owned()))
        .or_else(|| resource::from_mime(&body::media_type(mime)?).map(str::to_owned))
}

/// The headers of a request that are read.
#[derive(Default)]
struct Headers<'a> {
    referer: Option<Cow<'a, str>>,
    fetch_dest: Option<Cow<'a, str>>,
    fetch_site: Option<Cow<'a, str>>,
    cache_control: Option<Cow<'a, str>>,
    requested_with: Option<Cow<'a, str>>,
    are_known: bool,
}

impl<'a> Headers<'a> {
    fn of(message: &Fields<'a>) -> Self {
        let mut found = Self::default();
        for header in message.items("headers") {
            let Some((name, value)) = name_and_value(header) else { continue };
            found.are_known = true;
            let place = match name.len() {
                7 if name.eq_ignore_ascii_case(b"referer") => &mut found.referer,
                13 if name.eq_ignore_ascii_case(b"cache-control") => &mut found.cache_control,
                14 if name.eq_ignore_ascii_case(b"sec-fetch-dest") => &mut found.fetch_dest,
                14 if name.eq_ignore_ascii_case(b"sec-fetch-site") => &mut found.fetch_site,
                16 if name.eq_ignore_ascii_case(b"x-requested-with") => &mut found.requested_with,
                _ => continue,
            };
            if place.is_none() {
                *place = raw_text(value).map(|value| value.text());
            }
        }
        found
    }

    /// How a user asked for a document: browsers send `Cache-Control` when they reload (RFC 9111, section 5.2.1), and say
    /// that no site asked for an address that was typed (Fetch Metadata, section 2.3). Forms are posted with it, too.
    fn navigation(&self, method: Option<&str>) -> Option<NavigationKind> {
        let reloads = self
            .cache_control
            .as_deref()
            .is_some_and(|cache| cache.contains("max-age=0") || cache.contains("no-cache"));
        match () {
            () if method.is_some_and(|method| !method.eq_ignore_ascii_case("GET")) => None,
            () if reloads => Some(NavigationKind::Reload),
            () if self.fetch_site.as_deref() == Some("none") => Some(NavigationKind::Address),
            () => None,
        }
    }
}

/// The name of a header as it is written, and a cursor before its value.
fn name_and_value(header: &[u8]) -> Option<(&[u8], Cursor<'_>)> {
    let mut header = Cursor::new(header);
    let (mut name, mut value) = (None, None);
    header.object().ok()?;
    while let Some(key) = header.key().ok()? {
        match key {
            b"name" => name = Some(header.string_or_skip().ok()??.bytes),
            b"value" => {
                value = Some(header);
                header.skip().ok()?;
            }
            _ => {
                header.skip().ok()?;
            }
        }
    }
    Some((name?, value?))
}

fn initiator(entry: &Fields<'_>) -> Option<String> {
    let Some(value) = entry.object("_initiator") else {
        return Some(one_line(&entry.text("_initiator")?, 40));
    };
    let place = value.text("url").map(|url| match value.number("lineNumber").and_then(count) {
        Some(line) => format!(" {}:{line}", clean_url(&url)),
        None => format!(" {}", clean_url(&url)),
    });
    Some(format!("{}{}", one_line(&value.text("type")?, 40), place.unwrap_or_default()))
}

/// The body of a form of which the archive has the parameters but no text.
fn form_of(posted: &Fields<'_>, mime: &str) -> Option<String> {
    const PARAMETERS_MAX: usize = 200;
    if !mime.contains("x-www-form-urlencoded") {
        return None;
    }
    let pair = |pair: Fields<'_>| Some(format!("{}={}", pair.text("name")?, pair.text("value").unwrap_or_default()));
    let pairs =
        posted.items("params").take(PARAMETERS_MAX).filter_map(|pair| Fields::of(Cursor::new(pair))).filter_map(pair);
    Some(pairs.collect::<Vec<_>>().join("&"))
}

/// The body in `postData` or `content`.
#[derive(Default)]
struct Held<'a> {
    text: Cow<'a, str>,
    mime: Cow<'a, str>,
    base64: bool,
}

impl<'a> Held<'a> {
    fn of(holder: Option<&Fields<'a>>) -> Self {
        let Some(holder) = holder else { return Self::default() };
        let mime = holder.text("mimeType").unwrap_or_default();
        let text = holder.text("text").filter(|text| !text.is_empty());
        let text = text.or_else(|| form_of(holder, &mime).map(Cow::Owned)).unwrap_or_default();
        Self { text, mime, base64: holder.text("encoding").as_deref() == Some("base64") }
    }

    fn body(&self) -> Body<'_> {
        Body { text: &self.text, mime: &self.mime, base64: self.base64 }
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
            ..Request::default()
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
    fn damaged_characters_are_mended_and_told() {
        let of = |url: &[u8]| {
            let head = &br#"[{"startedDateTime":"2026-11-20T16:07:19Z","request":{"method":"GET","url":""#[..];
            let mut codes = Vec::new();
            let mut json = [head, url, br#""}}]"#].concat();
            let out = from_har(&mut json, &mut |code, _| codes.push(code));
            (out[0].request.url.clone(), codes)
        };
        assert_eq!(of(br"/\ud83d"), ("/\u{fffd}".to_owned(), vec![DefectCode::LoneSurrogate]));
        assert_eq!(of(b"/\xff"), ("/?".to_owned(), vec![DefectCode::BadField]));
        assert_eq!(of(br"/\ud83d\ude00"), ("/\u{1f600}".to_owned(), vec![]));
    }

    #[test]
    fn bad_entries_cost_themselves() {
        let good = r#"{"startedDateTime":"2026-11-20T16:07:19Z","request":{"method":"GET","url":"/a"}}"#;
        let (out, codes) = read(&format!(
            r#"[{good},{{"request":{{"url":"/b"}}}},{{"startedDateTime":1795190839829,"request":{{}}}},{{}},7,{good}]"#
        ));
        use DefectCode::*;
        assert_eq!(out.iter().filter(|request| request.time != RequestTime::Missing).count(), 2);
        assert_eq!(codes, [BadField, BadEvent, BadEvent]);
        assert_eq!(read("not json at all").1, [BadJson; 4]);
        assert_eq!(read(""), (vec![], vec![]));
    }
}
