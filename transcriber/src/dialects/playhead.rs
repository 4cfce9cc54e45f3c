//! Playhead's own recorder, `sdk/`: its custom events, as `docs/recorder-events.md` describes them.
//!
//! In: events under `$playhead.` tags, and `$url_changed` with the way in which the address changed. Out: one fact each.
//! What describes the recorder says nothing. A tag of a newer recorder is an event of an application. Requests and console
//! lines come by rrweb's plugins; web vitals, visibility and pauses under tags of others.

use playhead_schemas::text::{one_line, prefix};
use playhead_schemas::timeline::{NavigationKind, SocketMessages};

use super::event::{Custom, Dialect, PAYLOAD_CHARS_MAX, member};
use super::fact::{
    Chooser, Clipboard, ErrorDetails, Fact, Named, Press, Reached, RecorderNote, SocketState, Subject, Way,
};
use crate::lenient::{self, Value, compact, count, field, number, text};
use crate::recorded::{Belonging, belonging, frames, node};
use crate::scrub::{clean_text, clean_url};

/// Characters of a name, a key, a media type.
const WORD_CHARS_MAX: usize = 100;
/// Characters of an address.
const URL_CHARS_MAX: usize = 2000;
/// Kinds of files that are named.
const TYPES_MAX: usize = 4;

pub(super) struct Playhead;

impl Dialect for Playhead {
    fn custom(&self, event: &Custom<'_>) -> Option<Vec<Fact>> {
        let read = match &*event.tag {
            "$url_changed" if member(event.payload, "type").is_some() => url_changed,
            tag => reader(tag.strip_prefix("$playhead.")?)?,
        };
        let found = lenient::value(&mut event.payload.to_vec(), read);
        Some(found.unwrap_or_else(|| vec![Fact::Unreadable]))
    }
}

type Reader = fn(Value<'_, '_>) -> Vec<Fact>;

/// The reader of the events under a tag; `None` for tags that are not known.
fn reader(tag: &str) -> Option<Reader> {
    Some(match tag {
        "page" => page,
        "navigation" => |it| vec![navigation(it)],
        "key" => |it| key(it).into_iter().collect(),
        "value" => |it| value(it).into_iter().collect(),
        "disabled_click" => |it| disabled_click(it).into_iter().collect(),
        "file_chooser" => |it| chooser(it).into_iter().collect(),
        "download" => |it| download(it).into_iter().collect(),
        "new_tab" => |it| new_tab(it).into_iter().collect(),
        "popover" => |it| vec![note(it, RecorderNote::Popover { is_open: is(it, "state", "open") })],
        "print" => |it| vec![note(it, RecorderNote::Print { is_open: is(it, "state", "open") })],
        "clipboard" => |it| clipboard(it).into_iter().collect(),
        "socket" => |it| socket(it).into_iter().collect(),
        "error" => |it| vec![error(it)],
        "resource_error" => |it| resource_error(it).into_iter().collect(),
        "long_task" => |it| {
            let ms = number(it, "duration").and_then(count);
            ms.map(|ms| note(it, RecorderNote::LongTask { ms })).into_iter().collect()
        },
        "report" => |it| vec![note(it, RecorderNote::Report { title: line_of(it, "title").unwrap_or_default() })],
        "user" => |it| vec![note(it, RecorderNote::User { id: line_of(it, "id") })],
        "metadata" => |it| vec![note(it, RecorderNote::Metadata(object(it)))],
        "clock" => |it| {
            let ms = number(it, "back").and_then(count);
            ms.map(|ms| note(it, RecorderNote::ClockSetBack { ms })).into_iter().collect()
        },
        "lost" => |it| {
            let count = number(it, "count").and_then(count).unwrap_or(1);
            vec![note(it, RecorderNote::Lost { reason: line_of(it, "reason").unwrap_or_default(), count })]
        },
        // The next page says it better.
        "page_end" => |_| Vec::new(),
        _ => return None,
    })
}

fn page(it: Value<'_, '_>) -> Vec<Fact> {
    vec![Fact::Page { release: line_of(it, "release") }]
}

fn navigation(it: Value<'_, '_>) -> Fact {
    let way = match text(it, "type") {
        Some("reload") => Some(Way::Browser(NavigationKind::Reload)),
        Some("back_forward") => Some(Way::Browser(NavigationKind::BackForward)),
        Some("typed") => Some(Way::Browser(NavigationKind::Address)),
        Some("link" | "form" | "script") => Some(Way::Page),
        Some("opened") => Some(Way::OtherWindow),
        _ => None,
    };
    Fact::Reached(Box::new(Reached { way, address: None, by: belonging(it) }))
}

fn url_changed(it: Value<'_, '_>) -> Vec<Fact> {
    let Some(href) = text(it, "href") else { return Vec::new() };
    let by = belonging(it);
    let way = match (by, text(it, "type")) {
        (Some(_), _) | (None, Some("pushState" | "replaceState")) => Some(Way::Page),
        (None, Some("popstate")) => Some(Way::Browser(NavigationKind::BackForward)),
        _ => None,
    };
    let address = prefix(href, URL_CHARS_MAX).to_owned();
    let reached = Reached { way, address: Some(address.clone()), by };
    vec![Fact::Navigated(address), Fact::Reached(Box::new(reached))]
}

fn key(it: Value<'_, '_>) -> Option<Fact> {
    let name = one_line(text(it, "key")?, WORD_CHARS_MAX / 5);
    let modifiers = field(it, "modifiers").and_then(|list| list.as_array());
    let held = modifiers.iter().flat_map(|list| list.iter()).filter_map(lenient::as_text);
    let mut keys: Vec<&str> = ["Control", "Meta", "Alt", "Shift"].into_iter().collect();
    let held: Vec<&str> = held.take(keys.len()).collect();
    keys.retain(|key| held.contains(key));
    (!name.is_empty()).then(|| Fact::Key(Box::new(Press { on: subject(it), key: name, modifiers: keys.join("+") })))
}

