//! `get_replay_raw`: a recording as it was uploaded, by the page.

use playhead_schemas::{BugId, ReplayId, Scope, Stream, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::{Int, MaxTokens};
use crate::call::Call;
use crate::error::ToolError;
use crate::raw::{Decoded, RawStream};
use crate::tool::{Answer, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct GetReplayRaw;

/// The most of one answer whose size was acknowledged, in bytes: 2 MiB.
const BYTES_MAX: u32 = 2 << 20;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// This or replay_id.
    bug_id: Option<BugId>,
    /// Or this.
    replay_id: Option<ReplayId>,
    stream: Stream,
    /// In bytes.
    offset: Option<u64>,
    /// Needed beyond the first 200 KB, and for max_bytes.
    acknowledge_size: Option<bool>,
    /// Bytes of this answer, whatever tokens they are.
    max_bytes: Option<Int<1_000, BYTES_MAX>>,
    max_tokens: Option<MaxTokens>,
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
}

impl Tool for GetReplayRaw {
    const NAME: &'static str = "get_replay_raw";
    const TITLE: &'static str = "Read raw recording data";
    const DESCRIPTION: &'static str = "Gives uploaded JSON of a replay (rrweb events, console, HAR) from a byte offset. \
        Hard to read: get_replay_transcript and get_replay_moments answer better.";
    const SCOPE: Scope = Scope::ReplayRaw;
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Answer<Output>, ToolError> {
        let replay = call.replay_of(input.bug_id, input.replay_id).await?;
        let raw = RawStream::of(call.store(), replay.id, input.stream).await?;
        let (total_bytes, offset) = (raw.bytes(), input.offset.unwrap_or(0));
        let mut output = Output {
            replay_id: replay.id,
            total_bytes,
            offset,
            next_offset: None,
            note: None,
            untrusted: String::new(),
        };
        if total_bytes == 0 {
            output.note = Some(format!("The replay has no {} data.", input.stream));
            return Ok(Answer::new(text(&output, input.stream), output));
        }
        let acknowledged = input.acknowledge_size == Some(true);
        check(offset, total_bytes, acknowledged, input.max_bytes.is_some())?;

        let mut meter = call.meter(input.max_tokens);
        // A token is seldom more than 8 bytes, and each byte stands in both forms.
        let asked = input.max_bytes.map_or(meter.left() * 4, |bytes| bytes.0 as usize);
        let free = usize::try_from(limits::RAW_BYTES_FREE.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = if acknowledged { asked } else { asked.min(free) };
        let bytes = raw.read(call.store(), offset, len).await?;
        let decoded = Decoded::new(&bytes, offset + bytes.len() as u64 >= total_bytes);
        let cut = if input.max_bytes.is_some() {
            call.lift_limit();
            decoded.text.as_str()
        } else {
            meter.admit_prefix(&decoded.text)
        };
        let end = offset + decoded.bytes_of(cut.len()) as u64;
        output.untrusted = untrusted::clean(cut);
        if end < total_bytes {
            output.next_offset = Some(end);
            output.note = Some(way_on(end, acknowledged));
        }
        Ok(Answer::new(text(&output, input.stream), output))
    }
}

fn check(offset: u64, total_bytes: u64, acknowledged: bool, sized: bool) -> Result<(), ToolError> {
    if offset >= total_bytes {
        return Err(ToolError::invalid(
            format!("offset: {offset} is past the end; the stream has bytes 0 to {}.", total_bytes - 1),
            "Send an offset in that range.",
        ));
    }
    if !acknowledged && (sized || offset >= limits::RAW_BYTES_FREE) {
        return Err(ToolError::invalid(
            format!(
                "acknowledge_size: without it, only the first {} of {total_bytes} bytes are given, and max_bytes is not \
                 taken.",
                limits::RAW_BYTES_FREE
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

fn text(output: &Output, stream: Stream) -> String {
    let mut text = format!("Stream {stream} of replay {}: {} bytes.\n", output.replay_id, output.total_bytes);
    if !output.untrusted.is_empty() {
        text.push_str(&format!(
            "From byte {}:\n{}",
            output.offset,
            untrusted::block(Source::Replay, &output.untrusted)
        ));
    }
    text.extend(output.note.iter().map(|note| format!("{note}\n")));
    text
}
