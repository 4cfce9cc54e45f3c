//! Mouse, pen and finger: clicks, double clicks, context menus, drags, taps.
//!
//! A physical click is recorded as MouseDown, MouseUp and Click, and on a label once more as a Click
//! of its field; it becomes one draft.

use playhead_json::{Cursor, Read, each_field};
use playhead_schemas::timeline::{Doubt, MomentKind, Signal, Target};

use super::draft::{Draft, Dx, Note};
use super::session::Session;
use super::target::{Described, pointed};
use crate::dialects::rrweb::MouseInteraction;
use crate::dom::AttrName;

/// A Click comes this soon after its MouseUp, or never. Browsers dispatch both in one task.
const CLICK_AFTER_UP_MS: f64 = 50.0;
/// A tap's Click may wait for a second tap.
const TAP_CLICK_MS: f64 = 400.0;
/// A second Click within this time on the field of a clicked label is the browser's own.
const LABEL_CLICK_MS: f64 = 50.0;
/// A pointer that moved further between down and up than this was dragged, in CSS pixels.
const DRAG_PX: f64 = 6.0;
/// The focus moves this soon after a click, or for another reason (PostHog: 1 s).
const FOCUS_ANSWER_MS: f64 = 1000.0;
/// Text that is marked this soon after a click was marked by it (PostHog: 100 ms).
const SELECT_ANSWER_MS: f64 = 100.0;
/// Two clicks this close in time and place are a double click, also when the target was drawn anew between.
const DOUBLE_MS: f64 = 400.0;
/// See [`DOUBLE_MS`]; CSS pixels.
const DOUBLE_PX: f64 = 3.0;

/// What happens this soon after a touch is a finger's doing.
const TOUCH_MS: f64 = 700.0;

#[derive(Clone, Debug)]
struct Down {
    at: f64,
    id: u32,
    x: f64,
    y: f64,
    what: Option<Described>,
}

#[derive(Clone, Debug)]
struct LastClick {
    dx: Dx,
    at: f64,
    /// What was hit, and what it means.
    id: u32,
    target: u32,
    x: f64,
    y: f64,
    /// The browser told no Click: what was pressed was drawn anew meanwhile.
    untold: bool,
}

/// The pointer of one window.
#[derive(Debug, Default)]
pub(crate) struct Pointer {
    down: Option<Down>,
    /// A press that ended, and whose Click may still come.
    up: Option<(f64, Down)>,
    last_click: Option<LastClick>,
    touch: Option<Down>,
    touched_at: Option<f64>,
    /// Until when a Click belongs to a drag that ended.
    dragged_until: Option<f64>,
    /// A native drag that goes on: its draft and its last place.
    drag: Option<(Dx, f64)>,
    /// Presses that were recorded at all: recorders can be told to leave them out.
    presses: u32,
}

