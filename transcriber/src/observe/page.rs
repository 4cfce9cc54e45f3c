//! Pages: loads, reloads, checkouts.
//!
//! A recorder writes Meta and FullSnapshot when a document is loaded, and again from time to time
//! (a checkout), when nothing happened. Ids are kept on a checkout and start again on a load.

use std::rc::Rc;

use playhead_json::{Cursor, Read};
use playhead_schemas::text::one_line;
use playhead_schemas::timeline::{DefectCode, MomentKind};
use playhead_schemas::upload::Size;

use super::address::{Trail, head};
use super::draft::{Draft, Note};
use super::input::Typing;
use super::session::{Session, text_field};
use crate::dom::build::{self, BuildNotes};
use crate::dom::name::visible_text;
use crate::dom::{Mirror, NodeKind};
use crate::scrub::clean_url;

/// Changes of fields in this time after a load are the page's own.
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
    pub(crate) fresh: bool,
    /// When the last snapshot came, of a load or not, epoch milliseconds.
    pub(crate) snapshot_at: f64,
    loaded_at: f64,
    meta: Option<(f64, Rc<str>)>,
    size: Option<Size>,
    pub(crate) shown_since: f64,
    pub(crate) trail: Trail,
}

impl PageState {
    /// True when the page has had time to fill its own fields.
    pub(crate) fn settled(&self, at: f64) -> bool {
        self.has_snapshot && at - self.loaded_at > SETTLING_MS
    }

    pub(crate) fn size(&self) -> Option<Size> {
        self.size
    }
}

impl Session<'_> {
    /// A Meta event.
    pub(crate) fn meta(&mut self, w: usize, at: f64, data: &[u8]) -> Read<()> {
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
        self.sized(w, width, height);
        if let Some(href) = href {
            self.windows[w].page.meta = Some((at, Rc::from(clean_url(&href))));
        }
        Ok(())
    }

    pub(crate) fn sized(&mut self, w: usize, width: f64, height: f64) {
        if width >= 1.0 && height >= 1.0 {
            let size = Size { width: width as u32, height: height as u32 };
            self.windows[w].page.size = Some(size);
            self.out.viewport.get_or_insert(size);
        }
    }

    /// `DomContentLoaded` of October 2018 carried the address.
    pub(crate) fn old_dialect_page(&mut self, w: usize, at: f64, data: &[u8]) -> Read<()> {
        if let Some(href) = text_field(data, b"href") {
            self.windows[w].page.meta = Some((at, Rc::from(clean_url(&href))));
        }
        Ok(())
    }

    /// `Load` of October 2018 carried the size.
    pub(crate) fn old_dialect_size(&mut self, w: usize, at: f64, data: &[u8]) -> Read<()> {
        if memchr::memmem::find(data, b"\"width\"").is_some() {
            let meta = self.windows[w].page.meta.take();
            self.meta(w, at, data)?;
            self.windows[w].page.meta = meta;
        }
        Ok(())
    }

    /// A FullSnapshot event.
    pub(crate) fn snapshot(&mut self, w: usize, at: f64, data: &[u8]) -> Read<()> {
        // What refers to nodes of the old tree is read out of it now.
        self.settle_unfocused(w, f64::INFINITY);
        let mut notes = BuildNotes::default();
        let mut mirror = Mirror::one_of(self.windows.len()).after(&self.windows[w].mirror);
        let built = read_snapshot(&mut mirror, data, &mut notes);
        self.coverage.snapshots += 1;
        self.note_built(notes);
        if mirror.root().is_none() {
            return built;
        }
        let page = &self.windows[w].page;
        // A second recorder on the page writes its own snapshot just after the first one's.
        let twin = page.has_snapshot
            && at - page.loaded_at < TWIN_MS
            && page.meta.as_ref().is_none_or(|(_, href)| page.url.as_ref() == Some(href));
        let checkout = twin || page.has_snapshot && !page.fresh && is_same_document(&self.windows[w].mirror, &mirror);
        if !checkout || self.windows[w].typing.as_ref().is_some_and(Typing::is_in_place) {
            self.end_typing(w);
        }
        if checkout {
            self.close_watch(w, at);
        } else {
            self.close_watch_for_load(w, at);
            self.leave_page(w, at);
        }
        // A recorder gives the nodes of its first snapshot their numbers in order. Any other order shows that it
        // had been running: its earlier events were not kept.
        self.coverage.evicted |= !self.windows[w].page.has_snapshot && !is_in_order(&mirror);
        self.windows[w].page.snapshot_at = at;
        self.windows[w].mirror = mirror;
        let meta = self.windows[w].page.meta.take().map(|(_, href)| href);
        self.windows[w].page.has_snapshot = true;
        self.windows[w].page.fresh = false;
        if checkout {
            if let Some(href) = meta {
                self.navigated(w, at, &href);
            }
            return built;
        }
        self.load(w, at, meta);
        built
    }

    fn load(&mut self, w: usize, at: f64, href: Option<Rc<str>>) {
        let window = &mut self.windows[w];
        window.focus = 0;
        window.pressing = None;
        window.noise.clear();
        window.pointer.forget();
        window.page.loaded_at = at;
        window.page.shown_since = at;
        let reload = href.is_some() && window.page.url == href;
        if href.is_some() {
            window.page.url = href;
        }
        let no = window.no;
        self.titled(w, at);
        let title = self.title(w);
        if let Some(dx) = self.take_concluded(w, at) {
            // The page changed a little before it was left: it is one step, and a load.
            let draft = &mut self.out.drafts[dx];
            (draft.kind, draft.at, draft.end, draft.value) = (MomentKind::PageLoad, at, at, title);
            return;
        }
        let mut draft = Draft::new(MomentKind::PageLoad, at, no);
        draft.value = title;
        draft.note = reload.then_some(Note::Reloaded);
        self.push(draft);
    }

    /// The title of the document that is shown.
    pub(crate) fn title(&self, w: usize) -> Option<String> {
        let mirror = &self.windows[w].mirror;
        let title = mirror.children(head(mirror)?).find(|nx| mirror.tag(*nx) == "title")?;
        Some(one_line(&visible_text(mirror, title, 200), 200)).filter(|title| !title.is_empty())
    }

    /// An Annotation event (2.2): a caption or a marker.
    pub(crate) fn annotation(&mut self, w: usize, at: f64, data: &[u8]) -> Read<()> {
        if let Some(text) = text_field(data, b"text").filter(|text| !text.trim().is_empty()) {
            let mut draft = Draft::new(MomentKind::Annotation, at, self.windows[w].no);
            draft.value = Some(one_line(&text, 300));
            self.push(draft);
        }
        Ok(())
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
                mirror.set_root(crate::dom::Nx(before as u32));
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
        at = mirror.walk_on(root, nx, nx == root || kind != NodeKind::Document);
    }
    count
}

/// True when the ids of a snapshot count up from its root.
fn is_in_order(mirror: &Mirror) -> bool {
    let ids = |nx: u32| mirror.node(crate::dom::Nx(nx)).id;
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

impl Session<'_> {
    /// Notes a problem of the recording itself.
    pub(crate) fn note_defect(&mut self, code: DefectCode, detail: &str) {
        self.defects.add(code, || detail.to_owned());
    }
}
