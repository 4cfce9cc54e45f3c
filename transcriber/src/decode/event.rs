//! Events of a recording, not yet read further than their frames.
//!
//! In: what [`envelope`](super::envelope) found. Out: an event's window, type and time, and its data as JSON text, wherever
//! that is. Never here: what the data says, but for the source of an incremental event.

use std::borrow::Cow;

use super::again::{Again, Span};
use super::blocks::{OpenBlocks, Place};
use crate::dialects::rrweb::EventType;

/// One event, not yet read further than its frame.
#[derive(Clone, Debug)]
pub(crate) struct Event<'a> {
    /// The window that it names, when it does.
    pub(crate) window: Option<Cow<'a, str>>,
    /// `type`.
    pub(crate) event_type: EventType,
    /// `timestamp`, as it stands.
    pub(crate) at: Option<f64>,
    /// `data`; empty when there is none.
    pub(crate) data: Data<'a>,
    /// Its data may hold [facts](crate::dialects::Fact).
    pub(crate) may_hold_facts: bool,
}

/// The JSON text of an event's data, or where it is to be had.
#[derive(Clone, Debug)]
pub(crate) enum Data<'a> {
    Plain(Cow<'a, [u8]>),
    /// In a block that was compressed while the text was read.
    Parked(Place),
    /// In the text, which is decompressed once more.
    Again(Span),
}

impl Data<'_> {
    /// No text.
    pub(crate) const NONE: Self = Self::Plain(Cow::Borrowed(&[]));

    /// The text.
    pub(crate) fn read<'s>(&'s self, open: &'s mut Open<'_>) -> &'s [u8] {
        match self {
            Self::Plain(text) => text,
            Self::Parked(place) => open.blocks.read(place),
            Self::Again(span) => open.again.read(span),
        }
    }

    /// Where the text stands, when it is read again.
    pub(crate) fn span(&self) -> Option<&Span> {
        match self {
            Self::Again(span) => Some(span),
            Self::Plain(_) | Self::Parked(_) => None,
        }
    }

    /// The text, when it is at hand.
    pub(crate) fn plain(&self) -> Option<&[u8]> {
        match self {
            Self::Plain(text) => Some(text),
            Self::Parked(_) | Self::Again(_) => None,
        }
    }
}

/// What reads data that is not at hand.
pub(crate) struct Open<'a> {
    pub(crate) blocks: OpenBlocks,
    pub(crate) again: Again<'a>,
}

impl Event<'_> {
    /// The event with data of its own.
    pub(super) fn into_owned(self) -> Event<'static> {
        let data = match &self.data {
            Data::Plain(text) => Data::Plain(Cow::Owned(text.to_vec())),
            Data::Parked(place) => Data::Parked(place.clone()),
            Data::Again(span) => Data::Again(span.clone()),
        };
        self.with(data)
    }

    /// The event with other data.
    pub(crate) fn with(self, data: Data<'static>) -> Event<'static> {
        let window = self.window.map(|window| Cow::Owned(window.into_owned()));
        Event { window, event_type: self.event_type, at: self.at, data, may_hold_facts: self.may_hold_facts }
    }
}
