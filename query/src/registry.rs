//! The one list of tools, in the order in which clients see it.

use std::sync::Arc;

use playhead_access::Action;
use playhead_schemas::Scope;
use rmcp::model::JsonObject;
use serde_json::{Value, json};

use crate::dispatch::{self, Request};
use crate::error::ToolError;
use crate::form::Form;
use crate::schema;
use crate::tool::{Effect, Output, Tool};
use crate::tools;
use crate::toolset::Toolset;

/// Every tool, with its definition made once.
#[derive(Debug)]
pub(crate) struct Registry {
    entries: Vec<Entry>,
}

/// One tool as the registry holds it.
pub(crate) struct Entry {
    /// For endpoints of a workspace, without an output schema.
    definition: rmcp::model::Tool,
    /// The arguments without `project`, for an endpoint that is bound to one.
    bound_input_schema: Arc<JsonObject>,
    /// For callers that want typed answers.
    output_schema: Option<Arc<JsonObject>>,
    pub(crate) action: Action,
    pub(crate) effect: Effect,
    pub(crate) parse: Parse,
}

type Parse = fn(JsonObject) -> Result<Box<dyn Request>, ToolError>;

impl Registry {
    /// The tools, whose answers have `result_tokens` unless a caller asks for another size.
    pub(crate) fn new(result_tokens: u32) -> Self {
        let entries = vec![
            entry::<tools::list_workspaces::ListWorkspaces>(result_tokens),
            entry::<tools::list_projects::ListProjects>(result_tokens),
            entry::<tools::list_project_members::ListProjectMembers>(result_tokens),
            entry::<tools::list_bugs::ListBugs>(result_tokens),
            entry::<tools::search_bugs::SearchBugs>(result_tokens),
            entry::<tools::get_bug_context::GetBugContext>(result_tokens),
            entry::<tools::get_replay_transcript::GetReplayTranscript>(result_tokens),
            entry::<tools::get_replay_moments::GetReplayMoments>(result_tokens),
            entry::<tools::generate_fix_prompt::GenerateFixPrompt>(result_tokens),
            entry::<tools::get_bug::GetBug>(result_tokens),
            entry::<tools::list_comments::ListComments>(result_tokens),
            entry::<tools::list_bug_activity::ListBugActivity>(result_tokens),
            entry::<tools::get_bug_media::GetBugMedia>(result_tokens),
            entry::<tools::get_screenshot::GetScreenshot>(result_tokens),
            entry::<tools::get_replay_raw::GetReplayRaw>(result_tokens),
            entry::<tools::get_bug_cookies::GetBugCookies>(result_tokens),
            entry::<tools::create_bug::CreateBug>(result_tokens),
            entry::<tools::update_bug::UpdateBug>(result_tokens),
            entry::<tools::add_comment::AddComment>(result_tokens),
            entry::<tools::edit_comment::EditComment>(result_tokens),
            entry::<tools::delete_comment::DeleteComment>(result_tokens),
            entry::<tools::list_audit_log::ListAuditLog>(result_tokens),
            #[cfg(feature = "bench-noop")]
            entry::<tools::noop::Noop>(result_tokens),
        ];
        Self { entries }
    }

    /// A registry of one tool, for tests.
    #[cfg(test)]
    pub(crate) fn of_one<T: Tool>() -> Self {
        Self { entries: vec![entry::<T>(playhead_schemas::limits::RESULT_TOKENS_DEFAULT)] }
    }

    /// The tool of a name.
    pub(crate) fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.definition.name == name)
    }

    /// Every tool, always in the same order.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}

impl Entry {
    pub(crate) fn name(&self) -> &str {
        &self.definition.name
    }

    /// The set that it belongs to.
    pub(crate) fn toolset(&self) -> Toolset {
        Toolset::of(self.action)
    }

    /// What a token needs.
    pub(crate) fn scope(&self) -> Scope {
        self.action.scope()
    }