fn value(it: Value<'_, '_>) -> Option<Fact> {
    let same = one_line(text(it, "same")?, WORD_CHARS_MAX);
    Some(Fact::Pseudonym { node: node(it, "id")?, same })
}

fn disabled_click(it: Value<'_, '_>) -> Option<Fact> {
    let at = |key| number(it, key).unwrap_or_default();
    let on = subject(it);
    on.node.is_some().then(|| Fact::DisabledClick { x: at("x"), y: at("y"), on: Box::new(on) })
}

fn chooser(it: Value<'_, '_>) -> Option<Fact> {
    let state = match text(it, "state")? {
        "opened" => Chooser::Opened,
        "cancelled" => Chooser::Cancelled,
        "chosen" => Chooser::Chosen {
            files: number(it, "files").and_then(count).unwrap_or_default(),
            types: words(it, "types"),
            bytes: number(it, "bytes").and_then(count),
        },
        _ => return None,
    };
    Some(note(it, RecorderNote::FileChooser(state)))
}

/// The first words of a list, apart by commas.
fn words(it: Value<'_, '_>, key: &str) -> String {
    let list = field(it, key).and_then(|list| list.as_array());
    let words = list.iter().flat_map(|list| list.iter()).filter_map(lenient::as_text).take(TYPES_MAX);
    words.map(|word| one_line(word, WORD_CHARS_MAX)).collect::<Vec<_>>().join(", ")
}

fn download(it: Value<'_, '_>) -> Option<Fact> {
    let (url, extension) = (url(it)?, line_of(it, "extension"));
    Some(note(it, RecorderNote::Download { url, extension, by_script: is(it, "by", "script") }))
}

fn new_tab(it: Value<'_, '_>) -> Option<Fact> {
    let blocked = field(it, "blocked").is_some_and(lenient::is_true);
    Some(note(it, RecorderNote::NewTab { url: url(it)?, blocked, by_script: is(it, "by", "script") }))
}

fn clipboard(it: Value<'_, '_>) -> Option<Fact> {
    let action = match text(it, "type")? {
        "copy" => Clipboard::Copy,
        "cut" => Clipboard::Cut,
        "paste" => Clipboard::Paste,
        _ => return None,
    };
    Some(note(it, RecorderNote::Clipboard(action)))
}

fn socket(it: Value<'_, '_>) -> Option<Fact> {
    let state = text(it, "state")?;
    if state == "message" {
        let text = one_line(&clean_text(text(it, "text")?), PAYLOAD_CHARS_MAX);
        return Some(note(it, RecorderNote::SocketMessage { is_received: is(it, "way", "received"), text }));
    }
    let number = |key| number(it, key).and_then(count);
    let messages = |key| number(key).map(|messages| u32::try_from(messages).unwrap_or(u32::MAX));
    let messages =
        messages("received").map(|received| SocketMessages { sent: messages("sent").unwrap_or(0), received });
    let is_clean = field(it, "clean").is_none_or(lenient::is_true);
    let code = number("code").and_then(|code| u16::try_from(code).ok()).filter(|_| !is_clean);
    let (is_closed, is_failed) = (state == "close", state == "error");
    let request = node(it, "request")?;
    Some(Fact::Socket(SocketState { request, messages, is_closed, is_failed, unclean_code: code }))
}

fn error(it: Value<'_, '_>) -> Fact {
    let message = one_line(&clean_text(text(it, "message").unwrap_or_default()), PAYLOAD_CHARS_MAX);
    let context = field(it, "context").map(object).filter(|context| context != "{}");
    Fact::ErrorDetails(Box::new(ErrorDetails { message, components: frames(field(it, "componentStack")), context }))
}

fn resource_error(it: Value<'_, '_>) -> Option<Fact> {
    let tag = line_of(it, "tag").unwrap_or_default();
    Some(Fact::NotLoaded { url: url(it)?, tag })
}

/// A note of the recorder about the element that the event names, if any.
fn note(it: Value<'_, '_>, note: RecorderNote) -> Fact {
    Fact::Noted { note: Box::new(note), on: Box::new(subject(it)), by: by(it) }
}

fn by(it: Value<'_, '_>) -> Option<Belonging> {
    belonging(it)
}

fn subject(it: Value<'_, '_>) -> Subject {
    Subject { node: node(it, "id"), named: Named { name: line_of(it, "name"), role: line_of(it, "role") } }
}

fn url(it: Value<'_, '_>) -> Option<String> {
    let url = text(it, "url").filter(|url| !url.is_empty())?;
    Some(clean_url(prefix(url, URL_CHARS_MAX)))
}

fn is(it: Value<'_, '_>, key: &str, wanted: &str) -> bool {
    text(it, key) == Some(wanted)
}

/// The text under a key as one line without secrets; `None` when it is empty.
fn line_of(it: Value<'_, '_>, key: &str) -> Option<String> {
    let line = one_line(&clean_text(prefix(text(it, key)?, PAYLOAD_CHARS_MAX * 4)), WORD_CHARS_MAX);
    (!line.is_empty()).then_some(line)
}

/// An object as one line without secrets.
fn object(it: Value<'_, '_>) -> String {
    one_line(&clean_text(&compact(it, PAYLOAD_CHARS_MAX * 4)), PAYLOAD_CHARS_MAX)
}
