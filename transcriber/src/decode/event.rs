//! Events of a recording, of which only the outer fields were read.
//!
//! In: what [`envelope`](super::envelope) found. Out: an event's window, type and time, and its data as JSON text,
//! wherever that is stored. Never here: what the data says.

use std::borrow::Cow;

use super::blocks::{BlockRange, BlockReader};
use super::reread::{Rereader, StreamRange};
use crate::dialects::rrweb::EventType;

/// One event, of which only the outer fields were read.
#[derive(Clone, Debug)]
pub(crate) struct Event<'a> {
    /// The window that the event or its envelope names.
    pub(crate) window: Option<Cow<'a, str>>,
    /// `type`.
    pub(crate) event_type: EventType,
    /// `timestamp`, as it is written.
    pub(crate) at: Option<f64>,
    /// `data`; empty when there is none.
    pub(crate) data: Data<'a>,
    /// Its data may hold [facts](crate::dialects::Fact).
    pub(crate) may_hold_facts: bool,
}

/// The JSON text of an event's data, or where it is stored.
#[derive(Clone, Debug)]
pub(crate) enum Data<'a> {
    /// The text.
    Text(Cow<'a, [u8]>),
    /// In a block that was compressed while the text was read.
    InBlock(BlockRange),
    /// In its stream, which is decompressed a second time.
    InStream(StreamRange),
}

impl Data<'_> {
    /// No text.
    pub(crate) const NONE: Self = Self::Text(Cow::Borrowed(&[]));

    /// The text, read from where it is stored.
    pub(crate) fn read<'s>(&'s self, reader: &'s mut DataReader<'_>) -> &'s [u8] {
        match self {
            Self::Text(text) => text,
            Self::InBlock(range) => reader.blocks.read(range),
            Self::InStream(range) => reader.streams.read(range),
        }
    }

    /// Where in its stream the text is, when it is read a second time.
    pub(crate) fn stream_range(&self) -> Option<&StreamRange> {
        match self {
            Self::InStream(range) => Some(range),
            Self::Text(_) | Self::InBlock(_) => None,
        }
    }

    /// The text, when it is in memory.
    pub(crate) fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Text(text) => Some(text),
            Self::InBlock(_) | Self::InStream(_) => None,
        }
    }
}

/// Reads data that is not in memory.
pub(crate) struct DataReader<'a> {
    pub(crate) blocks: BlockReader,
    pub(crate) streams: Rereader<'a>,
}

impl Event<'_> {
    /// The event with data that borrows nothing.
    pub(super) fn into_owned(self) -> Event<'static> {
        let data = match &self.data {
            Data::Text(text) => Data::Text(Cow::Owned(text.to_vec())),
            Data::InBlock(range) => Data::InBlock(range.clone()),
            Data::InStream(range) => Data::InStream(range.clone()),
        };
        self.with(data)
    }

    /// The event with other data.
    pub(crate) fn with(self, data: Data<'static>) -> Event<'static> {
        let window = self.window.map(|window| Cow::Owned(window.into_owned()));
        Event { window, event_type: self.event_type, at: self.at, data, may_hold_facts: self.may_hold_facts }
    }
}
