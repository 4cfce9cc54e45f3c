//! What a page shows once it is there: heading, messages, refused fields.
//!
//! In: the mirror of a page that was loaded or gone to. Out: what stands on it, for the moment of that. A page is read
//! when it has been still for a while, and before the next action or page at the latest. Never here: what an action
//! changed on the page.

use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{Element, OverlayKind, Shown};

use super::contents;
use super::draft::DraftIndex;
use super::outcome::{REFUSING, kind_by_class, message_of};
use super::window::Context;
use crate::dom::message::{Tone, holds_fields, tells, tone};
use crate::dom::name::{is_masked, is_out_of_sight, name, visible_text};
use crate::dom::role::role;
use crate::dom::{AttrName, Mirror, NodeIndex, NodeKind};

/// A page that is read has been still for so long.
const STILL_MS: f64 = 400.0;
/// A page is read so long after it came, and not before.
const MIN_MS: f64 = 1200.0;
/// A page that never is still is read then.
const MAX_MS: f64 = 6000.0;
/// An address that is left sooner was only passed through.
const PASSING_MS: f64 = 250.0;
/// Elements that are looked at for one page, and for all pages of a window.
const ELEMENTS_MAX: usize = 60_000;
const ELEMENTS_OF_WINDOW_MAX: usize = 4_000_000;
/// Characters of a message, and of another text.
const MESSAGE_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 80;
/// What is told of each kind.
const HEADINGS_MAX: usize = 2;
const MESSAGES_MAX: usize = 4;
const INVALID_MAX: usize = 8;
/// Elements of each kind that are looked at closely.
const CANDIDATES_MAX: usize = 60;
/// Elements around a message that may hold the field that it is about.
const FIELD_LEVELS_MAX: usize = 3;
/// Nodes of such an element that are looked at.
const FIELD_NODES_MAX: usize = 60;
/// Letters of the shortest status.
const STATUS_LETTERS_MIN: usize = 8;
/// A page with more characters is more than its first words.
const WORDS_CHARS_MAX: usize = 200;
/// A page with fewer characters says what its picture shows.
const FEW_CHARS: usize = 40;

/// The pages of one window that are still to be read, and what was read last.
#[derive(Debug, Default)]
pub(crate) struct Shows {
    pending: Option<Pending>,
    last: Vec<Shown>,
    looked: usize,
}

/// A page that is to be read.
#[derive(Debug)]
struct Pending {
    draft: DraftIndex,
    since: f64,
    /// It is another document, of which everything is new.
    is_load: bool,
    /// Messages that were there at first.
    first: Vec<Shown>,
}

impl Context<'_, '_> {
    /// A page came: it will be read. Messages of a document that was loaded are read at once too, as they may go soon.
    pub(crate) fn page_came(&mut self, draft: DraftIndex, at: f64, is_load: bool) {
        let first = if is_load { self.read_page(true) } else { Vec::new() };
        self.page.shows.pending = Some(Pending { draft, since: at, is_load, first });
    }

    /// Reads the page that came when it has been still for a while.
    pub(crate) fn settle_page(&mut self, now: f64) {
        let Some(pending) = &self.page.shows.pending else { return };
        let (age, still) = (now - pending.since, now - self.page.changed_at.max(pending.since));
        if age >= MAX_MS || age >= MIN_MS && still >= STILL_MS {
            self.read_page_now(now);
        }
    }

    /// Reads the page that came: something is done there, or it is left.
    pub(crate) fn read_page_now(&mut self, now: f64) {
        let Some(Pending { draft, since, is_load, first }) = self.page.shows.pending.take() else { return };
        if !is_load && now - since < PASSING_MS {
            return;
        }
        let mut shown = self.read_page(false);
        let now = shown.clone();
        let is_new = |one: &Shown| !shown.contains(one);
        let gone: Vec<Shown> = first.into_iter().filter(is_new).collect();
        shown.extend(gone);
        let is_heading = |one: &Shown| matches!(one, Shown::Heading { .. });
        if !is_load {
            shown.retain(|one| !self.page.shows.last.contains(one));
        }
        if shown.iter().any(is_heading) {
            shown.retain(|one| !matches!(one, Shown::Current { .. }));
        }
        self.page.shows.last = now;
        self.log.draft_mut(draft).shows = shown;
    }

