//! Pages: loads, reloads, checkouts.
//!
//! A recorder writes Meta and FullSnapshot when a document is loaded, and again from time to time
//! (a checkout), when nothing happened. Ids are kept on a checkout and start again on a load.

use std::borrow::Cow;
use std::rc::Rc;

use playhead_json::{Cursor, Read};
use playhead_schemas::text::one_line;
use playhead_schemas::timeline::MomentKind;
use playhead_schemas::upload::Size;

use super::address::head;
use super::draft::Note;
use super::moment_log::MomentLog;
use super::shown::Shows;
use super::window::{Context, Window};
use crate::dom::build::{self, BuildNotes};
use crate::dom::graft;
use crate::dom::name::visible_text;
use crate::dom::{Mirror, NodeKind};
use crate::scrub::clean_url;

/// Changes of fields in this time after a load were made by the page.
const SETTLING_MS: f64 = 500.0;
/// A snapshot that agrees with the mirror in this share of its elements is a checkout.
const SAME_SHARE: f64 = 0.9;
/// Snapshots of one address this close together are of one load.
const TWIN_MS: f64 = 300.0;
/// Elements that are compared.
const COMPARED_MAX: usize = 4000;

/// What is known of the page of one window.
#[derive(Debug, Default)]
pub(crate) struct PageState {
    /// The address, cleaned.
    pub(crate) url: Option<Rc<str>>,
    pub(crate) has_snapshot: bool,
    /// The document announced itself since the last snapshot: the next one is a load.
    pub(crate) document_started: bool,
    /// When the last snapshot came, of a load or not, epoch milliseconds.
    pub(crate) snapshot_at: f64,
    loaded_at: f64,
    meta: Option<(f64, Rc<str>)>,
    size: Option<Size>,
    pub(crate) shown_since: f64,
    /// The last change of the document, epoch milliseconds.
    pub(crate) changed_at: f64,
    /// The release of the application, of the page that is about to be shown.
    pub(crate) release: Option<String>,
    /// What the pages of this window show.
    pub(crate) shows: Shows,
}

impl PageState {
    /// True when the page has had time to fill its own fields.
    pub(crate) fn settled(&self, at: f64) -> bool {
        self.has_snapshot && at - self.loaded_at > SETTLING_MS
    }

    pub(crate) fn size(&self) -> Option<Size> {
        self.size
    }

    /// True when a snapshot repeats the document that the mirror holds instead of loading another one.
    fn is_checkout(&self, at: f64, shown: &Mirror, snapshot: &Mirror) -> bool {
        // A second recorder on the page writes its own snapshot just after the first one's.
        let is_twin = self.has_snapshot
            && at - self.loaded_at < TWIN_MS
            && self.meta.as_ref().is_none_or(|(_, href)| self.url.as_ref() == Some(href));
        is_twin || self.has_snapshot && !self.document_started && is_same_document(shown, snapshot)
    }

    /// `DomContentLoaded` of October 2018 carried the address.
    pub(crate) fn old_dialect_address(&mut self, at: f64, data: &[u8]) {
        self.document_started = true;
        if let Some(href) = text_field(data, b"href") {
            self.meta = Some((at, Rc::from(clean_url(&href))));
        }
    }
}

impl Context<'_, '_> {
    /// A Meta event.
    pub(crate) fn meta(&mut self, at: f64, data: &[u8]) -> Read<()> {
        let mut cursor = Cursor::new(data);
        let (mut href, mut width, mut height) = (None, 0.0, 0.0);
        cursor.object()?;
        while let Some(key) = cursor.key()? {
            match key {
                b"href" => href = cursor.string_or_skip()?.map(|href| href.text().into_owned()),
                b"width" => width = cursor.number()?.unwrap_or_default(),
                b"height" => height = cursor.number()?.unwrap_or_default(),
                _ => {
                    cursor.skip()?;
                }
            }
        }
        self.sized(width, height);
        if let Some(href) = href {
            self.page.meta = Some((at, Rc::from(clean_url(&href))));
        }
        Ok(())
    }

    /// The window has this size, CSS pixels.
    pub(crate) fn sized(&mut self, width: f64, height: f64) {
        if width >= 1.0 && height >= 1.0 {
            let size = Size { width: width as u32, height: height as u32 };
            self.page.size = Some(size);
            self.log.found.viewport.get_or_insert(size);
        }
    }

    /// `Load` of October 2018 carried the size.
    pub(crate) fn old_dialect_size(&mut self, at: f64, data: &[u8]) -> Read<()> {
        if memchr::memmem::find(data, b"\"width\"").is_some() {
            let meta = self.page.meta.take();
            self.meta(at, data)?;
            self.page.meta = meta;
        }
        Ok(())
    }

    /// An Annotation event (2.2): a caption or a marker.
    pub(crate) fn annotation(&mut self, at: f64, data: &[u8]) {
        if let Some(text) = text_field(data, b"text").filter(|text| !text.trim().is_empty()) {
            let mut draft = self.draft(MomentKind::Annotation, at);
            draft.value = Some(one_line(&text, 300));
            self.push(draft);
        }
    }

    /// The title of the document that is shown.
    pub(crate) fn title(&self) -> Option<String> {
        let title = self.mirror.children(head(self.mirror)?).find(|nx| self.mirror.tag(*nx) == "title")?;
        Some(one_line(&visible_text(self.mirror, title, 200), 200)).filter(|title| !title.is_empty())
    }
}

