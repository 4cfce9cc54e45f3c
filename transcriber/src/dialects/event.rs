//! Custom events and plugin events, and how a dialect reads them.
//!
//! In: the data of an event. Out: its tag or plugin and its payload, with readers of what payloads of several recorders
//! have in common. Never here: a tag or plugin of one recorder.

use std::borrow::Cow;

use playhead_json::{Cursor, Members, Read, raw_text};
use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::NavigationKind;

use super::fact::Fact;
use crate::defects::Defects;
use crate::scrub::clean_text;

/// Characters of a payload that are kept.
pub(super) const PAYLOAD_CHARS_MAX: usize = 300;

/// How one recorder writes what it saw.
pub(super) trait Dialect: Sync {
    /// The facts of a custom event; `None` when the tag is not this recorder's.
    fn custom(&self, _event: &Custom<'_>) -> Option<Vec<Fact>> {
        None
    }

    /// The facts of a plugin's event; `None` when the plugin is not this recorder's.
    fn plugin(&self, _event: &Plugin<'_>, _defects: &mut Defects) -> Option<Vec<Fact>> {
        None
    }
}

/// A custom event: `{tag, payload}`.
pub(super) struct Custom<'a> {
    /// Epoch milliseconds.
    pub(super) at: f64,
    /// What the event is called.
    pub(super) tag: Cow<'a, str>,
    /// JSON text; empty when there is none.
    pub(super) payload: &'a [u8],
    /// Some SDKs write an address beside the payload.
    pub(super) href: Option<Cow<'a, str>>,
}

impl<'a> Custom<'a> {
    /// Reads an event's data; `None` when it has no tag or breaks off.
    pub(super) fn of(at: f64, data: &'a [u8]) -> Option<Self> {
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

    /// The fact that the page is at the address that the event holds, and that the history or a reload led there when it
    /// says so; none when it holds no address.
    pub(super) fn navigated(&self) -> Vec<Fact> {
        let address = self.href.as_deref().map(str::to_owned).or_else(|| address_of(self.payload));
        let came = address.as_ref().and_then(|_| came(&self.tag, self.payload));
        came.map(Fact::Came).into_iter().chain(address.map(Fact::Navigated)).collect()
    }

    /// The fact that the window was hidden or shown, as the tag or the payload says.
    pub(super) fn visibility(&self) -> Vec<Fact> {
        let payload = self.payload_text();
        let is_hidden = self.tag.contains("idden") && !payload.contains("false") || payload.contains("hidden");
        vec![Fact::Visibility { is_hidden }]
    }

    /// The payload as one line without secrets.
    pub(super) fn payload_text(&self) -> String {
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
pub(super) struct Plugin<'a> {
    /// Epoch milliseconds.
    pub(super) at: f64,
    /// Empty when there is none.
    pub(super) name: Cow<'a, str>,
    /// JSON text; empty when there is none.
    pub(super) payload: &'a [u8],
}

impl<'a> Plugin<'a> {
    /// Reads an event's data.
    pub(super) fn of(at: f64, data: &'a [u8]) -> Read<Self> {
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

/// How the user came to an address, as SDKs write it: the event of the history, or the type of the navigation.
fn came(tag: &str, payload: &[u8]) -> Option<NavigationKind> {
    const KEYS: [&str; 7] = ["type", "navigationType", "trigger", "cause", "kind", "method", "action"];
    if tag == "Reload" {
        return Some(NavigationKind::Reload);
    }
    let nested = raw_text(Cursor::new(payload)).map(|text| text.text());
    let payload = nested.as_deref().map_or(payload, str::as_bytes);
    KEYS.iter().find_map(|key| match &*text_member(payload, key)?.to_ascii_lowercase() {
        "popstate" | "back" | "forward" | "back_forward" | "traverse" => Some(NavigationKind::BackForward),
        "reload" => Some(NavigationKind::Reload),
        _ => None,
    })
}

/// The text of a value of an object.
pub(super) fn member<'a>(object: &'a [u8], key: &str) -> Option<&'a [u8]> {
    Members::of(Cursor::new(object)).find(key)
}

/// The string under `key` of an object.
pub(super) fn text_member<'a>(object: &'a [u8], key: &str) -> Option<Cow<'a, str>> {
    Some(raw_text(Cursor::new(member(object, key)?))?.text())
}
