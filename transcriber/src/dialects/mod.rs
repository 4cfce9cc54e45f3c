//! What each recorder's own events mean, one file for each recorder.
//!
//! In: custom events, plugin events and rrweb's old console events. Out: [`Fact`]s, each event read once. Requests and
//! console lines go to [`network`](crate::network) and [`console`](crate::console), the others to
//! [`observe`](crate::observe).
//!
//! To add a recorder, add a file with a [`Dialect`] and a line in [`DIALECTS`].
//!
//! Never here: moments, windows, the ratings of web vitals.

mod application;
mod highlight;
mod posthog;
pub(crate) mod rrweb;
mod sentry;
mod web_vitals;

use std::borrow::Cow;

use playhead_json::{Cursor, Members, Read, raw_text};
use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::DefectCode;

use crate::console::RawConsole;
use crate::defects::Defects;
use crate::network::RawRequest;
use crate::scrub::clean_text;
use rrweb::EventType;

/// The recorders that are known. The first one that knows a tag or plugin reads its events.
const DIALECTS: [&dyn Dialect; 6] = [
    &posthog::PostHog,
    &sentry::Sentry,
    &highlight::Highlight,
    &application::Application,
    &rrweb::Rrweb,
    &web_vitals::WebVitals,
];

/// Characters of a payload that are kept.
const PAYLOAD_CHARS_MAX: usize = 300;
/// Characters of a tag that are kept.
const TAG_CHARS_MAX: usize = 80;

/// What an event says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fact {
    /// The page is at this address, which may be relative.
    Navigated(String),
    /// The window was hidden or shown.
    Visibility {
        /// False when it was shown.
        is_hidden: bool,
    },
    /// The recorder was paused.
    Paused,
    /// The recorder goes on.
    Resumed,
    /// Web vitals were measured.
    Vitals(Vec<Measurement>),
    /// An application wrote an event of its own, or an SDK one that a reader should see.
    Custom {
        /// At most 80 characters.
        tag: String,
        /// What it carries, without secrets, at most 300 characters.
        text: Option<String>,
    },
    /// A request was sent.
    Request(Box<RawRequest>),
    /// A line was written to the console.
    Line(Box<RawConsole>),
    /// A custom event has no tag, or breaks off.
    Unreadable,
}

/// The value of a web vital.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measurement {
    /// `LCP`, `INP`, `CLS`, `FCP`, `TTFB` or `FID`.
    pub(crate) name: &'static str,
    /// Milliseconds; of `CLS` a score.
    pub(crate) value: f64,
}

/// How one recorder writes what it saw.
trait Dialect: Sync {
    /// The facts of a custom event; `None` when the tag is not this recorder's.
    fn custom(&self, _event: &Custom<'_>) -> Option<Vec<Fact>> {
        None
    }

    /// The facts of a plugin's event; `None` when the plugin is not this recorder's.
    fn plugin(&self, _event: &Plugin<'_>, _defects: &mut Defects) -> Option<Vec<Fact>> {
        None
    }
}

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

/// A custom event: `{tag, payload}`.
struct Custom<'a> {
    /// Epoch milliseconds.
    at: f64,
    tag: Cow<'a, str>,
    /// JSON text; empty when there is none.
    payload: &'a [u8],
    /// Some SDKs write an address beside the payload.
    href: Option<Cow<'a, str>>,
}

impl<'a> Custom<'a> {
    fn of(at: f64, data: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(data);
        let (mut tag, mut payload, mut href) = (None, &b""[..], None);
        cursor.object().ok()?;
        while let Some(key) = cursor.key().ok()? {
            match key {
                b"tag" => tag = cursor.string_or_skip().ok()?.map(|tag| tag.text()),
                b"payload" => payload = cursor.skip().ok()?,
                b"href" => href = cursor.string_or_skip().ok()?.map(|href| href.text()),
                _ => {
                    cursor.skip().ok()?;
                }
            }
        }
        Some(Self { at, tag: tag?, payload, href })
    }

    /// The fact that the page is at the address that the event holds; none when it holds no address.
    fn navigated(&self) -> Vec<Fact> {
        let address = self.href.as_deref().map(str::to_owned).or_else(|| address_of(self.payload));
        address.map(Fact::Navigated).into_iter().collect()
    }

    /// The fact that the window was hidden or shown, as the tag or the payload says.
    fn visibility(&self) -> Vec<Fact> {
        let payload = self.payload_text();
        let is_hidden = self.tag.contains("idden") && !payload.contains("false") || payload.contains("hidden");
        vec![Fact::Visibility { is_hidden }]
    }

    /// The payload as one line without secrets.
    fn payload_text(&self) -> String {
        if let Some(raw) = raw_text(Cursor::new(self.payload)) {
            return one_line(&clean_text(prefix(&raw.text(), PAYLOAD_CHARS_MAX * 4)), PAYLOAD_CHARS_MAX);
        }
        let head = &self.payload[..self.payload.len().min(PAYLOAD_CHARS_MAX * 4)];
        match head {
            b"{}" | b"null" => String::new(),
            _ => one_line(&clean_text(&String::from_utf8_lossy(head)), PAYLOAD_CHARS_MAX),
        }
    }
}

/// A plugin's event: `{plugin, payload}`.
struct Plugin<'a> {
    /// Epoch milliseconds.
    at: f64,
    /// Empty when there is none.
    name: Cow<'a, str>,
    /// JSON text; empty when there is none.
    payload: &'a [u8],
}

impl<'a> Plugin<'a> {
    fn of(at: f64, data: &'a [u8]) -> Read<Self> {
        let mut cursor = Cursor::new(data);
        let (mut name, mut payload) = (Cow::default(), &b""[..]);
        cursor.object()?;
        while let Some(key) = cursor.key()? {
            match key {
                b"plugin" => name = cursor.string_or_skip()?.map(|name| name.text()).unwrap_or_default(),
                b"payload" => payload = cursor.skip()?,
                _ => drop(cursor.skip()?),
            }
        }
        Ok(Self { at, name, payload })
    }
}

/// The address in the payload of a navigation: under `href` or `url`, as JSON in a string, or the string itself.
fn address_of(payload: &[u8]) -> Option<String> {
    if let Some(raw) = raw_text(Cursor::new(payload)) {
        let text = raw.text();
        if text.trim_start().starts_with('{') {
            return address_of(text.as_bytes());
        }
        let address = text.trim_matches('"');
        return (address.contains("://") || address.starts_with('/')).then(|| address.to_owned());
    }
    text_member(payload, "href").or_else(|| text_member(payload, "url")).map(Cow::into_owned)
}

/// The text of a value of an object.
fn member<'a>(object: &'a [u8], key: &str) -> Option<&'a [u8]> {
    Members::of(Cursor::new(object)).find(key)
}

/// The string under `key` of an object.
fn text_member<'a>(object: &'a [u8], key: &str) -> Option<Cow<'a, str>> {
    Some(raw_text(Cursor::new(member(object, key)?))?.text())
}

#[cfg(test)]
mod tests;