impl Pointer {
    /// The rrweb id of what was last clicked, and when.
    pub(crate) fn last(&self) -> Option<(u32, u32, f64, Dx)> {
        self.last_click.as_ref().map(|click| (click.id, click.target, click.at, click.dx))
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
    fn held(&self) -> Option<&Down> {
        self.down.as_ref().or(self.touch.as_ref()).or(self.up.as_ref().map(|(_, down)| down))
    }

    /// The rrweb id of the element that is being pressed.
    pub(crate) fn pressing(&self) -> Option<u32> {
        self.held().map(|down| down.what.as_ref().map_or(down.id, |what| what.id))
    }

    /// True when the node with that id is being pressed.
    pub(crate) fn is_pressing(&self, id: u32) -> bool {
        self.held().is_some_and(|down| down.id == id) || self.pressing() == Some(id)
    }

    fn touched_before(&self, at: f64) -> bool {
        self.touched_at.is_some_and(|touched| at - touched < TOUCH_MS)
    }

    /// True when a button or finger was pressed after `since` and its click has not come yet.
    pub(crate) fn is_down_since(&self, since: f64) -> bool {
        self.down.as_ref().or(self.touch.as_ref()).is_some_and(|down| down.at > since)
    }

    /// A new document: nothing that was pressed is there any more.
    pub(crate) fn forget(&mut self) {
        *self = Self { touched_at: self.touched_at, presses: self.presses, ..Self::default() };
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

impl Session<'_> {
    /// A MouseInteraction event.
    pub(crate) fn mouse(&mut self, w: usize, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
        let event = read_interaction(&mut cursor)?;
        let Some(id) = event.id else {
            if event.kind == MouseInteraction::Focus {
                // The focus went to something that the recorder hadn't seen yet.
                self.windows[w].focus = 0;
                self.windows[w].focus_unseen = true;
                self.windows[w].focused_at = at;
            }
            return Ok(());
        };
        match event.kind {
            MouseInteraction::MouseDown => self.mouse_down(w, at, id, &event),
            MouseInteraction::MouseUp => self.mouse_up(w, at, id, &event),
            MouseInteraction::Click => self.click(w, at, id, &event),
            MouseInteraction::ContextMenu => self.context_menu(w, at, id),
            MouseInteraction::DoubleClick => self.double_click(w, at, id, &event),
            MouseInteraction::Focus => self.focused(w, at, id),
            MouseInteraction::Blur => self.blurred(w, id),
            MouseInteraction::TouchStart => self.touch_start(w, at, id, &event),
            MouseInteraction::TouchEnd => self.touch_end(w, at, &event),
            MouseInteraction::TouchCancel => {
                self.windows[w].pointer.touch = None;
                self.release(w);
            }
            MouseInteraction::Unknown => {}
        }
        Ok(())
    }

    fn mouse_down(&mut self, w: usize, at: f64, id: u32, event: &Interaction) {
        self.settle_pointer(w, f64::INFINITY);
        self.active(w, at);
        let what = pointed(&self.windows[w].mirror, id);
        let pointer = &mut self.windows[w].pointer;
        pointer.presses += 1;
        self.press(w, at);
        self.windows[w].pointer.down = Some(Down { at, id, x: event.x, y: event.y, what });
    }

    fn mouse_up(&mut self, w: usize, at: f64, id: u32, event: &Interaction) {
        let Some(down) = self.windows[w].pointer.down.take() else { return };
        if (event.x - down.x).hypot(event.y - down.y) <= DRAG_PX {
            self.windows[w].pointer.up = Some((at, down));
            return;
        }
        let selected = self.windows[w].selected_at >= down.at;
        self.windows[w].pointer.dragged_until = Some(at + CLICK_AFTER_UP_MS);
        if selected && down.what.as_ref().is_none_or(|what| what.target.role != "slider") {
            // Text was marked: the page only shows a selection.
            self.release(w);
            return;
        }
        self.push_drag(w, at, id, &down, (event.x, event.y));
    }

    fn push_drag(&mut self, w: usize, at: f64, onto: u32, down: &Down, to: (f64, f64)) {
        let mut draft = Draft::new(MomentKind::Drag, down.at, self.windows[w].no);
        draft.end = at;
        let slides = down.what.as_ref().is_some_and(|what| what.target.role == "slider");
        let onto = (onto != down.id && !slides).then(|| pointed(&self.windows[w].mirror, onto)).flatten();
        let place = onto
            .filter(|onto| Some(onto.id) != down.what.as_ref().map(|what| what.id) && onto.target.role != "document")
            .and_then(|onto| onto.target.name.or(onto.target.text).map(|name| (onto.target.role, name)));
        draft.note = Some(match place {
            Some((role, name)) => Note::DraggedOnto { role, name },
            None => Note::DraggedBy { x: to.0 - down.x, y: to.1 - down.y },
        });
        aim(&mut draft, down.what.clone());
        let Some(set) = self.done_in_press(w, down) else {
            self.push_action(w, draft);
            return;
        };
        // The field told its values while it was dragged.
        self.windows[w].typing = None;
        self.release(w);
        let done = &mut self.out.drafts[set];
        (done.kind, done.at, done.note, done.entry) = (MomentKind::Drag, down.at, draft.note, None);
        done.end = at;
    }

    /// What the press itself did to a field, before it ended: a slider that moved, a box that was set.
    fn done_in_press(&self, w: usize, down: &Down) -> Option<Dx> {
        let dx = self.last_action?;
        let draft = &self.out.drafts[dx];
        let own = draft.node == down.id || down.what.as_ref().is_some_and(|what| what.id == draft.node);
        (own && draft.window == self.windows[w].no
            && draft.at >= down.at
            && matches!(draft.kind, MomentKind::Input | MomentKind::Check))
        .then_some(dx)
    }

    fn click(&mut self, w: usize, at: f64, id: u32, event: &Interaction) {
        let pointer = &mut self.windows[w].pointer;
        let up = pointer.up.take();
        if pointer.dragged_until.take().is_some_and(|until| at <= until) {
            self.release(w);
            return;
        }
        if self.is_labels_own(w, at, id) {
            return;
        }
        if let Some((_, down)) = &up
            && let Some(dx) = self.done_in_press(w, down)
        {
            self.out.drafts[dx].end = at;
            self.release(w);
            return;
        }
        let touched = event.pointer == 2 || self.windows[w].pointer.touched_before(at);
        let pressed = up.is_some() || touched || self.windows[w].pointer.presses == 0;
        let what = match up {
            // Released over something else, the browser clicks what holds both (UI Events, section 3.4.3); the
            // person meant what was pressed.
            Some((_, down)) if down.what.is_some() && self.holds(w, id, down.id) => down.what,
            Some((_, down)) => pointed(&self.windows[w].mirror, id).or(down.what),
            None => pointed(&self.windows[w].mirror, id),
        };
        if !pressed && !self.has_focus(w, id, what.as_ref()) {
            // Enter in a field makes the browser click the form's button; else a script clicked.
            if let Some(what) = what.filter(|what| what.target.role == "button") {
                self.entered(w, at, what);
            }
            return;
        }
        let kind = if touched { MomentKind::Touch } else { MomentKind::Click };
        self.push_click(w, at, kind, id, (event.x, event.y), what, pressed);
    }

    /// True when one node is the other or stands above it.
    fn holds(&self, w: usize, outer: u32, inner: u32) -> bool {
        let mirror = &self.windows[w].mirror;
        outer == inner || mirror.by_id(inner).is_some_and(|nx| mirror.lineage(nx).any(|up| mirror.node(up).id == outer))
    }

    /// The click that a browser sends to the field of a clicked label.
    fn is_labels_own(&self, w: usize, at: f64, id: u32) -> bool {
        let Some(last) = &self.windows[w].pointer.last_click else { return false };
        at - last.at <= LABEL_CLICK_MS && id != last.id && {
            let mirror = &self.windows[w].mirror;
            let hit = mirror.by_id(last.id).and_then(|nx| mirror.lineage(nx).find(|up| mirror.tag(*up) == "label"));
            hit.and_then(|label| crate::dom::name::labelled_field(mirror, label))
                .is_some_and(|field| mirror.node(field).id == id)
        }
    }

    fn has_focus(&self, w: usize, id: u32, what: Option<&Described>) -> bool {
        let focus = self.windows[w].focus;
        focus != 0 && (focus == id || what.is_some_and(|what| what.id == focus))
    }

    /// A click of any kind; `pressed` is false for one by the keyboard.
    #[allow(clippy::too_many_arguments)]
    fn push_click(
        &mut self,
        w: usize,
        at: f64,
        kind: MomentKind,
        id: u32,
        place: (f64, f64),
        what: Option<Described>,
        pressed: bool,
    ) {
        let target = what.as_ref().map_or(id, |what| what.id);
        if self.is_again(w, at, target, place, what.as_ref()) {
            self.click_again(w, at, kind, id, pressed);
            return;
        }
        let mut draft = Draft::new(kind, at, self.windows[w].no);
        aim(&mut draft, what);
        draft.node = target;
        let says = |target: &Target| target.name.as_deref().is_some_and(|name| name.contains("new tab"));
        if self.opens_elsewhere(w, target) && !draft.target.as_ref().is_some_and(says) {
            draft.note = Some(Note::OpensNewTab);
        }
        let dx = self.push_action(w, draft);
        self.windows[w].pointer.last_click =
            Some(LastClick { dx, at, id, target, x: place.0, y: place.1, untold: false });
        self.jumped(w, at, dx);
    }

    /// True for a link whose page comes in a window of its own.
    fn opens_elsewhere(&self, w: usize, id: u32) -> bool {
        let mirror = &self.windows[w].mirror;
        mirror.by_id(id).is_some_and(|nx| {
            mirror.tag(nx) == "a"
                && mirror.has(nx, AttrName::Href)
                && mirror.attr(nx, AttrName::Target).is_some_and(|target| target.eq_ignore_ascii_case("_blank"))
        })
    }

    /// True when a click repeats the last one: the same thing at the same place, shortly after.
    fn is_again(&self, w: usize, at: f64, target: u32, place: (f64, f64), what: Option<&Described>) -> bool {
        let Some(last) = &self.windows[w].pointer.last_click else { return false };
        if self.last_action != Some(last.dx) {
            return false;
        }
        let draft = &self.out.drafts[last.dx];
        let (gap, distance) = (at - last.at, (place.0 - last.x).hypot(place.1 - last.y));
        if last.target != target {
            return gap < DOUBLE_MS && distance <= DOUBLE_PX && draft.count == 1 && draft.kind == MomentKind::Click;
        }
        // A row that was filled anew is another thing, and a second double click another act.
        let name = |target: &Target| target.name.clone().or(target.text.clone());
        let same = draft.target.as_ref().map(name) == what.map(|what| name(&what.target)) || gap < DOUBLE_MS;
        same && gap < self.options.rage_gap_ms
            && distance <= self.options.rage_radius_px
            && (draft.kind != MomentKind::DoubleClick || gap < DOUBLE_MS)
    }

    fn click_again(&mut self, w: usize, at: f64, kind: MomentKind, id: u32, pressed: bool) {
        self.active(w, at);
        let Some(last) = self.windows[w].pointer.last_click.as_mut() else { return };
        (last.at, last.id) = (at, id);
        let target = last.target;
        let draft = &mut self.out.drafts[last.dx];
        draft.end = at;
        if draft.node != target {
            draft.node = target;
        }
        match draft.kind {
            MomentKind::DoubleClick => (draft.kind, draft.count) = (kind, draft.count.max(2) + 1),
            _ => draft.count += 1,
        }
        // Three clicks that mark a paragraph are how browsers mark paragraphs.
        let marks = draft.count == 3 && self.windows[w].selected_at > draft.at;
        if pressed && draft.count >= self.options.rage_clicks && !marks {
            draft.signal(Signal::RageClick);
        }
        let pressing = self.windows[w].pressing.take();
        if let Some(watch) = &mut self.windows[w].watch {
            watch.renew(at);
            if let Some(pressing) = pressing {
                watch.absorb(pressing);
            }
        }
    }

    /// Enter was pressed in a field: what was typed was sent.
    fn entered(&mut self, w: usize, at: f64, button: Described) {
        if let Some(dx) = self.last_action
            && self.out.drafts[dx].kind == MomentKind::Input
            && self.out.drafts[dx].window == self.windows[w].no
        {
            let draft = &mut self.out.drafts[dx];
            draft.note = Some(Note::PressedEnter);
            draft.end = at;
            draft.href = button.href;
            self.active(w, at);
            if let Some(watch) = &mut self.windows[w].watch {
                watch.renew(at);
            }
        }
    }

    fn double_click(&mut self, w: usize, at: f64, id: u32, event: &Interaction) {
        if let Some(last) = &self.windows[w].pointer.last_click
            && at - last.at < 600.0
        {
            let draft = &mut self.out.drafts[last.dx];
            if draft.count <= 2 {
                (draft.kind, draft.count) = (MomentKind::DoubleClick, 1);
                draft.end = at;
            }
            return;
        }
        let what = pointed(&self.windows[w].mirror, id);
        self.push_click(w, at, MomentKind::DoubleClick, id, (event.x, event.y), what, true);
    }

    fn context_menu(&mut self, w: usize, at: f64, id: u32) {
        self.windows[w].pointer.down = None;
        self.windows[w].pointer.up = None;
        let mut draft = Draft::new(MomentKind::ContextMenu, at, self.windows[w].no);
        let what = pointed(&self.windows[w].mirror, id);
        aim(&mut draft, what);
        self.push_action(w, draft);
    }

    fn touch_start(&mut self, w: usize, at: f64, id: u32, event: &Interaction) {
        self.settle_pointer(w, f64::INFINITY);
        self.active(w, at);
        let what = pointed(&self.windows[w].mirror, id);
        let pointer = &mut self.windows[w].pointer;
        pointer.touched_at = Some(at);
        pointer.presses += 1;
        self.press(w, at);
        self.windows[w].pointer.touch = Some(Down { at, id, x: event.x, y: event.y, what });
    }

    fn touch_end(&mut self, w: usize, at: f64, event: &Interaction) {
        let pointer = &mut self.windows[w].pointer;
        pointer.touched_at = Some(at);
        if let Some(touch) = pointer.touch.take()
            && (event.x - touch.x).hypot(event.y - touch.y) <= DRAG_PX * 2.0
        {
            pointer.up = Some((at, touch));
        } else {
            self.release(w);
        }
    }

    /// A press whose Click never came is a click to the one who pressed: what was under the pointer moved
    /// or went away.
    pub(crate) fn settle_pointer(&mut self, w: usize, now: f64) {
        let pointer = &mut self.windows[w].pointer;
        let Some((at, _)) = pointer.up.as_ref() else { return };
        let touched = pointer.touched_before(*at);
        let wait = if touched { TAP_CLICK_MS } else { CLICK_AFTER_UP_MS };
        if now - at <= wait {
            return;
        }
        if let Some((_, down)) = pointer.up.take()
            && let Some(what) = down.what
        {
            let kind = if touched { MomentKind::Touch } else { MomentKind::Click };
            self.push_click(w, down.at, kind, down.id, (down.x, down.y), Some(what), true);
            self.clicked_untold(w, down.at);
        }
    }

    /// The last click was one of which the browser told no Click. Two of them at one place and in quick
    /// succession are a double click, which it doesn't tell then either.
    fn clicked_untold(&mut self, w: usize, at: f64) {
        let Some(last) = &mut self.windows[w].pointer.last_click else { return };
        let again = std::mem::replace(&mut last.untold, true);
        let draft = &mut self.out.drafts[last.dx];
        if again && draft.kind == MomentKind::Click && draft.count == 2 && at - draft.at < DOUBLE_MS {
            (draft.kind, draft.count) = (MomentKind::DoubleClick, 1);
        }
    }

    /// A Drag event: positions of a native drag and drop.
    pub(crate) fn native_drag(&mut self, w: usize, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
        let mut last: Option<(u32, f64, f64)> = None;
        while let Some(key) = cursor.key()? {
            if key != b"positions" || cursor.peek() != b'[' {
                cursor.skip()?;
                continue;
            }
            cursor.array()?;
            while cursor.item()? {
                let (mut id, mut x, mut y) = (None, 0.0, 0.0);
                each_field(&mut cursor, |key, cursor| {
                    match key {
                        b"id" => id = cursor.node_id()?,
                        b"x" => x = cursor.number()?.unwrap_or_default(),
                        b"y" => y = cursor.number()?.unwrap_or_default(),
                        _ => {
                            cursor.skip()?;
                        }
                    }
                    Ok(())
                })?;
                if let Some(id) = id {
                    last = Some((id, x, y));
                }
            }
        }
        if let Some((id, x, y)) = last {
            self.drag_over(w, at, id, (x, y));
        }
        Ok(())
    }

    fn drag_over(&mut self, w: usize, at: f64, id: u32, to: (f64, f64)) {
        if let Some((dx, last)) = self.windows[w].pointer.drag
            && at - last < 1500.0
        {
            let onto = pointed(&self.windows[w].mirror, id);
            let draft = &mut self.out.drafts[dx];
            draft.end = at;
            if let Some(onto) = onto
                && onto.id != draft.node
                && let Some(name) = onto.target.name.or(onto.target.text)
            {
                draft.note = Some(Note::DraggedOnto { role: onto.target.role, name });
            }
            self.windows[w].pointer.drag = Some((dx, at));
            return;
        }
        let Some(down) = self.windows[w].pointer.down.take() else { return };
        self.push_drag(w, at, id, &down, to);
        if let Some(dx) = self.last_action {
            self.windows[w].pointer.drag = Some((dx, at));
        }
    }

    /// A Selection event.
    pub(crate) fn selection(&mut self, w: usize, at: f64, mut cursor: Cursor<'_>) -> Read<()> {
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
                    self.windows[w].selected_at = at;
                    self.answered(w, at, SELECT_ANSWER_MS);
                }
            }
        }
        Ok(())
    }

    fn focused(&mut self, w: usize, at: f64, id: u32) {
        if self.windows[w].focus != id {
            self.windows[w].focused_at = at;
        }
        self.windows[w].focus = id;
        self.windows[w].typed_in = 0;
        self.windows[w].focus_unseen = false;
        self.answered(w, at, FOCUS_ANSWER_MS);
        self.focus_moved(w, at, id);
    }

    fn blurred(&mut self, w: usize, id: u32) {
        if self.windows[w].focus == id {
            self.windows[w].focus = 0;
        }
    }
}

/// Points a draft at what was described.
pub(crate) fn aim(draft: &mut Draft, what: Option<Described>) {
    if let Some(what) = what {
        draft.node = what.id;
        draft.masked |= what.masked;
        draft.quiet = what.quiet;
        draft.href = what.href;
        draft.form = what.form;
        if what.blocked {
            draft.doubt(Doubt::Blocked);
        }
        draft.target = Some(what.target);
    }
}
