//! Mouse, pen and finger: clicks, double clicks, context menus, drags, taps.
//!
//! A physical click is recorded as MouseDown, MouseUp and Click, and on a label once more as a Click
//! of its field; it becomes one draft.

mod click;
mod drag;

use playhead_json::{Cursor, Read, each_field};
use playhead_schemas::timeline::MomentKind;

use super::address::Address;
use super::draft::DraftIndex;
use super::fields::Fields;
use super::target::{Described, describe_pointed};
use super::window::Context;
use crate::dialects::rrweb::MouseInteraction;

/// A Click comes this soon after its MouseUp, or never. Browsers dispatch both in one task.
const CLICK_AFTER_UP_MS: f64 = 50.0;
/// A pointer that moved further between down and up than this was dragged, in CSS pixels.
const DRAG_PX: f64 = 6.0;
/// Text that is marked this soon after a click was marked by it (PostHog: 100 ms).
const SELECT_ANSWER_MS: f64 = 100.0;
/// The window loses the focus this soon after a click that opens something outside of it, or for another reason
/// (PostHog: 1 s).
pub(super) const LEFT_MS: f64 = 1000.0;
/// Browsers report the mouse button of a tap this soon after the finger is lifted.
const TAP_MOUSE_MS: f64 = 350.0;
/// What happens this soon after a touch is a finger's doing.
const TOUCH_MS: f64 = 700.0;

/// A button or finger that was pressed.
#[derive(Clone, Debug)]
struct Press {
    at: f64,
    id: u32,
    x: f64,
    y: f64,
    what: Option<Described>,
    /// When the address first changed while it was held.
    answered_at: Option<f64>,
}

/// The last click.
#[derive(Clone, Debug)]
pub(crate) struct LastClick {
    pub(crate) action: DraftIndex,
    /// Epoch milliseconds.
    pub(crate) at: f64,
    /// The rrweb ids of what was hit, and of the control that it means.
    pub(crate) hit: u32,
    pub(crate) target: u32,
    x: f64,
    y: f64,
    /// The recording has no Click event of it: what was pressed was drawn anew meanwhile.
    is_inferred: bool,
    /// Quick clicks at this place so far, whatever was there.
    burst: u32,
    /// How many clicks on this were not answered before the next one.
    unanswered: u32,
}

impl LastClick {
    /// True when it hit the node with this id, or means it.
    pub(crate) fn is_on(&self, id: u32) -> bool {
        self.hit == id || self.target == id
    }
}

/// The pointer of one window.
#[derive(Debug, Default)]
pub(crate) struct Pointer {
    down: Option<Press>,
    /// A press that ended, and whose Click may still come.
    up: Option<(f64, Press)>,
    last_click: Option<LastClick>,
    touch: Option<Press>,
    touched_at: Option<f64>,
    /// Until when a Click belongs to a drag that ended.
    dragged_until: Option<f64>,
    /// A native drag that goes on: its draft and its last time.
    drag: Option<(DraftIndex, f64)>,
    /// Presses that were recorded at all: recorders can be told to leave them out.
    presses: u32,
    /// The last time that text was selected, epoch milliseconds.
    selected_at: f64,
    /// The last press on a disabled control that a recorder told: time and place.
    disabled: Option<(f64, f64, f64)>,
}

impl Pointer {
    pub(crate) fn last_click(&self) -> Option<&LastClick> {
        self.last_click.as_ref()
    }

    /// When a button was last pressed, or a finger put down.
    pub(crate) fn pressed_at(&self) -> f64 {
        let down = self.down.as_ref().map_or(0.0, |down| down.at);
        let up = self.up.as_ref().map_or(0.0, |(at, _)| *at);
        let touch = self.touch.as_ref().map_or(0.0, |touch| touch.at);
        let click = self.last_click.as_ref().map_or(0.0, |click| click.at);
        down.max(up).max(touch).max(click)
    }

    /// What a button is held down over, or was just let go over.
    fn held(&self) -> Option<&Press> {
        self.down.as_ref().or(self.touch.as_ref()).or(self.up.as_ref().map(|(_, down)| down))
    }

    /// The rrweb id of the element that is being pressed.
    pub(crate) fn pressing(&self) -> Option<u32> {
        self.held().map(|down| down.what.as_ref().map_or(down.id, |what| what.id))
    }

    /// The address changed. What is being pressed led there, though its click comes later.
    pub(crate) fn note_navigation(&mut self, at: f64) {
        if let Some(down) = self.down.as_mut().or(self.touch.as_mut()).or(self.up.as_mut().map(|(_, down)| down)) {
            down.answered_at.get_or_insert(at);
        }
    }

    /// True when the node with that id is being pressed.
    pub(crate) fn is_pressing(&self, id: u32) -> bool {
        self.held().is_some_and(|down| down.id == id) || self.pressing() == Some(id)
    }

    /// True when a button or finger was pressed after `since` and its click has not come yet.
    pub(crate) fn is_down_since(&self, since: f64) -> bool {
        self.down.as_ref().or(self.touch.as_ref()).is_some_and(|down| down.at > since)
    }

    fn touched_before(&self, at: f64) -> bool {
        self.touched_at.is_some_and(|touched| at - touched < TOUCH_MS)
    }

    /// A new document: nothing that was pressed is there any more.
    pub(crate) fn forget(&mut self) {
        let Self { touched_at, presses, selected_at, .. } = *self;
        *self = Self { touched_at, presses, selected_at, ..Self::default() };
    }

