//! `get_replay_moments`: moments whole, by their ids.

use playhead_schemas::{BugId, Moment, MomentId, ReplayId, Scope};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::get_replay_transcript::absence;
use crate::args::{MaxTokens, Run};
use crate::call::Call;
use crate::error::ToolError;
use crate::lines;
use crate::meter::Meter;
use crate::tool::{Answer, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct GetReplayMoments;

const IDS_MAX: usize = 100;
/// How much of a moment is shown: characters of a text, items of a list. Tried in this order.
const SIZES: [(usize, usize); 4] = [(8_000, 500), (2_000, 100), (400, 20), (80, 3)];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// This or replay_id.
    bug_id: Option<BugId>,
    /// Or this.
    replay_id: Option<ReplayId>,
    /// Such as ["m17", "m20-m31"].
    #[schemars(length(min = 1, max = 100))]
    ids: Vec<Run>,
    max_tokens: Option<MaxTokens>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    replay_id: ReplayId,
    /// Ids that name no moment of this replay.
    missing: Vec<MomentId>,
    /// Ids that did not fit: ask for them next.
    remaining: Vec<MomentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    untrusted: Vec<MomentJson>,
}

/// A moment as the timeline's schema describes it, its texts cleaned and perhaps cut.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct MomentJson(Value);

impl JsonSchema for MomentJson {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Moment".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "required": ["id", "t_ms", "kind", "text"]})
    }
}

impl Tool for GetReplayMoments {
    const NAME: &'static str = "get_replay_moments";
    const TITLE: &'static str = "Expand moments";
    const DESCRIPTION: &'static str = "Gives moments of a replay whole, as JSON: target, value, outcome, request with \
        bodies, message, stack. The ids stand in transcripts and failures.";
    const SCOPE: Scope = Scope::BugsRead;
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Answer<Output>, ToolError> {
        let named: usize = input.ids.iter().map(|run| run.count()).sum();
        if named == 0 || named > IDS_MAX {
            return Err(ToolError::invalid(
                format!("ids: {named} ids are not 1 to {IDS_MAX}."),
                format!(
                    "Send 1 to {IDS_MAX} ids such as \"m17\" in one call; get_replay_transcript with from and to \
                     tells longer runs line by line."
                ),
            ));
        }
        let mut ids: Vec<MomentId> = input.ids.iter().flat_map(|run| run.ids()).collect();
        ids.sort_unstable();
        ids.dedup();
        let replay = call.replay_of(input.bug_id, input.replay_id).await?;
        if call.store().transcript(replay.id).await?.is_none() {
            return Err(ToolError::not_found("transcript of this replay", absence(&replay).1));
        }
        let moments = call.store().moments_by_id(replay.id, &ids).await?;
        let missing = ids.iter().copied().filter(|id| moments.iter().all(|moment| moment.id != *id)).collect();
        let mut output =
            Output { replay_id: replay.id, missing, remaining: Vec::new(), note: None, untrusted: Vec::new() };
        let mut meter = call.meter(input.max_tokens);
        let all: Vec<MomentId> = moments.iter().map(|moment| moment.id).collect();
        meter.spend(&lines::id_list(&all, IDS_MAX), &serde_json::to_string(&all).unwrap_or_default());
        fill(&moments, &mut output, &mut meter);
        Ok(Answer::new(text(&output), output))
    }
}

fn fill(moments: &[Moment], output: &mut Output, meter: &mut Meter) {
    let mut cut = false;
    for (at, moment) in moments.iter().enumerate() {
        let whole = serde_json::to_value(moment).unwrap_or_default();
        let admitted = SIZES.iter().enumerate().find_map(|(size_at, (chars_max, items_max))| {
            let mut size_cut = false;
            let shown = sized(&whole, *chars_max, *items_max, &mut size_cut);
            // Only the first moment shrinks to fit; the others wait for the next call.
            let tried = size_at == 0 || output.untrusted.is_empty();
            (tried && meter.admit(&shown.to_string(), &shown.to_string())).then_some((shown, size_cut))
        });
        let Some((shown, size_cut)) = admitted else {
            output.remaining = moments[at..].iter().map(|moment| moment.id).collect();
            break;
        };
        cut |= size_cut;
        output.untrusted.push(MomentJson(shown));
    }
    if cut {
        output.note =
            Some("Texts that end with … are cut to fit; get_replay_raw gives the recording itself.".to_owned());
    }
}

/// `value` with cleaned texts of at most `chars_max` characters and lists of at most `items_max` items.
fn sized(value: &Value, chars_max: usize, items_max: usize, cut: &mut bool) -> Value {
    match value {
        Value::String(text) => {
            let text = untrusted::clean(text);
            match text.char_indices().nth(chars_max) {
                None => Value::String(text),
                Some((end, _)) => {
                    *cut = true;
                    Value::String(format!("{}…", &text[..end]))
                }
            }
        }
        Value::Array(items) => {
            let mut shown: Vec<Value> =
                items.iter().take(items_max).map(|item| sized(item, chars_max, items_max, cut)).collect();
            if items.len() > items_max {
                *cut = true;
                shown.push(Value::String(format!("{} more…", items.len() - items_max)));
            }
            Value::Array(shown)
        }
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(key, value)| (key.clone(), sized(value, chars_max, items_max, cut))).collect(),
        ),
        other => other.clone(),
    }
}

fn text(output: &Output) -> String {
    let mut text = format!("{} of replay {}.\n", lines::counted(output.untrusted.len(), "moment"), output.replay_id);
    if !output.untrusted.is_empty() {
        let rows: Vec<String> = output.untrusted.iter().map(|moment| moment.0.to_string()).collect();
        text.push_str(&untrusted::block(Source::Replay, &rows.join("\n")));
    }
    if !output.missing.is_empty() {
        text.push_str(&format!(
            "No such moments: {}. get_replay_transcript shows the ids.\n",
            lines::id_list(&output.missing, IDS_MAX)
        ));
    }
    if !output.remaining.is_empty() {
        text.push_str(&format!(
            "Did not fit: {}. get_replay_moments with these ids gives them.\n",
            lines::id_list(&output.remaining, IDS_MAX)
        ));
    }
    text.extend(output.note.iter().map(|note| format!("{note}\n")));
    text
}
