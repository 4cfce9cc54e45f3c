//! Scrolling, sizes, media.

use playhead_json::{Cursor, Read};
use playhead_schemas::timeline::MomentKind;
use playhead_schemas::upload::Size;

use super::draft::{Axis, DraftIndex, Note};
use super::pointer::Pointer;
use super::target::describe_exact;
use super::window::Context;
use crate::dialects::rrweb::MediaInteraction;
use crate::dom::Mirror;

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
    resized: Option<(DraftIndex, f64)>,
    media: Option<(DraftIndex, u32, f64)>,
}

#[derive(Debug)]
struct Scroll {
    draft: DraftIndex,
    id: u32,
    last: f64,
    y: f64,
    x: f64,
}

impl Viewport {
    /// A Scroll event.
    pub(crate) fn scroll(
        &mut self,
        cx: &mut Context<'_, '_>,
        pointer: &Pointer,
        at: f64,
        mut cursor: Cursor<'_>,
    ) -> Read<()> {
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
        cx.outcomes.answered(pointer, at, SCROLL_ANSWER_MS);
        if let Some(scroll) = &mut self.scroll
            && scroll.id == id
            && at - scroll.last < SCROLL_GAP_MS
        {
            scroll.last = at;
            cx.active(at);
            let draft = cx.log.draft_mut(scroll.draft);
            draft.end = at;
            draft.note = Some(scrolled(scroll.x, scroll.y, x, y));
            return Ok(());
        }
        if !cx.page.settled(at + RESTORE_MS - 400.0) && cx.page.has_snapshot {
            return Ok(());
        }
        if self.is_answer(cx, pointer, at, id, y) {
            return Ok(());
        }
        self.push_scroll(cx, at, id, x, y);
        Ok(())
    }

    /// True for scrolling that a click led to, and what goes on from it: nobody turns a wheel so soon.
    fn is_answer(&mut self, cx: &mut Context<'_, '_>, pointer: &Pointer, at: f64, id: u32, y: f64) -> bool {
        let clicked = pointer.last_click().is_some_and(|click| (0.0..SCROLL_ANSWER_MS).contains(&(at - click.at)));
        let goes_on = self.answer.is_some_and(|(of, last)| of == id && at - last < SCROLL_ON_MS);
        self.answer = (clicked || goes_on).then_some((id, at));
        if (clicked || goes_on) && is_page(cx.mirror, id) {
            cx.outcomes.scrolled_to(at, y);
        }
        clicked || goes_on
    }

    fn push_scroll(&mut self, cx: &mut Context<'_, '_>, at: f64, id: u32, x: f64, y: f64) {
        let from = match &self.scroll {
            Some(scroll) if scroll.id == id => (scroll.x, scroll.y),
            _ => (0.0, 0.0),
        };
        let mut draft = cx.draft(MomentKind::Scroll, at);
        if !is_page(cx.mirror, id) {
            draft.aim(describe_exact(cx.mirror, id));
            draft.masked = false;
        }
        draft.note = Some(scrolled(from.0, from.1, x, y));
        cx.active(at);
        let draft = cx.push(draft);
        self.scroll = Some(Scroll { draft, id, last: at, x, y });
    }

    /// A ViewportResize event.
    pub(crate) fn resize(&mut self, cx: &mut Context<'_, '_>, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
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
        let is_same = |size: Size| f64::from(size.width) == width && f64::from(size.height) == height;
        let same = cx.page.size().is_some_and(is_same);
        cx.sized(width, height);
        let value = format!("{width} x {height}");
        cx.active(at);
        if let Some((draft, last)) = &mut self.resized
            && at - *last < RESIZE_GAP_MS
        {
            *last = at;
            let draft = cx.log.draft_mut(*draft);
            draft.end = at;
            draft.value = Some(value);
        } else if !same {
            let mut draft = cx.draft(MomentKind::Resize, at);
            draft.value = Some(value);
            self.resized = Some((cx.push(draft), at));
        }
        Ok(())
    }

    /// A MediaInteraction event.
    pub(crate) fn media(
        &mut self,
        cx: &mut Context<'_, '_>,
        pointer: &Pointer,
        at: f64,
        mut cursor: Cursor<'_>,
    ) -> Read<()> {
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
        cx.outcomes.answered(pointer, at, cx.log.options.outcome_ms);
        let id = id.unwrap_or_default();
        let note = Note::Media { action: what, seconds: time };
        if let Some((draft, known, last)) = &mut self.media
            && *known == id
            && at - *last < SCROLL_GAP_MS
            && cx.log.draft(*draft).value.as_deref() == Some(what)
        {
            *last = at;
            let draft = cx.log.draft_mut(*draft);
            draft.end = at;
            draft.count += 1;
            draft.note = Some(note);
            return Ok(());
        }
        let mut draft = cx.draft(MomentKind::Media, at);
        draft.aim(describe_exact(cx.mirror, id));
        draft.value = Some(what.to_owned());
        draft.note = Some(note);
        self.media = Some((cx.push(draft), id, at));
        Ok(())
    }
}

fn is_page(mirror: &Mirror, id: u32) -> bool {
    mirror.by_id(id).is_none_or(|nx| matches!(mirror.tag(nx), "" | "html" | "body"))
}

fn scrolled(from_x: f64, from_y: f64, x: f64, y: f64) -> Note {
    let sideways = (x - from_x).abs() > (y - from_y).abs();
    let (axis, px) = if sideways { (Axis::X, x) } else { (Axis::Y, y) };
    Note::ScrolledTo { axis, px }
}