    /// The tool as a client sees it: at an endpoint that is bound to a project or at another, with answers of a form.
    pub(crate) fn definition(&self, is_bound: bool, form: Form) -> rmcp::model::Tool {
        let mut definition = self.definition.clone();
        if is_bound {
            definition.input_schema = self.bound_input_schema.clone();
        }
        if form.is_typed() {
            definition.output_schema = self.output_schema.clone();
        }
        definition
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("name", &self.name()).field("action", &self.action).finish_non_exhaustive()
    }
}

fn entry<T: Tool>(result_tokens: u32) -> Entry {
    let mut input = schema::from_input::<T::Input>();
    if let Some(max_tokens) = input.get_mut("properties").and_then(|properties| properties.get_mut("max_tokens")) {
        max_tokens["default"] = json!(result_tokens);
    }
    let definition = rmcp::model::Tool::new(T::NAME, T::DESCRIPTION, input.clone())
        .with_title(T::TITLE)
        .with_annotations(T::EFFECT.hints());
    if let Some(Value::Object(properties)) = input.get_mut("properties") {
        properties.remove("project");
    }
    Entry {
        definition,
        bound_input_schema: Arc::new(input),
        output_schema: <T::Output as Output>::IS_TYPED.then(|| Arc::new(schema::from_output::<T::Output>())),
        action: T::ACTION,
        effect: T::EFFECT,
        parse: dispatch::parse::<T>,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use playhead_schemas::limits::RESULT_TOKENS_DEFAULT;

    use super::*;
    use crate::llm_tokens;

    fn registry() -> Registry {
        Registry::new(RESULT_TOKENS_DEFAULT)
    }

    /// What a session pays before its first call.
    #[test]
    fn definitions_are_small_and_complete() {
        let (mut all, mut usual, mut costs) = (0, 0, Vec::new());
        for entry in registry().entries {
            let definition = entry.definition(false, Form::Text);
            let json = serde_json::to_string(&definition).unwrap();
            let cost = llm_tokens::count(&json);
            all += if entry.name() == "noop" { 0 } else { cost };
            usual += if matches!(entry.toolset(), Toolset::Read | Toolset::Triage) { cost } else { 0 };
            costs.push(format!("{} {cost}", entry.name()));
            // The two that take a bug's every field, as a condition or as a change.
            let is_wide = ["list_bugs", "update_bug"].contains(&entry.name());
            assert!(cost <= if is_wide { 750 } else { 350 }, "{} costs {cost} tokens: {json}", entry.name());
            assert!(definition.description.as_ref().is_some_and(|text| (30..2000).contains(&text.len())));
            assert!(definition.title.is_some());
            assert!(definition.output_schema.is_none());
            assert_eq!(definition.annotations, Some(entry.effect.hints()));
            assert_eq!(definition.input_schema["additionalProperties"], Value::Bool(false), "{}", entry.name());
        }
        assert!(usual < 5_000, "the definitions of read and triage cost {usual} tokens: {costs:?}");
        assert!(all < 9_000, "all definitions cost {all} tokens: {costs:?}");
    }

    #[test]
    fn sizes_state_their_defaults() {
        for entry in registry().entries {
            let definition = entry.definition(false, Form::Text);
            for name in ["limit", "max_tokens"] {
                let Some(argument) = definition.input_schema["properties"].get(name) else { continue };
                assert!(argument["default"].is_number(), "{} {name}: {argument}", entry.name());
            }
        }
        let of_setting = Registry::new(7_000);
        let definition = of_setting.get("get_bug").unwrap().definition(false, Form::Text);
        assert_eq!(definition.input_schema["properties"]["max_tokens"]["default"], 7_000);
    }

    #[test]
    fn schemas_are_valid_schemas() {
        for entry in registry().entries {
            let definition = entry.definition(true, Form::Structured);
            let schemas = [Some(&definition.input_schema), definition.output_schema.as_ref()];
            for schema in schemas.into_iter().flatten() {
                let schema = Value::Object(schema.as_ref().clone());
                assert!(jsonschema::meta::is_valid(&schema), "{}: {schema}", entry.name());
                assert!(!schema.to_string().contains("\"$ref\""), "{}: {schema}", entry.name());
            }
        }
    }
}