impl Window {
    /// A FullSnapshot event. `windows` is how many windows share the room for nodes.
    pub(crate) fn snapshot(&mut self, log: &mut MomentLog<'_>, windows: usize, at: f64, data: &[u8]) -> Read<()> {
        let (mut cx, on) = self.parts(log);
        // What refers to nodes of the old tree is read out of it now.
        on.fields.settle_choice(&mut cx, f64::INFINITY);
        let mut notes = BuildNotes::default();
        let mut mirror = Mirror::one_of(windows).with_visits_of(cx.mirror);
        let built = read_snapshot(&mut mirror, data, &mut notes);
        cx.log.coverage.snapshots += 1;
        cx.log.note_built(notes);
        if mirror.root().is_none() {
            return built;
        }
        let is_checkout = cx.page.is_checkout(at, cx.mirror, &mirror);
        cx.push_aside(f64::INFINITY);
        if !is_checkout || on.fields.types_in_place() {
            on.fields.end_typing(&mut cx);
        }
        if is_checkout {
            cx.outcomes.close(cx.mirror, cx.log, at);
        } else {
            cx.outcomes.close_for_load(cx.mirror, cx.log, at);
            on.address.leave_page(&mut cx, at);
        }
        // A recorder gives the nodes of its first snapshot their numbers in order. Any other order shows that it
        // had been running: its earlier events were not kept.
        cx.log.coverage.evicted |= !cx.page.has_snapshot && !is_in_order(&mirror);
        if is_checkout {
            graft::frames(cx.mirror, &mut mirror);
        }
        *cx.mirror = mirror;
        if !is_checkout {
            cx.log.secrets.forget_page(cx.no);
        }
        cx.log.secrets.note_document(cx.no, cx.mirror);
        cx.page.snapshot_at = at;
        cx.page.has_snapshot = true;
        cx.page.document_started = false;
        let href = cx.page.meta.take().map(|(_, href)| href);
        match href {
            Some(href) if is_checkout => {
                on.pointer.note_navigation(at);
                on.address.navigated(&mut cx, at, &href);
            }
            None if is_checkout => {}
            href => self.load(log, at, href),
        }
        built
    }

    fn load(&mut self, log: &mut MomentLog<'_>, at: f64, href: Option<Rc<str>>) {
        let (mut cx, on) = self.parts(log);
        on.fields.forget_focus();
        on.pointer.forget();
        cx.outcomes.forget_page();
        cx.page.loaded_at = at;
        cx.page.shown_since = at;
        let is_reload = href.is_some() && cx.page.url == href;
        if href.is_some() {
            cx.page.url = href;
        }
        on.address.titled(&mut cx, at);
        let title = cx.title();
        let release = cx.page.release.take();
        if let Some(inferred) = on.address.take_inferred(&cx, at) {
            // The page changed a little before it was left: it is one step, and a load.
            let draft = cx.log.draft_mut(inferred);
            (draft.kind, draft.at, draft.end, draft.value) = (MomentKind::PageLoad, at, at, title);
            draft.release = release;
            cx.page_came(inferred, at, true);
            return;
        }
        let mut draft = cx.draft(MomentKind::PageLoad, at);
        draft.value = title;
        draft.note = is_reload.then_some(Note::Reloaded);
        draft.release = release;
        let load = cx.push(draft);
        cx.page_came(load, at, true);
    }
}

fn read_snapshot(mirror: &mut Mirror, data: &[u8], notes: &mut BuildNotes) -> Read<()> {
    let mut cursor = Cursor::new(data);
    cursor.object()?;
    while let Some(key) = cursor.key()? {
        if key == b"node" && cursor.peek() == b'{' {
            let before = mirror.len();
            let built = build::node(mirror, &mut cursor, notes);
            if mirror.len() > before {
                mirror.set_root(crate::dom::NodeIndex(before as u32));
            }
            built?;
        } else {
            cursor.skip()?;
        }
    }
    Ok(())
}

/// Elements of the top document, at most about `max`. Documents in frames come after their snapshot.
fn top_elements(mirror: &Mirror, max: usize) -> usize {
    let Some(root) = mirror.root() else { return 0 };
    let (mut count, mut at) = (0, Some(root));
    while let Some(nx) = at.filter(|_| count < max) {
        let kind = mirror.node(nx).kind;
        count += usize::from(kind == NodeKind::Element);
        at = mirror.next_in_subtree(root, nx, nx == root || kind != NodeKind::Document);
    }
    count
}

/// True when the ids of a snapshot count up from its root.
fn is_in_order(mirror: &Mirror) -> bool {
    let ids = |nx: u32| mirror.node(crate::dom::NodeIndex(nx)).id;
    (0..mirror.len() as u32).map(ids).filter(|id| *id > 0).is_sorted()
}

/// True when a snapshot shows the document that the mirror holds: the same elements under the same ids.
fn is_same_document(old: &Mirror, new: &Mirror) -> bool {
    let (mut same, mut all) = (0u32, 0u32);
    for nx in new.elements().take(COMPARED_MAX) {
        all += 1;
        let known = old.by_id(new.node(nx).id).filter(|known| {
            old.node(*known).attached && old.node(*known).kind == NodeKind::Element && old.tag(*known) == new.tag(nx)
        });
        same += u32::from(known.is_some());
    }
    all > 0
        && f64::from(same) >= f64::from(all) * SAME_SHARE
        && same as usize * 10 >= top_elements(old, COMPARED_MAX) * 9
}

/// A text field of an object, decoded.
fn text_field<'a>(data: &'a [u8], wanted: &[u8]) -> Option<Cow<'a, str>> {
    let mut cursor = Cursor::new(data);
    cursor.object().ok()?;
    while let Some(key) = cursor.key().ok()? {
        if key == wanted {
            return cursor.string_or_skip().ok()?.map(|text| text.text());
        }
        cursor.skip().ok()?;
    }
    None
}
