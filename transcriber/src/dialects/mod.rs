//! What each recorder's own events mean, one file for each recorder.
//!
//! In: custom events, plugin events and rrweb's old console events. Out: [`Fact`]s, each event read once. Requests and
//! console lines go to [`network`](crate::network) and [`console`](crate::console), the others to
//! [`observe`](crate::observe).
//!
//! To add a recorder, add a file with a [`Dialect`], and a line in `DIALECTS`.
//!
//! Never here: moments, windows, the ratings of web vitals.

mod application;
mod event;
mod fact;
mod highlight;
mod playhead;
mod posthog;
pub(crate) mod rrweb;
mod sentry;
mod web_vitals;

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::DefectCode;

use crate::defects::Defects;
use event::{Custom, Dialect, Plugin};
pub(crate) use fact::{
    Chooser, Clipboard, ErrorDetails, Fact, Measurement, Named, Press, Reached, RecorderNote, SocketState, Subject, Way,
};
use rrweb::EventType;

/// The recorders that are known. The first one that knows a tag or plugin reads its events.
const DIALECTS: [&dyn Dialect; 7] = [
    &playhead::Playhead,
    &posthog::PostHog,
    &sentry::Sentry,
    &highlight::Highlight,
    &application::Application,
    &rrweb::Rrweb,
    &web_vitals::WebVitals,
];

/// Characters of a tag that are kept.
const TAG_CHARS_MAX: usize = 80;

/// Reads the facts of an event. `at` is its time in epoch milliseconds.
pub(crate) fn facts(event_type: EventType, at: f64, data: &[u8], defects: &mut Defects) -> Vec<Fact> {
    match event_type {
        EventType::Custom => match Custom::of(at, data) {
            Some(event) => custom(&event),
            None => vec![Fact::Unreadable],
        },
        EventType::Plugin => match Plugin::of(at, data) {
            Ok(event) => DIALECTS.iter().find_map(|dialect| dialect.plugin(&event, defects)).unwrap_or_default(),
            Err(_) => {
                defects.add(DefectCode::BadEvent, || format!("an event of type {event_type} breaks off"));
                Vec::new()
            }
        },
        EventType::IncrementalSnapshot => rrweb::console::log(at, data).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn custom(event: &Custom<'_>) -> Vec<Fact> {
    let known = DIALECTS.iter().find_map(|dialect| dialect.custom(event));
    known.unwrap_or_else(|| {
        let text = Some(event.payload_text()).filter(|text| !text.is_empty());
        vec![Fact::Custom { tag: one_line(&event.tag, TAG_CHARS_MAX), text }]
    })
}

#[cfg(test)]
mod tests;
