//! Scrolling, sizes, media, canvases.

use playhead_json::{Cursor, Read};
use playhead_schemas::timeline::MomentKind;

use super::draft::{Axis, Draft, Dx, Note};
use super::pointer::aim;
use super::session::Session;
use super::target::exact;
use crate::dialects::rrweb::MediaInteraction;

/// Scroll events closer than this belong to one movement.
const SCROLL_GAP_MS: f64 = 1000.0;
/// Scrolling this soon after a click is the page's answer (Sentry); later it is the user's.
const SCROLL_ANSWER_MS: f64 = 300.0;
/// Smooth scrolling tells its steps closer than this.
const SCROLL_ON_MS: f64 = 150.0;
/// Sizes closer than this belong to one change.
const RESIZE_GAP_MS: f64 = 1000.0;
/// Scrolling in this time after a load is the browser's: it restores the place.
const RESTORE_MS: f64 = 400.0;

/// What is scrolled, and how the window last changed its size.
#[derive(Debug, Default)]
pub(crate) struct Viewport {
    scroll: Option<Scroll>,
    /// What a click scrolled, and when that last went on.
    answer: Option<(u32, f64)>,
    resized: Option<(Dx, f64)>,
    media: Option<(Dx, u32, f64)>,
}

#[derive(Debug)]
struct Scroll {
    dx: Dx,
    id: u32,
    last: f64,
    y: f64,
    x: f64,
}

