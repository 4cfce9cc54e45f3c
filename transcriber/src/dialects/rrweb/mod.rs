//! rrweb itself: the types of events, the sources of incremental events, the kinds of interactions, and its plugins.
//!
//! The names are those of rrweb's own type declarations (`@rrweb/types`). Every number that rrweb does not define is
//! kept as it is, because recordings of newer versions hold numbers that this list lacks.

pub(super) mod console;
mod network;

use std::fmt;

use playhead_json::{Cursor, Read};
use playhead_schemas::timeline::DefectCode;

use super::event::{Dialect, Plugin};
use super::fact::Fact;
use crate::console::ConsoleSource;
use crate::defects::Defects;

/// The `type` of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventType {
    /// 0. In the dialect of 2018 it holds the page's address, which is now in [`Meta`](Self::Meta).
    DomContentLoaded,
    /// 1. In the dialect of 2018 it holds the size of the viewport.
    Load,
    /// 2: the whole document.
    FullSnapshot,
    /// 3: one change or interaction, told apart by its [`IncrementalSource`].
    IncrementalSnapshot,
    /// 4: the page's address and the size of the viewport.
    Meta,
    /// 5: an event of an SDK or an application, under a tag.
    Custom,
    /// 6: an event of a plugin, under the plugin's name.
    Plugin,
    /// 7: a resource that was captured with the page.
    Asset,
    /// 8: a caption or a marker on the player's timeline.
    Annotation,
    /// A type that this list lacks; -1 when the event has no number for it.
    Unknown(i32),
    /// Not written by any recorder: the event's compressed data could not be read, which a defect says already.
    Undecoded,
}

impl EventType {
    /// The number of [`EventType::Undecoded`] in the texts of defects.
    const UNDECODED: i32 = -2;

    /// The type that `number` stands for. A missing number counts as -1.
    pub(crate) fn from_number(number: Option<f64>) -> Self {
        match number.map_or(-1, |number| number as i32) {
            0 => Self::DomContentLoaded,
            1 => Self::Load,
            2 => Self::FullSnapshot,
            3 => Self::IncrementalSnapshot,
            4 => Self::Meta,
            5 => Self::Custom,
            6 => Self::Plugin,
            7 => Self::Asset,
            8 => Self::Annotation,
            Self::UNDECODED => Self::Undecoded,
            other => Self::Unknown(other),
        }
    }

    /// The number that stands for it.
    fn number(self) -> i32 {
        match self {
            Self::DomContentLoaded => 0,
            Self::Load => 1,
            Self::FullSnapshot => 2,
            Self::IncrementalSnapshot => 3,
            Self::Meta => 4,
            Self::Custom => 5,
            Self::Plugin => 6,
            Self::Asset => 7,
            Self::Annotation => 8,
            Self::Unknown(number) => number,
            Self::Undecoded => Self::UNDECODED,
        }
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}

/// The `source` of an [`EventType::IncrementalSnapshot`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IncrementalSource {
    /// 0: nodes were added, removed or changed.
    Mutation,
    /// 1.
    MouseMove,
    /// 2: a press, click, touch, or a change of focus. See [`MouseInteraction`].
    MouseInteraction,
    /// 3.
    Scroll,
    /// 4.
    ViewportResize,
    /// 5: a form field has another value.
    Input,
    /// 6.
    TouchMove,
    /// 7. See [`MediaInteraction`].
    MediaInteraction,
    /// 8.
    StyleSheetRule,
    /// 9.
    CanvasMutation,
    /// 10.
    Font,
    /// 11: a console line, before rrweb had plugins.
    Log,
    /// 12: a native drag moved.
    Drag,
    /// 13.
    StyleDeclaration,
    /// 14: text was selected.
    Selection,
    /// 15.
    AdoptedStyleSheet,
    /// 16.
    CustomElement,
    /// A source that this list lacks; -1 when it is no number.
    Unknown(i32),
}

impl IncrementalSource {
    /// The source that `number` stands for. A missing number counts as -1.
    pub(crate) fn from_number(number: Option<f64>) -> Self {
        match number.map_or(-1, |number| number as i32) {
            0 => Self::Mutation,
            1 => Self::MouseMove,
            2 => Self::MouseInteraction,
            3 => Self::Scroll,
            4 => Self::ViewportResize,
            5 => Self::Input,
            6 => Self::TouchMove,
            7 => Self::MediaInteraction,
            8 => Self::StyleSheetRule,
            9 => Self::CanvasMutation,
            10 => Self::Font,
            11 => Self::Log,
            12 => Self::Drag,
            13 => Self::StyleDeclaration,
            14 => Self::Selection,
            15 => Self::AdoptedStyleSheet,
            16 => Self::CustomElement,
            other => Self::Unknown(other),
        }
    }
}

