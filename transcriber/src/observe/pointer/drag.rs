//! Drags: a pointer that moves while it is pressed, and native drag and drop.

use playhead_json::{Cursor, Read, each_field};
use playhead_schemas::timeline::MomentKind;

use super::click::is_or_holds;
use super::{CLICK_AFTER_UP_MS, DRAG_PX, Interaction, Pointer, Press};

use crate::observe::draft::{DraftIndex, Note};
use crate::observe::fields::Fields;
use crate::observe::target::describe_pointed;
use crate::observe::window::Context;

/// Events of a native drag this close together are of one drag.
const NATIVE_DRAG_GAP_MS: f64 = 1500.0;

impl Pointer {
    pub(super) fn mouse_up(
        &mut self,
        cx: &mut Context<'_, '_>,
        fields: &mut Fields,
        at: f64,
        id: u32,
        event: &Interaction,
    ) {
        let Some(down) = self.down.take() else { return };
        if (event.x - down.x).hypot(event.y - down.y) <= DRAG_PX {
            self.up = Some((at, down));
            return;
        }
        self.dragged_until = Some(at + CLICK_AFTER_UP_MS);
        if self.selected_at >= down.at && down.what.as_ref().is_none_or(|what| what.target.role != "slider") {
            // Text was marked: the page only shows a selection.
            cx.outcomes.release();
            return;
        }
        push_drag(cx, fields, at, id, &down, (event.x, event.y));
    }

    /// A Drag event: positions of a native drag and drop.
    pub(crate) fn native_drag(
        &mut self,
        cx: &mut Context<'_, '_>,
        fields: &mut Fields,
        at: f64,
        mut cursor: Cursor<'_>,
    ) -> Read<()> {
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
            self.drag_over(cx, fields, at, id, (x, y));
        }
        Ok(())
    }

    fn drag_over(&mut self, cx: &mut Context<'_, '_>, fields: &mut Fields, at: f64, id: u32, to: (f64, f64)) {
        if let Some((drag, last)) = &mut self.drag
            && at - *last < NATIVE_DRAG_GAP_MS
        {
            *last = at;
            let onto = describe_pointed(cx.mirror, id);
            let node = cx.log.draft(*drag).node;
            let draft = cx.log.draft_mut(*drag);
            draft.end = at;
            let is_dragged = |id: u32| is_or_holds(cx.mirror, id, node) || is_or_holds(cx.mirror, node, id);
            // Browsers report a drag at what is dragged, wherever the pointer is.
            if let Some(onto) = onto
                && !is_dragged(onto.id)
                && let Some(name) = onto.target.name.or(onto.target.text)
            {
                draft.note = Some(Note::DraggedOnto { role: onto.target.role, name });
            }
            return;
        }
        let Some(down) = self.down.take() else { return };
        push_drag(cx, fields, at, id, &down, to);
        if let Some(action) = cx.log.last_action {
            self.drag = Some((action, at));
        }
    }
}

fn push_drag(cx: &mut Context<'_, '_>, fields: &mut Fields, at: f64, onto: u32, down: &Press, to: (f64, f64)) {
    let mut draft = cx.draft(MomentKind::Drag, down.at);
    draft.end = at;
    let slides = down.what.as_ref().is_some_and(|what| what.target.role == "slider");
    let onto = (onto != down.id && !slides).then(|| describe_pointed(cx.mirror, onto)).flatten();
    let dragged = down.what.as_ref().map_or(down.id, |what| what.id);
    let place = onto
        .filter(|onto| !is_or_holds(cx.mirror, onto.id, dragged) && !is_or_holds(cx.mirror, dragged, onto.id))
        // What is drawn at the pointer while something is dragged is a copy of it.
        .filter(|onto| {
            down.what.as_ref().is_none_or(|what| what.target.name.is_none() || what.target.name != onto.target.name)
        })
        .filter(|onto| onto.target.role != "document")
        .and_then(|onto| onto.target.name.or(onto.target.text).map(|name| (onto.target.role, name)));
    draft.note = Some(match place {
        Some((role, name)) => Note::DraggedOnto { role, name },
        None => Note::DraggedBy { x: to.0 - down.x, y: to.1 - down.y },
    });
    draft.aim(down.what.clone());
    let Some(set) = set_by_press(cx, down) else {
        fields.end_typing(cx);
        cx.act(draft);
        return;
    };
    // The field reported its values while it was dragged.
    fields.drop_typing();
    cx.outcomes.release();
    let done = cx.log.draft_mut(set);
    (done.kind, done.at, done.note, done.entry) = (MomentKind::Drag, down.at, draft.note, None);
    done.end = at;
}

/// What the press itself did to a field, before it ended: a slider that moved, a box that was set.
pub(super) fn set_by_press(cx: &Context<'_, '_>, down: &Press) -> Option<DraftIndex> {
    let action = cx.log.last_action_in(cx.no)?;
    let draft = cx.log.draft(action);
    let own = draft.node == down.id || down.what.as_ref().is_some_and(|what| what.id == draft.node);
    (own && draft.at >= down.at && matches!(draft.kind, MomentKind::Input | MomentKind::Check)).then_some(action)
}
