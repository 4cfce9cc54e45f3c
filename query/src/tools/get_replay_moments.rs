//! `get_replay_moments`: moments whole, by their ids.

use playhead_access::Action;
use playhead_schemas::text::counted;
use playhead_schemas::{BugId, Moment, MomentId, ReplayId};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::absence::absence;
use crate::args::{MaxTokens, Run};
use crate::call::Call;
use crate::error::ToolError;
use crate::lines;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct GetReplayMoments;

const IDS_MAX: usize = 100;
/// How much of a moment is shown: characters of a text, items of a list. Tried in this order.
const SIZES: [(usize, usize); 4] = [(8_000, 500), (2_000, 100), (400, 20), (80, 3)];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Either this or replay_id.
    bug_id: Option<BugId>,
    replay_id: Option<ReplayId>,
    /// Up to 100, such as ["m17", "m20-m31"].
    ids: Vec<Run>,
    max_tokens: Option<MaxTokens>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: self.bug_id, replay: self.replay_id, ..NamedRows::default() }
    }

    fn max_tokens(&self) -> Option<MaxTokens> {
        self.max_tokens
    }
}

/// The moments that were asked for.
pub(crate) struct Moments {
    replay: ReplayId,
    found: Vec<Moment>,
    missing: Vec<MomentId>,
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
    const DESCRIPTION: &'static str =
        "Gives whole moments as JSON: target, value, outcome, request with bodies, message, stack.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Moments;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Moments, ToolError> {
        let named: usize = input.ids.iter().map(|run| run.count()).sum();
        if named == 0 || named > IDS_MAX {
            return Err(ToolError::invalid(
                format!("ids: {named} ids are not 1 to {IDS_MAX}."),
                format!(
                    "Send 1 to {IDS_MAX} ids such as \"m17\" in one call; get_replay_transcript with from and to \
                     shows longer runs line by line."
                ),
            ));
        }
        let mut ids: Vec<MomentId> = input.ids.iter().flat_map(|run| run.ids()).collect();
        ids.sort_unstable();
        ids.dedup();
        let replay = call.replay_of(input.bug_id, input.replay_id).await?;
        if call.store().transcript(replay.id).await?.is_none() {
            return Err(ToolError::not_found("This replay has no transcript.", absence(&replay).1));
        }
        let found = call.store().moments_by_id(replay.id, &ids).await?;
        let missing = ids.iter().copied().filter(|id| found.iter().all(|moment| moment.id != *id)).collect();
        Ok(Moments { replay: replay.id, found, missing })
    }

    fn render(data: &Moments, budget: TokenBudget) -> Output {
        let mut output = Output {
            replay_id: data.replay,
            missing: data.missing.clone(),
            remaining: Vec::new(),
            note: None,
            untrusted: Vec::new(),
        };
        let mut meter = Meter::new(budget);
        // What does not fit is named.
        let all: Vec<MomentId> = data.found.iter().map(|moment| moment.id).collect();
        meter.spend_line(&lines::id_list(&all, IDS_MAX));
        meter.spend_line(&lines::id_list(&data.missing, IDS_MAX));
        fill(&data.found, &mut output, &mut meter);
        output
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
            // In text, too, a moment is its JSON.
            (tried && meter.admit(&shown.to_string(), &shown)).then_some((shown, size_cut))
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

impl tool::Output for Output {
    fn text(&self) -> String {
        let mut text =
            format!("{} of replay {}.\n", counted(self.untrusted.len() as u64, "moment", "moments"), self.replay_id);
        if !self.untrusted.is_empty() {
            let rows: Vec<String> = self.untrusted.iter().map(|moment| moment.0.to_string()).collect();
            text.push_str(&untrusted::block(Source::Replay, &rows.join("\n")));
        }
        if !self.missing.is_empty() {
            text.push_str(&format!(
                "Not found: {}. get_replay_transcript shows the ids.\n",
                lines::id_list(&self.missing, IDS_MAX)
            ));
        }
        if !self.remaining.is_empty() {
            text.push_str(&format!(
                "Did not fit: {}. get_replay_moments with these ids gives them.\n",
                lines::id_list(&self.remaining, IDS_MAX)
            ));
        }
        text.extend(self.note.iter().map(|note| format!("{note}\n")));
        text
    }
}
