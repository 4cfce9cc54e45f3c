//! PostHog: custom events, and a network plugin of its own from before it used rrweb's.
//!
//! Its console lines and newer requests come from rrweb's plugins. Events whose data it compressed are undone by
//! [`decode`](crate::decode).

use playhead_schemas::timeline::DefectCode;

use super::event::{Custom, Dialect, Plugin};
use super::fact::Fact;
use crate::defects::Defects;
use crate::lenient;
use crate::network::RequestSource;
use crate::network::timing::{self, TimingKeys};

pub(super) struct PostHog;

impl Dialect for PostHog {
    fn custom(&self, event: &Custom<'_>) -> Option<Vec<Fact>> {
        match &*event.tag {
            "$pageview" | "$url_changed" => Some(event.navigated()),
            "window visible" | "window hidden" => Some(event.visibility()),
            "recording paused" => Some(vec![Fact::Paused]),
            "recording resumed" => Some(vec![Fact::Resumed]),
            // They describe the recorder.
            "$session_options"
            | "$posthog_config"
            | "$remote_config_received"
            | "$recording_started"
            | "$session_id_change"
            | "$session_starting"
            | "$session_ending"
            | "$flags_loaded"
            | "event_trigger_matched"
            | "sessionIdle"
            | "sessionNoLongerIdle" => Some(Vec::new()),
            _ => None,
        }
    }

    /// `posthog/network@1`: one resource timing whose fields have numbers for names.
    fn plugin(&self, event: &Plugin<'_>, defects: &mut Defects) -> Option<Vec<Fact>> {
        if !event.name.starts_with("posthog/") || !event.name.contains("network") {
            return None;
        }
        let mut payload = event.payload.to_vec();
        let read = lenient::value(&mut payload, |payload| timing::request(payload, &NUMBERED, event.at));
        if read.is_none() {
            defects.add(DefectCode::BadJson, || timing::NOT_JSON.to_owned());
        }
        Some(read.flatten().map(Box::new).map(Fact::Request).into_iter().collect())
    }
}

const NUMBERED: TimingKeys = TimingKeys {
    source: Some(RequestSource::PosthogLegacy),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &str) -> Vec<Fact> {
        let event = Plugin { at: 1_795_190_840_000.0, name: "posthog/network@1".into(), payload: payload.as_bytes() };
        PostHog.plugin(&event, &mut Defects::default()).unwrap_or_default()
    }

    #[test]
    fn numbered_timings_are_read() {
        let facts = read(
            r#"{"0":"resource","1":1747237033319,"2":"https://a.test/api","3":50.5,"15":90.5,"18":"fetch","21":503,"39":40,"40":1747237033369}"#,
        );
        let [Fact::Request(old)] = &facts[..] else { panic!("{facts:?}") };
        assert_eq!(
            (old.start_ms, old.request.status, old.source),
            (1_747_237_033_369.0, Some(503), RequestSource::PosthogLegacy)
        );
        assert_eq!(old.request.duration_ms, Some(40));
        assert!(read(r#"{"0":"paint","2":"first-paint","40":1747237033369}"#).is_empty());
    }
}
