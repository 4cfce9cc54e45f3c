//! Sentry's envelope: a header line, then items of a header line and a payload each.
//!
//! A payload has the length that its header tells, or ends with its line. Where the length is wrong, the payload ends
//! before the next line that is an item's header. What is broken costs itself, and is named.

mod header;

use bytes::Bytes;
use memchr::{memchr, memmem};
use serde_json::Value;

use super::super::value::{hex_id, text};
use header::Header;

/// Items of one envelope that are read. SDKs send at most about 100.
pub(crate) const ITEMS_MAX: usize = 1000;
/// Bytes of a header line.
const HEADER_BYTES_MAX: usize = 64 << 10;

/// What was read of an envelope.
#[derive(Debug, Default)]
pub(crate) struct Envelope {
    pub(crate) header: Value,
    pub(crate) items: Vec<Item>,
    pub(crate) defects: Vec<Defect>,
}

/// One item.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) kind: ItemKind,
    pub(crate) header: Value,
    pub(crate) payload: Bytes,
}

/// A flaw that was worked around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// The first line is no JSON object.
    BadHeader,
    /// A line that should be an item's header is none; it was skipped.
    BadItemHeader,
    /// A payload is longer or shorter than its header says.
    WrongLength,
    /// There are more than [`ITEMS_MAX`] items; the rest was not read.
    TooManyItems,
}

impl Defect {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::BadHeader => "bad_envelope_header",
            Self::BadItemHeader => "bad_item_header",
            Self::WrongLength => "wrong_length",
            Self::TooManyItems => "too_many_items",
        }
    }
}

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ItemKind {
    Event,
    ReplayEvent,
    ReplayRecording,
    Feedback,
    UserReport,
    Attachment,
    /// Sessions, transactions, spans, client reports, logs, and whatever comes to be.
    Other,
}

impl ItemKind {
    fn of_name(name: &str) -> Self {
        match name {
            "event" | "error" | "default" => Self::Event,
            "replay_event" => Self::ReplayEvent,
            "replay_recording" | "replay_recording_not_chunked" => Self::ReplayRecording,
            "feedback" => Self::Feedback,
            "user_report" => Self::UserReport,
            "attachment" => Self::Attachment,
            _ => Self::Other,
        }
    }

    /// True when a payload without a length may hold newlines.
    fn is_binary(self) -> bool {
        matches!(self, Self::ReplayRecording | Self::Attachment)
    }
}

impl Item {
    /// True when its payload is read into memory as a tree.
    pub(crate) fn is_tree(&self) -> bool {
        !matches!(self.kind, ItemKind::ReplayRecording | ItemKind::Attachment | ItemKind::Other)
    }

    /// The name that the SDK gives its kind.
    pub(crate) fn name(&self) -> &str {
        text(&self.header, "/type").unwrap_or("nameless")
    }
}

impl Envelope {
    /// Reads an envelope. Never fails: there may be nothing in it.
    pub(crate) fn parse(body: &Bytes) -> Self {
        let mut envelope = Self::default();
        let mut reader = Reader { body, at: 0 };
        reader.skip_blank_lines();
        let start = reader.at;
        match header(reader.line()) {
            // Some proxies lose the first line.
            Some(header) if is_item_header(&header) => reader.at = start,
            Some(header) => envelope.header = header,
            None => envelope.defects.push(Defect::BadHeader),
        }
        loop {
            reader.skip_blank_lines();
            if reader.is_at_end() {
                return envelope;
            }
            if envelope.items.len() + envelope.defects.len() >= ITEMS_MAX {
                envelope.defects.push(Defect::TooManyItems);
                return envelope;
            }
            match header(reader.line()).filter(|header| header.get("type").is_some()) {
                Some(header) => {
                    let item = reader.item(header, &mut envelope.defects);
                    envelope.items.push(item);
                }
                None => envelope.defects.push(Defect::BadItemHeader),
            }
        }
    }

    /// The key of the DSN, which a tunnel's envelopes carry.
    pub(crate) fn dsn_key(&self) -> Option<&str> {
        let (_, rest) = text(&self.header, "/dsn")?.split_once("://")?;
        let (user, _) = rest.split_once('@')?;
        user.split(':').next().filter(|key| !key.is_empty())
    }

    /// The public key of the trace, which is that of the DSN.
    pub(crate) fn trace_key(&self) -> Option<&str> {
        text(&self.header, "/trace/public_key")
    }

    /// The replay that recorded when the envelope was made. Events don't always name it themselves.
    pub(crate) fn replay_id(&self) -> Option<String> {
        text(&self.header, "/trace/replay_id").map(hex_id)
    }

    /// The id of the event that the items are about.
    pub(crate) fn event_id(&self) -> Option<String> {
        text(&self.header, "/event_id").map(hex_id)
    }
}

/// A line that is a JSON object, and not larger than a header may be.
fn header(line: &[u8]) -> Option<Value> {
    if line.len() > HEADER_BYTES_MAX {
        return None;
    }
    serde_json::from_slice::<Header>(line).ok().map(|header| header.0).filter(Value::is_object)
}

fn is_item_header(header: &Value) -> bool {
    text(header, "/type").is_some() && header.get("sdk").is_none() && header.get("sent_at").is_none()
}

struct Reader<'a> {
    body: &'a Bytes,
    at: usize,
}

impl Reader<'_> {
    fn is_at_end(&self) -> bool {
        self.at >= self.body.len()
    }

    fn rest(&self) -> &[u8] {
        self.body.get(self.at..).unwrap_or_default()
    }

    fn skip_blank_lines(&mut self) {
        let blank = self.rest().iter().take_while(|b| matches!(b, b'\n' | b'\r' | b' ' | b'\t')).count();
        self.at += blank;
        if self.at == 0 {
            self.at = self.body.len() - playhead_json::without_bom(self.body).len();
        }
    }

    /// Takes a line without its end.
    fn line(&mut self) -> &[u8] {
        let start = self.at;
        let length = memchr(b'\n', self.rest()).unwrap_or(self.rest().len());
        self.at = (start + length + 1).min(self.body.len());
        self.body.get(start..start + length).unwrap_or_default()
    }

    fn item(&mut self, header: Value, defects: &mut Vec<Defect>) -> Item {
        let kind = ItemKind::of_name(text(&header, "/type").unwrap_or_default());
        let told = header.get("length").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let length = match told {
            Some(length) if self.fits(length) => length,
            Some(_) => {
                defects.push(Defect::WrongLength);
                self.length_to_next_header()
            }
            None if kind.is_binary() => self.length_to_next_header(),
            None => memchr(b'\n', self.rest()).unwrap_or(self.rest().len()),
        };
        let payload = self.body.slice(self.at..self.at + length);
        self.at = (self.at + length + 1).min(self.body.len());
        Item { kind, header, payload }
    }

    /// True when a payload of this length ends with its line, or with the body.
    fn fits(&self, length: usize) -> bool {
        let rest = self.rest();
        length == rest.len() || rest.get(length).is_some_and(|b| matches!(b, b'\n' | b'\r'))
    }

    /// The length of what comes before the next line that is an item's header.
    fn length_to_next_header(&self) -> usize {
        let rest = self.rest();
        for at in memmem::find_iter(rest, b"\n{\"") {
            let line = &rest[at + 1..];
            let line = &line[..memchr(b'\n', line).unwrap_or(line.len())];
            // The header line inside a recording has no type.
            if header(line).is_some_and(|header| is_item_header(&header)) {
                return at;
            }
        }
        rest.len() - usize::from(rest.ends_with(b"\n"))
    }
}

#[cfg(test)]
mod tests;