    /// A MouseInteraction event.
    pub(crate) fn interaction(
        &mut self,
        cx: &mut Context<'_, '_>,
        fields: &mut Fields,
        address: &mut Address,
        at: f64,
        mut cursor: Cursor<'_>,
    ) -> Read<()> {
        let event = read_interaction(&mut cursor)?;
        let Some(id) = event.id else {
            if event.kind == MouseInteraction::Focus {
                fields.focused_unseen(at);
            }
            return Ok(());
        };
        match event.kind {
            MouseInteraction::MouseDown if self.continues_tap(at, &event) => {
                self.down = self.up.take().map(|(_, touch)| touch);
            }
            MouseInteraction::MouseDown => {
                self.settle(cx, fields, address, f64::INFINITY);
                self.down = Some(self.press(cx, at, id, &event));
            }
            MouseInteraction::MouseUp => self.mouse_up(cx, fields, at, id, &event),
            MouseInteraction::Click => self.click(cx, fields, address, at, id, &event),
            MouseInteraction::ContextMenu => self.context_menu(cx, fields, at, id),
            MouseInteraction::DoubleClick => self.double_click(cx, fields, address, at, id, &event),
            MouseInteraction::Focus => fields.focused(cx, self, at, id),
            MouseInteraction::Blur => {
                fields.blurred(id);
                // A dialog of the browser or another tab takes the focus.
                cx.outcomes.answered(self, at, LEFT_MS);
            }
            MouseInteraction::TouchStart => {
                self.settle(cx, fields, address, f64::INFINITY);
                self.touched_at = Some(at);
                self.touch = Some(self.press(cx, at, id, &event));
            }
            MouseInteraction::TouchEnd => self.touch_end(cx, at, &event),
            MouseInteraction::TouchCancel => {
                self.touch = None;
                cx.outcomes.release();
            }
            MouseInteraction::Unknown => {}
        }
        Ok(())
    }

    /// True for the mouse button that browsers report for the finger that was just lifted there.
    fn continues_tap(&self, at: f64, event: &Interaction) -> bool {
        self.up.as_ref().is_some_and(|(up, touch)| {
            let is_near = (event.x - touch.x).hypot(event.y - touch.y) <= DRAG_PX * 2.0;
            self.touched_before(at) && at - up <= TAP_MOUSE_MS && is_near
        })
    }

    /// A button or finger is put down.
    fn press(&mut self, cx: &mut Context<'_, '_>, at: f64, id: u32, event: &Interaction) -> Press {
        cx.active(at);
        let what = describe_pointed(cx.mirror, id);
        self.presses += 1;
        cx.outcomes.press(cx.mirror, cx.log, at);
        Press { at, id, x: event.x, y: event.y, what, answered_at: None }
    }

    fn touch_end(&mut self, cx: &mut Context<'_, '_>, at: f64, event: &Interaction) {
        self.touched_at = Some(at);
        if let Some(touch) = self.touch.take()
            && (event.x - touch.x).hypot(event.y - touch.y) <= DRAG_PX * 2.0
        {
            self.up = Some((at, touch));
        } else {
            cx.outcomes.release();
        }
    }

    fn context_menu(&mut self, cx: &mut Context<'_, '_>, fields: &mut Fields, at: f64, id: u32) {
        self.down = None;
        self.up = None;
        let mut draft = cx.draft(MomentKind::ContextMenu, at);
        draft.aim(describe_pointed(cx.mirror, id));
        fields.end_typing(cx);
        cx.act(draft);
    }

    /// A Selection event.
    pub(crate) fn selection(&mut self, cx: &mut Context<'_, '_>, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
        while let Some(key) = cursor.key()? {
            if key != b"ranges" || cursor.peek() != b'[' {
                cursor.skip()?;
                continue;
            }
            cursor.array()?;
            while cursor.item()? {
                let mut ends = [0.0; 4];
                each_field(&mut cursor, |key, cursor| {
                    let value = cursor.number()?.unwrap_or_default();
                    match key {
                        b"start" => ends[0] = value,
                        b"startOffset" => ends[1] = value,
                        b"end" => ends[2] = value,
                        b"endOffset" => ends[3] = value,
                        _ => {}
                    }
                    Ok(())
                })?;
                if ends[0] != ends[2] || ends[1] != ends[3] {
                    self.selected_at = at;
                    cx.outcomes.answered(self, at, SELECT_ANSWER_MS);
                }
            }
        }
        Ok(())
    }
}

struct Interaction {
    kind: MouseInteraction,
    id: Option<u32>,
    x: f64,
    y: f64,
    /// 2 for touch.
    pointer: i32,
}

fn read_interaction(cursor: &mut Cursor<'_>) -> Read<Interaction> {
    let mut read = Interaction { kind: MouseInteraction::Unknown, id: None, x: 0.0, y: 0.0, pointer: -1 };
    while let Some(key) = cursor.key()? {
        match key {
            b"type" => read.kind = MouseInteraction::from_number(cursor.number()?),
            b"id" => read.id = cursor.node_id()?,
            b"x" => read.x = cursor.number()?.unwrap_or_default(),
            b"y" => read.y = cursor.number()?.unwrap_or_default(),
            b"pointerType" => read.pointer = cursor.number()?.map_or(-1, |n| n as i32),
            _ => {
                cursor.skip()?;
            }
        }
    }
    Ok(read)
}
