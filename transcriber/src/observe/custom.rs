//! Custom events: what SDKs and applications write into a recording beside rrweb's own events.
//!
//! PostHog, Sentry and Highlight tell navigation, visibility and clicks this way; the reference lists
//! their tags. Requests and console lines among them were read before the pass.

use std::borrow::Cow;

use playhead_json::Cursor;
use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::{MomentKind, Rating, Vital};

use super::draft::{Draft, Note};
use super::session::{Session, text_field};
use super::vitals;
use crate::scrub::{clean_text, clean_url};

/// Characters of a custom event's payload that are kept.
const PAYLOAD_CHARS_MAX: usize = 300;

/// Tags that only describe the recorder.
pub(crate) fn is_housekeeping(tag: &str) -> bool {
    matches!(
        tag,
        "$session_options"
            | "$posthog_config"
            | "$remote_config_received"
            | "$recording_started"
            | "$session_id_change"
            | "$session_starting"
            | "$session_ending"
            | "$flags_loaded"
            | "options"
            | "recording paused"
            | "recording resumed"
            | "event_trigger_matched"
            | "sessionIdle"
            | "sessionNoLongerIdle"
            | "Performance"
            | "Viewport"
            | "Identify"
    )
}

/// The address that a navigation event tells: `href` in the data or in the payload, which some SDKs
/// write as a string, as JSON in a string, or as the address itself.
pub(crate) fn href_of(payload: &[u8]) -> Option<String> {
    let mut cursor = Cursor::new(payload);
    if cursor.peek() == b'"' {
        let text = cursor.string().ok()?.text().into_owned();
        if text.trim_start().starts_with('{') {
            return href_of(text.as_bytes());
        }
        let address = text.trim_matches('"');
        return (address.contains("://") || address.starts_with('/')).then(|| address.to_owned());
    }
    text_field(payload, b"href").or_else(|| text_field(payload, b"url")).map(Cow::into_owned)
}

struct Custom<'a> {
    tag: String,
    payload: &'a [u8],
    href: Option<String>,
}

fn read_custom(data: &[u8]) -> Option<Custom<'_>> {
    let mut cursor = Cursor::new(data);
    let (mut tag, mut payload, mut href) = (None, &b""[..], None);
    cursor.object().ok()?;
    while let Some(key) = cursor.key().ok()? {
        match key {
            b"tag" => tag = cursor.string_or_skip().ok()?.map(|tag| tag.text().into_owned()),
            b"payload" => payload = cursor.skip().ok()?,
            b"href" => href = cursor.string_or_skip().ok()?.map(|href| href.text().into_owned()),
            _ => {
                cursor.skip().ok()?;
            }
        }
    }
    Some(Custom { tag: tag?, payload, href })
}