    fn read_page(&mut self, messages_only: bool) -> Vec<Shown> {
        let left = ELEMENTS_OF_WINDOW_MAX.saturating_sub(self.page.shows.looked).min(ELEMENTS_MAX);
        let title = self.title().unwrap_or_default();
        let found = Found::in_page(self.mirror, left);
        self.page.shows.looked += found.looked;
        let mut shown = if messages_only { Vec::new() } else { found.headings(self.mirror) };
        shown.extend(found.messages(self.mirror, &title));
        if let Some(top) = found.main.or_else(|| self.mirror.root()).filter(|_| !messages_only && left > 0) {
            let (contents, looked) = contents::of_page(self.mirror, top, &shown);
            self.page.shows.looked += looked;
            shown.extend(contents);
        }
        shown
    }
}

/// The elements of a page that may tell what it shows, in the order of the document.
#[derive(Debug, Default)]
struct Found {
    looked: usize,
    headings: Vec<NodeIndex>,
    current: Vec<NodeIndex>,
    messages: Vec<(NodeIndex, OverlayKind)>,
    invalid: Vec<NodeIndex>,
    pictures: Vec<NodeIndex>,
    main: Option<NodeIndex>,
}

impl Found {
    fn in_page(mirror: &Mirror, elements_max: usize) -> Self {
        let mut found = Self::default();
        for nx in mirror.elements().take(elements_max) {
            found.looked += 1;
            if !mirror.node(nx).has_message_mark {
                continue;
            }
            let tag = mirror.tag(nx);
            match tag {
                "h1" | "h2" => push(&mut found.headings, nx),
                "main" => found.main = found.main.or(Some(nx)),
                "img" => push(&mut found.pictures, nx),
                "input" | "select" | "textarea" if is_refused(mirror, nx) => push(&mut found.invalid, nx),
                _ => {}
            }
            if matches!(mirror.attr(nx, AttrName::AriaCurrent), Some("page" | "true" | "step" | "location")) {
                push(&mut found.current, nx);
            }
            if mirror.has(nx, AttrName::Role) {
                match role(mirror, nx) {
                    "heading" if matches!(mirror.attr(nx, AttrName::AriaLevel), Some("1" | "2")) => {
                        push(&mut found.headings, nx);
                    }
                    "main" => found.main = found.main.or(Some(nx)),
                    _ => {}
                }
            }
            if let Some(kind) = message_kind(mirror, nx) {
                push(&mut found.messages, (nx, kind));
            }
        }
        found
    }

    /// The headings of the page; without one, the current item of a menu, or the first words or a picture.
    fn headings(&self, mirror: &Mirror) -> Vec<Shown> {
        let text = |nx: &NodeIndex| visible_text(mirror, *nx, TEXT_CHARS_MAX);
        let in_sight = |nx: &&NodeIndex| !is_out_of_sight(mirror, **nx) && !is_beside(mirror, **nx);
        let told: Vec<(NodeIndex, String)> = self
            .headings
            .iter()
            .filter(in_sight)
            .map(|nx| (*nx, text(nx)))
            .filter(|(_, text)| text.chars().filter(|c| c.is_alphanumeric()).count() >= 2 && !is_masked(text))
            .collect();
        let in_main = |nx: NodeIndex| self.main.is_some_and(|main| mirror.self_and_ancestors(nx).any(|up| up == main));
        let is_first = |nx: NodeIndex| mirror.tag(nx) == "h1" || mirror.attr(nx, AttrName::AriaLevel) == Some("1");
        let mut ranked = told;
        ranked.sort_by_key(|(nx, _)| (!in_main(*nx), !is_first(*nx)));
        let mut headings: Vec<Shown> = Vec::new();
        let main = ranked.first().map(|(nx, _)| *nx);
        // A second one tells the page when it stands under the first, as the name of what is edited does.
        let is_under = |nx: NodeIndex| main.is_some_and(|main| nx == main || mirror.parent(nx) == mirror.parent(main));
        for (nx, text) in ranked {
            let heading = Shown::Heading { text };
            if is_under(nx) && !headings.contains(&heading) && headings.len() < HEADINGS_MAX {
                headings.push(heading);
            }
        }
        headings.extend(self.current_item(mirror));
        if headings.is_empty() {
            headings.extend(self.words(mirror));
        }
        headings
    }

    fn current_item(&self, mirror: &Mirror) -> Option<Shown> {
        let mut items = self.current.iter().filter(|nx| !is_out_of_sight(mirror, **nx));
        let named = items.find_map(|nx| Some((*nx, name(mirror, *nx).filter(|name| !is_masked(name))?)))?;
        let element =
            Element { role: role(mirror, named.0).to_owned(), name: Some(one_line(&named.1, TEXT_CHARS_MAX)) };
        Some(Shown::Current { element })
    }

