//! rrweb's network plugin, `rrweb/network@1`, which PostHog uses too and adds epoch times to.
//!
//! In: an event's payload, `{requests}`. Out: requests. Never here: the resource timings themselves, see
//! [`timing`].

use playhead_schemas::timeline::DefectCode;

use crate::defects::Defects;
use crate::lenient::{self, field};
use crate::network::RawRequest;
use crate::network::timing::{self, NAMED};

/// The requests of an event at `event_ms`, epoch milliseconds.
pub(super) fn requests(event_ms: f64, payload: &[u8], defects: &mut Defects) -> Vec<RawRequest> {
    let read = lenient::value(&mut payload.to_vec(), |payload| {
        field(payload, "requests").map(|list| timing::requests(list, &NAMED, event_ms)).unwrap_or_default()
    });
    if read.is_none() {
        defects.add(DefectCode::BadJson, || timing::NOT_JSON.to_owned());
    }
    read.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::network::RequestSource;

    const EVENT_MS: f64 = 1_795_190_840_000.0;

    fn read(payload: &str) -> Vec<RawRequest> {
        let mut defects = Defects::default();
        let found = requests(EVENT_MS, payload.as_bytes(), &mut defects);
        assert!(defects.is_empty(), "{defects:?}");
        found
    }

    #[test]
    fn rrweb_times_end_with_the_event() {
        let got = read(
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
            assert_eq!(read(&json)[0].request.failed, failed, "{fields}");
        }
    }

    #[test]
    fn posthog_times_are_epoch() {
        let got = read(
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
    }

    #[test]
    fn nonsense_is_a_defect() {
        let mut defects = Defects::default();
        assert!(requests(EVENT_MS, b"{", &mut defects).is_empty());
        assert_eq!(defects.list()[0].code, DefectCode::BadJson);
        for payload in ["{}", "[]", "null", r#"{"requests":{}}"#, r#"{"requests":[null,7,{},{"name":7}]}"#] {
            assert!(read(payload).is_empty(), "{payload}");
        }
    }
}
