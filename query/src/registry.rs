//! The one list of tools, in the order in which clients see it.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use playhead_schemas::Scope;
use rmcp::model::{JsonObject, ToolAnnotations};
use serde_json::Value;

use crate::call::Call;
use crate::error::ToolError;
use crate::schema;
use crate::tool::{Answer, Tool};
use crate::tools;

/// Every tool, with its definition made once.
#[derive(Debug)]
pub(crate) struct Registry {
    entries: Vec<Entry>,
}

/// One tool as the registry holds it.
pub(crate) struct Entry {
    pub(crate) definition: rmcp::model::Tool,
    /// The same without the argument `project`, for an endpoint that is bound to one.
    pub(crate) bound_definition: rmcp::model::Tool,
    pub(crate) scope: Scope,
    pub(crate) run: Run,
}

type Run = for<'a> fn(&'a Call, JsonObject) -> BoxFuture<'a, Result<Answer<Option<Value>>, ToolError>>;

impl Registry {
    pub(crate) fn new() -> Self {
        let entries = vec![
            entry::<tools::list_projects::ListProjects>(),
            entry::<tools::list_bugs::ListBugs>(),
            entry::<tools::search_bugs::SearchBugs>(),
            entry::<tools::get_bug_context::GetBugContext>(),
            entry::<tools::get_replay_transcript::GetReplayTranscript>(),
            entry::<tools::get_replay_moments::GetReplayMoments>(),
            entry::<tools::generate_fix_prompt::GenerateFixPrompt>(),
            entry::<tools::get_bug::GetBug>(),
            entry::<tools::get_bug_media::GetBugMedia>(),
            entry::<tools::get_screenshot::GetScreenshot>(),
            entry::<tools::get_replay_raw::GetReplayRaw>(),
            entry::<tools::get_bug_cookies::GetBugCookies>(),
            entry::<tools::list_audit_log::ListAuditLog>(),
            #[cfg(feature = "bench-noop")]
            entry::<tools::noop::Noop>(),
        ];
        Self { entries }
    }

    /// The tool of a name, whoever asks.
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
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").field("name", &self.name()).field("scope", &self.scope).finish_non_exhaustive()
    }
}

fn entry<T: Tool>() -> Entry {
    let hints = ToolAnnotations::new().read_only(true).destructive(false).idempotent(true).open_world(false);
    let mut definition = rmcp::model::Tool::new(T::NAME, T::DESCRIPTION, schema::of_input::<T::Input>())
        .with_title(T::TITLE)
        .with_annotations(hints);
    if T::STRUCTURED {
        definition = definition.with_raw_output_schema(Arc::new(schema::of_output::<T::Output>()));
    }
    let mut input = definition.input_schema.as_ref().clone();
    if let Some(Value::Object(properties)) = input.get_mut("properties") {
        properties.remove("project");
    }
    let mut bound_definition = definition.clone();
    bound_definition.input_schema = Arc::new(input);
    Entry { definition, bound_definition, scope: T::SCOPE, run: |call, arguments| run::<T>(call, arguments).boxed() }
}

async fn run<T: Tool>(call: &Call, arguments: JsonObject) -> Result<Answer<Option<Value>>, ToolError> {
    let input = serde_path_to_error::deserialize(Value::Object(arguments)).map_err(|error| {
        let (path, cause) = (error.path().to_string(), error.into_inner().to_string());
        let cause = crate::untrusted::line(&cause, 400);
        let message = if path == "." { format!("{cause}.") } else { format!("{}: {cause}.", shown(&path)) };
        ToolError::invalid(message, format!("Send the arguments that the schema of {} allows.", T::NAME))
    })?;
    let Answer { text, data, picture } = T::run(call, input).await?;
    let data = T::STRUCTURED.then(|| serde_json::to_value(data)).transpose();
    Ok(Answer { text, data: data.map_err(|error| ToolError::internal(&error))?, picture })
}

fn shown(path: &str) -> String {
    crate::args::shortened(path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::llm_tokens;

    #[test]
    fn definitions_are_small_and_complete() {
        for entry in Registry::new().entries {
            let definition = &entry.definition;
            let json = serde_json::to_string(definition).unwrap();
            let cost = llm_tokens::count(&json);
            assert!(cost <= 350, "{} costs {cost} tokens: {json}", entry.name());
            assert!(definition.description.as_ref().is_some_and(|text| (40..2000).contains(&text.len())));
            assert!(definition.title.is_some());
            let hints = definition.annotations.as_ref().unwrap();
            assert_eq!(hints.read_only_hint, Some(true));
            assert_eq!(hints.destructive_hint, Some(false));
            assert_eq!(hints.open_world_hint, Some(false));
            assert_eq!(definition.input_schema["additionalProperties"], Value::Bool(false), "{}", entry.name());
        }
    }

    #[test]
    fn schemas_are_valid_schemas() {
        for entry in Registry::new().entries {
            let schemas = [Some(&entry.definition.input_schema), entry.definition.output_schema.as_ref()];
            for schema in schemas.into_iter().flatten() {
                let schema = Value::Object(schema.as_ref().clone());
                assert!(jsonschema::meta::is_valid(&schema), "{}: {schema}", entry.name());
                assert!(!schema.to_string().contains("\"$ref\""), "{}: {schema}", entry.name());
            }
        }
    }
}