    /// The first words of the page, or its picture when there are few.
    fn words(&self, mirror: &Mirror) -> Vec<Shown> {
        let Some(top) = self.main.or_else(|| mirror.root()) else { return Vec::new() };
        let text = visible_text(mirror, top, WORDS_CHARS_MAX + 1);
        let is_short = text.chars().count() <= WORDS_CHARS_MAX;
        let text = if is_short { one_line(&text, TEXT_CHARS_MAX) } else { String::new() };
        let mut shown = Vec::new();
        let is_short = is_short && text.chars().count() < FEW_CHARS;
        let pictures = self.pictures.iter().filter(|nx| is_short && !is_out_of_sight(mirror, **nx));
        let picture = pictures.filter_map(|nx| picture_name(mirror, *nx)).next();
        if !text.is_empty() && !is_masked(&text) {
            shown.push(Shown::Text { text });
        }
        shown.extend(picture.map(|name| Shown::Picture { name }));
        shown
    }

    /// Refused fields and messages. A message beside one field alone is that field's.
    fn messages(&self, mirror: &Mirror, title: &str) -> Vec<Shown> {
        let mut invalid: Vec<(NodeIndex, Option<String>)> = Vec::new();
        for nx in self.invalid.iter().filter(|nx| !is_out_of_sight(mirror, **nx)) {
            invalid.push((*nx, message_of(mirror, *nx)));
        }
        let mut messages: Vec<(NodeIndex, Shown)> = Vec::new();
        for (nx, overlay) in &self.messages {
            let is_inside = |known: &(NodeIndex, Shown)| mirror.self_and_ancestors(*nx).any(|up| up == known.0);
            if is_out_of_sight(mirror, *nx) || messages.iter().any(is_inside) {
                continue;
            }
            let Some(text) = message_text(mirror, *nx, *overlay).filter(|text| text != title) else { continue };
            if is_of_field(&invalid, &text) {
                continue;
            }
            let field = (*overlay == OverlayKind::Alert).then(|| field_beside(mirror, *nx)).flatten();
            match field {
                Some(field) => match invalid.iter_mut().find(|(known, _)| *known == field) {
                    Some((_, message)) => {
                        message.get_or_insert(text);
                    }
                    None => invalid.push((field, Some(text))),
                },
                None => messages.push((*nx, Shown::Message { overlay: *overlay, text })),
            }
        }
        let mut shown: Vec<Shown> = Vec::new();
        for (_, message) in messages {
            if !shown.contains(&message) && shown.len() < MESSAGES_MAX {
                shown.push(message);
            }
        }
        let fields = invalid.into_iter().take(INVALID_MAX);
        shown.extend(fields.map(|(nx, message)| Shown::Invalid { element: field(mirror, nx), message }));
        shown
    }
}

fn push<T>(list: &mut Vec<T>, item: T) {
    if list.len() < CANDIDATES_MAX {
        list.push(item);
    }
}

/// What kind of message an element is, by its role or class.
fn message_kind(mirror: &Mirror, nx: NodeIndex) -> Option<OverlayKind> {
    if mirror.node(nx).may_be_landmark {
        match role(mirror, nx) {
            "alert" => return Some(OverlayKind::Alert),
            "status" => return Some(OverlayKind::Status),
            "dialog" | "alertdialog" => {
                let is_open = mirror.attr(nx, AttrName::AriaModal) == Some("true")
                    || mirror.has(nx, AttrName::Open)
                    || mirror.has(nx, AttrName::RrOpenMode);
                return is_open.then_some(OverlayKind::Dialog);
            }
            _ => {}
        }
        // Style sheets hide toasts that aren't marked as shown.
        let shows = mirror.attr(nx, AttrName::Class).is_some_and(|class| {
            let mut words = class.split_ascii_whitespace();
            words.any(|word| matches!(word, "show" | "in" | "open" | "visible" | "active"))
        });
        if shows && kind_by_class(mirror, nx) == Some(OverlayKind::Alert) {
            return Some(OverlayKind::Alert);
        }
    }
    tone(mirror, nx).map(|tone| match tone {
        Tone::Fault => OverlayKind::Alert,
        Tone::Notice => OverlayKind::Status,
    })
}