impl Session<'_> {
    /// A Scroll event.
    pub(crate) fn scroll(&mut self, w: usize, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
        let (mut id, mut x, mut y) = (None, 0.0, 0.0);
        while let Some(key) = cursor.key()? {
            match key {
                b"id" => id = cursor.node_id()?,
                b"x" => x = cursor.number()?.unwrap_or_default(),
                b"y" => y = cursor.number()?.unwrap_or_default(),
                _ => {
                    cursor.skip()?;
                }
            }
        }
        let Some(id) = id else { return Ok(()) };
        self.answered(w, at, SCROLL_ANSWER_MS);
        if let Some(scroll) = &mut self.windows[w].viewport.scroll
            && scroll.id == id
            && at - scroll.last < SCROLL_GAP_MS
        {
            scroll.last = at;
            let (dx, from_x, from_y) = (scroll.dx, scroll.x, scroll.y);
            self.active(w, at);
            let draft = &mut self.out.drafts[dx];
            draft.end = at;
            draft.note = Some(scrolled(from_x, from_y, x, y));
            return Ok(());
        }
        if !self.windows[w].page.settled(at + RESTORE_MS - 400.0) && self.windows[w].page.has_snapshot {
            return Ok(());
        }
        if self.is_answer(w, at, id, y) {
            return Ok(());
        }
        self.push_scroll(w, at, id, x, y);
        Ok(())
    }

    /// True for scrolling that a click led to, and what goes on from it: nobody turns a wheel so soon.
    fn is_answer(&mut self, w: usize, at: f64, id: u32, y: f64) -> bool {
        let window = &mut self.windows[w];
        let clicked =
            window.pointer.last().is_some_and(|(_, _, clicked, _)| (0.0..SCROLL_ANSWER_MS).contains(&(at - clicked)));
        let goes_on = window.viewport.answer.is_some_and(|(of, last)| of == id && at - last < SCROLL_ON_MS);
        window.viewport.answer = (clicked || goes_on).then_some((id, at));
        if (clicked || goes_on) && self.is_page(w, id) {
            self.scrolled_to(w, at, y);
        }
        clicked || goes_on
    }

    fn is_page(&self, w: usize, id: u32) -> bool {
        let mirror = &self.windows[w].mirror;
        mirror.by_id(id).is_none_or(|nx| matches!(mirror.tag(nx), "" | "html" | "body"))
    }

    fn push_scroll(&mut self, w: usize, at: f64, id: u32, x: f64, y: f64) {
        let from = match &self.windows[w].viewport.scroll {
            Some(scroll) if scroll.id == id => (scroll.x, scroll.y),
            _ => (0.0, 0.0),
        };
        let mut draft = Draft::new(MomentKind::Scroll, at, self.windows[w].no);
        if !self.is_page(w, id) {
            aim(&mut draft, exact(&self.windows[w].mirror, id));
            draft.masked = false;
        }
        draft.note = Some(scrolled(from.0, from.1, x, y));
        self.active(w, at);
        let dx = self.push(draft);
        self.windows[w].viewport.scroll = Some(Scroll { dx, id, last: at, x, y });
    }

    /// A ViewportResize event.
    pub(crate) fn resize(&mut self, w: usize, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
        let (mut width, mut height) = (0.0, 0.0);
        while let Some(key) = cursor.key()? {
            match key {
                b"width" => width = cursor.number()?.unwrap_or_default(),
                b"height" => height = cursor.number()?.unwrap_or_default(),
                _ => {
                    cursor.skip()?;
                }
            }
        }
        let same = self.windows[w]
            .page
            .size()
            .is_some_and(|size| f64::from(size.width) == width && f64::from(size.height) == height);
        self.sized(w, width, height);
        let value = format!("{width} x {height}");
        self.active(w, at);
        if let Some((dx, last)) = &mut self.windows[w].viewport.resized
            && at - *last < RESIZE_GAP_MS
        {
            *last = at;
            let draft = &mut self.out.drafts[*dx];
            draft.end = at;
            draft.value = Some(value);
        } else if !same {
            let mut draft = Draft::new(MomentKind::Resize, at, self.windows[w].no);
            draft.value = Some(value);
            let dx = self.push(draft);
            self.windows[w].viewport.resized = Some((dx, at));
        }
        Ok(())
    }

    /// A MediaInteraction event.
    pub(crate) fn media(&mut self, w: usize, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
        let (mut kind, mut id, mut time) = (None, None, None);
        while let Some(key) = cursor.key()? {
            match key {
                b"type" => kind = MediaInteraction::from_number(cursor.number()?),
                b"id" => id = cursor.node_id()?,
                b"currentTime" => time = cursor.number()?,
                _ => {
                    cursor.skip()?;
                }
            }
        }
        let what = match kind {
            Some(MediaInteraction::Play) => "play",
            Some(MediaInteraction::Pause) => "pause",
            Some(MediaInteraction::Seeked) => "seek",
            Some(MediaInteraction::VolumeChange) => "volume",
            Some(MediaInteraction::RateChange) => "speed",
            None => return Ok(()),
        };
        self.answered(w, at, self.options.outcome_ms);
        let id = id.unwrap_or_default();
        let note = Note::Media { action: what, seconds: time };
        if let Some((dx, known, last)) = &mut self.windows[w].viewport.media
            && *known == id
            && at - *last < SCROLL_GAP_MS
            && self.out.drafts[*dx].value.as_deref() == Some(what)
        {
            *last = at;
            let draft = &mut self.out.drafts[*dx];
            draft.end = at;
            draft.count += 1;
            draft.note = Some(note);
            return Ok(());
        }
        let mut draft = Draft::new(MomentKind::Media, at, self.windows[w].no);
        aim(&mut draft, exact(&self.windows[w].mirror, id));
        draft.value = Some(what.to_owned());
        draft.note = Some(note);
        let dx = self.push(draft);
        self.windows[w].viewport.media = Some((dx, id, at));
        Ok(())
    }

    /// A CanvasMutation event: the page drew something, which answers an action.
    pub(crate) fn canvas(&mut self, w: usize, at: f64) {
        self.answered(w, at, self.options.outcome_ms);
    }
}

fn scrolled(from_x: f64, from_y: f64, x: f64, y: f64) -> Note {
    let sideways = (x - from_x).abs() > (y - from_y).abs();
    let (axis, px) = if sideways { (Axis::X, x) } else { (Axis::Y, y) };
    Note::ScrolledTo { axis, px }
}