/// The `type` of an [`IncrementalSource::MouseInteraction`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MouseInteraction {
    /// 0.
    MouseUp,
    /// 1.
    MouseDown,
    /// 2.
    Click,
    /// 3.
    ContextMenu,
    /// 4.
    DoubleClick,
    /// 5.
    Focus,
    /// 6.
    Blur,
    /// 7.
    TouchStart,
    /// 9.
    TouchEnd,
    /// 10.
    TouchCancel,
    /// 8, which rrweb no longer writes, a number that this list lacks, or none.
    Unknown,
}

impl MouseInteraction {
    /// The interaction that `number` stands for.
    pub(crate) fn from_number(number: Option<f64>) -> Self {
        match number.map_or(-1, |number| number as i32) {
            0 => Self::MouseUp,
            1 => Self::MouseDown,
            2 => Self::Click,
            3 => Self::ContextMenu,
            4 => Self::DoubleClick,
            5 => Self::Focus,
            6 => Self::Blur,
            7 => Self::TouchStart,
            9 => Self::TouchEnd,
            10 => Self::TouchCancel,
            _ => Self::Unknown,
        }
    }
}

/// The `type` of an [`IncrementalSource::MediaInteraction`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MediaInteraction {
    /// 0.
    Play,
    /// 1.
    Pause,
    /// 2.
    Seeked,
    /// 3.
    VolumeChange,
    /// 4.
    RateChange,
}

impl MediaInteraction {
    /// The interaction that `number` stands for, when rrweb defines one.
    pub(crate) fn from_number(number: Option<f64>) -> Option<Self> {
        Some(match number? as i32 {
            0 => Self::Play,
            1 => Self::Pause,
            2 => Self::Seeked,
            3 => Self::VolumeChange,
            4 => Self::RateChange,
            _ => return None,
        })
    }
}

/// The source of an incremental event, and the reader of its other fields.
pub(crate) fn source_of(data: &[u8]) -> Read<Option<(IncrementalSource, Cursor<'_>)>> {
    let mut cursor = Cursor::new(data);
    if cursor.peek() != b'{' {
        return Ok(None);
    }
    cursor.object()?;
    let start = cursor;
    let mut first = true;
    while let Some(key) = cursor.key()? {
        if key == b"source" {
            let source = IncrementalSource::from_number(cursor.number()?);
            // As rrweb writes it the source comes first, and reading goes on from there.
            return Ok(Some((source, if first { cursor } else { start })));
        }
        first = false;
        cursor.skip()?;
    }
    Ok(None)
}

/// True for the data of a Log, whatever the order of its keys.
pub(crate) fn is_log(data: &[u8]) -> bool {
    matches!(source_of(data), Ok(Some((IncrementalSource::Log, _))))
}

pub(super) struct Rrweb;

impl Dialect for Rrweb {
    fn plugin(&self, event: &Plugin<'_>, defects: &mut Defects) -> Option<Vec<Fact>> {
        if event.name.contains("network") {
            let requests = network::requests(event.at, event.payload, defects);
            return Some(requests.into_iter().map(Box::new).map(Fact::Request).collect());
        }
        if !event.name.contains("console") {
            return None;
        }
        let line = console::line(event.at, event.payload, ConsoleSource::PluginRrweb);
        if line.is_none() {
            defects.add(DefectCode::BadEvent, || "a console event without a message".to_owned());
        }
        Some(line.map(Box::new).map(Fact::Line).into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_kept_in_texts() {
        for number in -3..12 {
            assert_eq!(EventType::from_number(Some(f64::from(number))).to_string(), number.to_string());
        }
        assert_eq!(EventType::from_number(None), EventType::Unknown(-1));
        assert_eq!(IncrementalSource::from_number(Some(11.0)), IncrementalSource::Log);
        assert_eq!(IncrementalSource::from_number(Some(17.0)), IncrementalSource::Unknown(17));
        assert_eq!(MouseInteraction::from_number(Some(8.0)), MouseInteraction::Unknown);
        assert_eq!(MediaInteraction::from_number(Some(-1.0)), None);
    }
}