/// What a message says, when it is one.
fn message_text(mirror: &Mirror, nx: NodeIndex, overlay: OverlayKind) -> Option<String> {
    if overlay == OverlayKind::Dialog {
        let label = name(mirror, nx).or_else(|| crate::dom::context::heading(mirror, nx));
        let label = label.unwrap_or_else(|| visible_text(mirror, nx, TEXT_CHARS_MAX));
        return Some(one_line(&label, TEXT_CHARS_MAX)).filter(|label| !label.is_empty());
    }
    let text = visible_text(mirror, nx, MESSAGE_CHARS_MAX);
    let is_status = overlay == OverlayKind::Status;
    // A status of one word is a mark; what is longer than a message is a part of the page.
    let is_mark = is_status && !text.contains(' ') && !is_masked(&text);
    let is_part = text.ends_with('…') && (is_status || !mirror.has(nx, AttrName::Role));
    let is_label =
        is_status && !is_masked(&text) && text.chars().filter(|c| c.is_alphabetic()).count() < STATUS_LETTERS_MIN;
    (!is_label && tells(&text) && !is_mark && !is_part && !holds_fields(mirror, nx)).then_some(text)
}

/// True for a text that is told as the message of a field.
fn is_of_field(invalid: &[(NodeIndex, Option<String>)], text: &str) -> bool {
    invalid.iter().any(|(_, message)| message.as_deref().is_some_and(|message| message == text))
}

/// The only field beside a message.
fn field_beside(mirror: &Mirror, nx: NodeIndex) -> Option<NodeIndex> {
    let is_field = |nx: &NodeIndex| {
        let kind = mirror.attr(*nx, AttrName::Type).unwrap_or_default();
        let is_input =
            mirror.tag(*nx) == "input" && !matches!(kind, "hidden" | "submit" | "button" | "image" | "reset");
        is_input || matches!(mirror.tag(*nx), "select" | "textarea")
    };
    for up in mirror.self_and_ancestors(nx).skip(1).take(FIELD_LEVELS_MAX) {
        if mirror.node(up).kind != NodeKind::Element || matches!(mirror.tag(up), "form" | "body" | "main") {
            return None;
        }
        let mut looked = 0;
        let mut fields = mirror.subtree(up).take(FIELD_NODES_MAX).inspect(|_| looked += 1).filter(is_field);
        let found = (fields.next(), fields.next());
        drop(fields);
        match found {
            // Of a large part of the page not all is known.
            (Some(_), None) if looked == FIELD_NODES_MAX => return None,
            (Some(first), None) => return Some(first),
            (Some(_), Some(_)) => return None,
            (None, _) => {}
        }
    }
    None
}

/// A field by its role, and its name or what its form calls it.
fn field(mirror: &Mirror, nx: NodeIndex) -> Element {
    let label = name(mirror, nx).filter(|name| !is_masked(name));
    let own = || [AttrName::Name, AttrName::Id].iter().find_map(|attr| mirror.attr(nx, *attr)).map(str::to_owned);
    let name = label.or_else(own).map(|name| one_line(&name, TEXT_CHARS_MAX)).filter(|name| !name.is_empty());
    Element { role: role(mirror, nx).to_owned(), name }
}

fn is_refused(mirror: &Mirror, nx: NodeIndex) -> bool {
    mirror.attr(nx, AttrName::AriaInvalid).is_some_and(|value| value != "false")
        || mirror
            .attr(nx, AttrName::Class)
            .is_some_and(|class| class.split_ascii_whitespace().any(|word| REFUSING.contains(&word)))
}

/// True for a heading of what stands beside the page's own content.
fn is_beside(mirror: &Mirror, nx: NodeIndex) -> bool {
    let around = |up: NodeIndex| {
        matches!(mirror.tag(up), "nav" | "aside" | "footer" | "dialog")
            || matches!(
                mirror.attr(up, AttrName::Role),
                Some("navigation" | "complementary" | "dialog" | "alertdialog")
            )
    };
    mirror.self_and_ancestors(nx).any(around)
}

/// What a picture is called: its alternative text, or the name of its file.
fn picture_name(mirror: &Mirror, nx: NodeIndex) -> Option<String> {
    let alt = mirror.attr(nx, AttrName::Alt).filter(|alt| !alt.trim().is_empty() && !is_masked(alt));
    let file = || {
        let src = mirror.attr(nx, AttrName::Src)?.split(['?', '#']).next()?;
        src.rsplit('/').next().filter(|file| !src.starts_with("data:") && file.contains('.'))
    };
    alt.or_else(file).map(|name| one_line(name, TEXT_CHARS_MAX))
}
