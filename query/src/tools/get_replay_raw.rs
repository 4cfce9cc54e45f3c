//! `get_replay_raw`: a recording as it was uploaded, by the page.

use std::borrow::Cow;

use playhead_access::Action;
use playhead_schemas::{BugId, ErrorCode, ReplayId, Stream, limits};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};

use crate::args::{MaxTokens, Whole};
use crate::call::Call;
use crate::choice::One;
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::raw::{Decoded, RawStream};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct GetReplayRaw;

/// The least and the most that can be asked for in one answer, in bytes: the most is 2 MiB.
const BYTES_MIN: u64 = 1_000;
const BYTES_MAX: u64 = 2 << 20;
/// Bytes that are read for each token of the answer: few tokens are longer.
const TOKEN_BYTES: usize = 8;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Either this or replay_id.
    bug_id: Option<BugId>,
    replay_id: Option<ReplayId>,
    stream: One<Stream>,
    /// In bytes.
    #[serde(default)]
    offset: u64,
    /// Needed beyond the first 200 KB, and for max_bytes.
    #[serde(default)]
    acknowledge_size: bool,
    /// Bytes of this answer, instead of max_tokens; up to 2 MiB.
    max_bytes: Option<AskedBytes>,
    max_tokens: Option<MaxTokens>,
}

/// Bytes of an answer, as a caller asks for them. More than an answer has is read, to be refused as too large.
#[derive(Clone, Copy, Debug)]
struct AskedBytes(u64);

impl<'de> Deserialize<'de> for AskedBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let taken = Whole { least: BYTES_MIN, most: BYTES_MAX };
        match deserializer.deserialize_any(taken)? {
            bytes if bytes < BYTES_MIN => Err(de::Error::invalid_value(de::Unexpected::Unsigned(bytes), &taken)),
            bytes => Ok(Self(bytes)),
        }
    }
}

impl JsonSchema for AskedBytes {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "AskedBytes".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": BYTES_MIN, "maximum": BYTES_MAX})
    }
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: self.bug_id, replay: self.replay_id, ..NamedRows::default() }
    }

    fn max_tokens(&self) -> Option<MaxTokens> {
        self.max_tokens
    }
}

/// A part of a stream, as it was read.
pub(crate) struct Part {
    replay: ReplayId,
    stream: Stream,
    total_bytes: u64,
    offset: u64,
    decoded: Decoded,
    is_acknowledged: bool,
    /// True when all of the part was asked for, regardless of its tokens.
    is_whole: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    replay_id: ReplayId,
    total_bytes: u64,
    offset: u64,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    untrusted: String,
    #[serde(skip)]
    stream: &'static str,
    #[serde(skip)]
    is_whole: bool,
}

impl Tool for GetReplayRaw {
    const NAME: &'static str = "get_replay_raw";
    const TITLE: &'static str = "Read raw recording data";
    const DESCRIPTION: &'static str = "Gives a replay's uploaded JSON (rrweb events, console, HAR) from a byte \
        offset. get_replay_transcript is easier to read.";
    const ACTION: Action = Action::ReadRecordings;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Part;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Part, ToolError> {
        let replay = call.replay_of(input.bug_id, input.replay_id).await?;
        let raw = RawStream::find(call.store(), replay.id, input.stream.0).await?;
        let (total_bytes, offset, is_acknowledged) = (raw.bytes(), input.offset, input.acknowledge_size);
        let max_bytes = input.max_bytes.map(AskedBytes::checked).transpose()?;
        if total_bytes > 0 {
            check(offset, total_bytes, is_acknowledged, max_bytes.is_some())?;
        }
        let asked = max_bytes.unwrap_or(call.budget().tokens_max * TOKEN_BYTES);
        let free = usize::try_from(limits::RAW_BYTES_FREE.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = if is_acknowledged { asked } else { asked.min(free) };
        let bytes = raw.read(call.store(), offset, len).await?;
        Ok(Part {
            replay: replay.id,
            stream: input.stream.0,
            total_bytes,
            offset,
            decoded: Decoded::new(&bytes, offset + bytes.len() as u64 >= total_bytes),
            is_acknowledged,
            is_whole: max_bytes.is_some(),
        })
    }

    fn render(data: &Part, budget: TokenBudget) -> Output {
        let text = data.decoded.text.as_str();
        let cut = if data.is_whole { text } else { Meter::new(budget).admit_prefix(text) };
        let end = data.offset + data.decoded.bytes_of(cut.len()) as u64;
        let next_offset = (end < data.total_bytes).then_some(end);
        Output {
            replay_id: data.replay,
            total_bytes: data.total_bytes,
            offset: data.offset,
            next_offset,
            note: match next_offset {
                _ if data.total_bytes == 0 => Some(format!("The replay has no {} data.", data.stream)),
                Some(end) => Some(way_on(end, data.is_acknowledged)),
                None => None,
            },
            untrusted: untrusted::clean(cut),
            stream: data.stream.as_str(),
            is_whole: data.is_whole,
        }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let mut text = format!("Stream {} of replay {}: {} bytes.\n", self.stream, self.replay_id, self.total_bytes);
        if !self.untrusted.is_empty() {
            text.push_str(&format!(
                "From byte {}:\n{}",
                self.offset,
                untrusted::block(Source::Replay, &self.untrusted)
            ));
        }
        text.extend(self.note.iter().map(|note| format!("{note}\n")));
        text
    }

    fn is_size_acknowledged(&self) -> bool {
        self.is_whole
    }
}

impl AskedBytes {
    fn checked(self) -> Result<usize, ToolError> {
        let fits = usize::try_from(self.0).ok().filter(|_| self.0 <= BYTES_MAX);
        fits.ok_or_else(|| {
            ToolError::new(
                ErrorCode::PayloadTooLarge,
                format!("max_bytes must be a whole number from {BYTES_MIN} to {BYTES_MAX}: one answer has no more."),
                "Ask for less, then go on with the next offset.",
            )
        })
    }
}

fn check(offset: u64, total_bytes: u64, is_acknowledged: bool, has_max_bytes: bool) -> Result<(), ToolError> {
    if offset >= total_bytes {
        return Err(ToolError::invalid(
            format!("offset: {offset} is past the end; the stream has bytes 0 to {}.", total_bytes - 1),
            "Send an offset in that range.",
        ));
    }
    let free = limits::RAW_BYTES_FREE;
    if !is_acknowledged && (has_max_bytes || offset >= free) {
        return Err(ToolError::new(
            ErrorCode::PayloadTooLarge,
            format!(
                "acknowledge_size: without it, only the first {free} of {total_bytes} bytes are given, and max_bytes is \
                 not taken."
            ),
            "Send acknowledge_size true if that much raw data is really wanted.",
        ));
    }
    Ok(())
}

fn way_on(end: u64, acknowledged: bool) -> String {
    if acknowledged || end < limits::RAW_BYTES_FREE {
        format!("There is more: the same arguments with offset {end}.")
    } else {
        format!("There is more: the same arguments with offset {end} and acknowledge_size true.")
    }
}