impl Session<'_> {
    /// A Custom event.
    pub(crate) fn custom(&mut self, w: usize, at: f64, data: &[u8]) {
        let Some(custom) = read_custom(data) else {
            self.coverage.events_skipped += 1;
            self.note_defect(playhead_schemas::timeline::DefectCode::BadEvent, "a custom event without a tag");
            return;
        };
        match custom.tag.as_str() {
            "$pageview" | "$url_changed" | "Navigate" | "Reload" | "navigation" | "playhead/navigation" => {
                if let Some(href) = custom.href.or_else(|| href_of(custom.payload)) {
                    let href = self.absolute(w, &href);
                    self.navigated(w, at, &href);
                }
            }
            "window visible" | "window hidden" | "TabHidden" | "visibilitychange" | "playhead/visibility" => {
                self.visibility(w, at, &custom);
            }
            "breadcrumb" => self.breadcrumb(w, at, custom.payload),
            "performanceSpan" => self.span(w, at, custom.payload),
            tag if vitals::is_vitals(tag) && self.vitals(w, at, tag, custom.payload) => {}
            "recording paused" => self.paused(w, at),
            "recording resumed" => self.resumed(w, at),
            tag if is_housekeeping(tag) => {}
            tag => {
                let mut draft = Draft::new(MomentKind::Custom, at, self.windows[w].no);
                draft.note = Some(Note::Event(one_line(tag, 80)));
                draft.value = Some(payload_text(custom.payload)).filter(|text| !text.is_empty());
                self.push(draft);
            }
        }
    }

    /// A Plugin event that no other reader takes. Vitals are the only ones that are told.
    pub(crate) fn plugin(&mut self, w: usize, at: f64, data: &[u8]) {
        if memchr::memmem::find(data, b"ital").is_none() {
            return;
        }
        let name = text_field(data, b"plugin").unwrap_or_default();
        if let Some(payload) = field(data, b"payload").filter(|_| vitals::is_vitals(&name)) {
            self.vitals(w, at, &name, payload);
        }
    }

    /// Takes the vitals of a payload; false when it holds none.
    fn vitals(&mut self, w: usize, at: f64, tag: &str, payload: &[u8]) -> bool {
        let found = vitals::read(tag, payload, self.options);
        let any = !found.is_empty();
        found.into_iter().for_each(|vital| self.push_vital(w, at, vital));
        any
    }

    fn push_vital(&mut self, w: usize, at: f64, vital: Vital) {
        let mut draft = Draft::new(MomentKind::Custom, at, self.windows[w].no);
        let value = if vital.name == "CLS" { format!("{:.3}", vital.value) } else { format!("{:.0} ms", vital.value) };
        let rating = match vital.rating {
            Rating::Good => "good",
            Rating::NeedsImprovement => "needs improvement",
            Rating::Poor => "poor",
        };
        draft.value = Some(format!("{value}, {rating}"));
        draft.vital = Some(vital);
        self.push(draft);
    }

    fn absolute(&self, w: usize, href: &str) -> String {
        let href = href.trim();
        let full = match &self.windows[w].page.url {
            Some(base) if !href.contains("://") => {
                url::Url::parse(base).and_then(|base| base.join(href)).map_or_else(|_| href.to_owned(), String::from)
            }
            _ => href.to_owned(),
        };
        clean_url(&full)
    }

    fn visibility(&mut self, w: usize, at: f64, custom: &Custom<'_>) {
        let payload = payload_text(custom.payload);
        let hidden = custom.tag.contains("idden") && !payload.contains("false") || payload.contains("hidden");
        let mut draft = Draft::new(MomentKind::Tab, at, self.windows[w].no);
        draft.value = Some(if hidden { "hidden" } else { "visible" }.to_owned());
        self.push(draft);
    }

    /// A Sentry breadcrumb. Clicks and inputs are told by rrweb's own events.
    fn breadcrumb(&mut self, w: usize, at: f64, payload: &[u8]) {
        let category = text_field(payload, b"category").unwrap_or_default();
        match &*category {
            "navigation" => {
                if let Some(to) = field(payload, b"data").and_then(|data| text_field(data, b"to")) {
                    let href = self.absolute(w, &to);
                    self.navigated(w, at, &href);
                }
            }
            "replay.hydrate-error" | "sentry.feedback" | "replay.mutations" => {
                let mut draft = Draft::new(MomentKind::Custom, at, self.windows[w].no);
                draft.note = Some(Note::Event(category.into_owned()));
                draft.value =
                    text_field(payload, b"message").map(|message| one_line(&clean_text(&message), PAYLOAD_CHARS_MAX));
                self.push(draft);
            }
            _ => {}
        }
    }

    /// A Sentry span. Requests were read before the pass.
    fn span(&mut self, w: usize, at: f64, payload: &[u8]) {
        let op = text_field(payload, b"op").unwrap_or_default();
        let described = text_field(payload, b"description").unwrap_or_default();
        let name = vitals::short_name(&described).or_else(|| vitals::short_name(&op));
        if let Some(name) = name.filter(|_| op == "web-vital" || vitals::short_name(&op).is_some()) {
            let data = field(payload, b"data").unwrap_or_default();
            self.vitals(w, at, name, data);
            return;
        }
        if let Some(kind) = op.strip_prefix("navigation.")
            && matches!(kind, "push" | "navigate" | "reload" | "back_forward")
            && let Some(to) = text_field(payload, b"description")
        {
            let href = self.absolute(w, &to);
            self.navigated(w, at, &href);
        }
    }
}

/// The text of a field of an object.
fn field<'a>(object: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    let mut cursor = Cursor::new(object);
    cursor.object().ok()?;
    while let Some(key) = cursor.key().ok()? {
        let value = cursor.skip().ok()?;
        if key == wanted {
            return Some(value);
        }
    }
    None
}

fn payload_text(payload: &[u8]) -> String {
    let mut cursor = Cursor::new(payload);
    if cursor.peek() == b'"'
        && let Ok(text) = cursor.string()
    {
        return one_line(&clean_text(prefix(&text.text(), PAYLOAD_CHARS_MAX * 4)), PAYLOAD_CHARS_MAX);
    }
    let head = &payload[..payload.len().min(PAYLOAD_CHARS_MAX * 4)];
    match head {
        b"{}" | b"null" => String::new(),
        _ => one_line(&clean_text(&String::from_utf8_lossy(head)), PAYLOAD_CHARS_MAX),
    }
}
