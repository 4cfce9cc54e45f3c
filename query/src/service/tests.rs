//! A call runs its tool once, however large its answer is.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicU32, Ordering};

use playhead_access::{Action, Endpoint};
use playhead_store::{Author, NewBug, NewComment, StoreConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::*;
use crate::args::MaxTokens;
use crate::form::Form;
use crate::meter::TokenBudget;
use crate::tool::{Arguments, Effect, NamedRows, Output, Tool};

/// Renderings of the tool below, in all its calls.
static RENDERED: AtomicU32 = AtomicU32::new(0);

/// A tool that writes, and whose first rendering is larger than it may be.
struct Comment;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Input {
    bug_id: playhead_schemas::BugId,
    body: String,
    max_tokens: Option<MaxTokens>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: Some(self.bug_id), ..NamedRows::default() }
    }

    fn max_tokens(&self) -> Option<MaxTokens> {
        self.max_tokens
    }
}

#[derive(Serialize, JsonSchema)]
struct Written {
    words: Vec<String>,
}

impl Output for Written {
    fn text(&self) -> String {
        self.words.join(" ")
    }
}

impl Tool for Comment {
    const NAME: &'static str = "comment";
    const TITLE: &'static str = "Comment";
    const DESCRIPTION: &'static str = "Writes a comment, and repeats it more often than fits.";
    const ACTION: Action = Action::WriteBugs;
    const EFFECT: Effect = Effect::Writes;
    type Input = Input;
    type Data = String;
    type Output = Written;

    async fn run(call: &Call, input: Input) -> Result<String, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        call.store().add_comment(NewComment::new(bug.id, Author::named("test"), &*input.body)).await?;
        Ok(input.body)
    }

    fn render(body: &String, budget: TokenBudget) -> Written {
        RENDERED.fetch_add(1, Ordering::Relaxed);
        // A word is a token: at the whole budget twice as many as fit, below it half of them.
        let words = if budget.tokens_max < 2_000 { budget.tokens_max / 2 } else { budget.tokens_max * 2 };
        Written { words: vec![body.clone(); words] }
    }
}

fn bug(project: playhead_schemas::ProjectId) -> NewBug {
    NewBug {
        project,
        client_id: None,
        title: "A bug".to_owned(),
        description: String::new(),
        reporter: Default::default(),
        page: Default::default(),
        system: Default::default(),
        metadata: serde_json::Map::new(),
        tags: Vec::new(),
        priority: Default::default(),
        cookies: Vec::new(),
        replay: None,
        screenshots: Vec::new(),
        attachments: Vec::new(),
    }
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_rendered_again_and_not_written_again() {
    let dir = tempfile::tempdir().unwrap();
    let settings =
        StoreConfig { readers: 1, results_memory_mib: 256, results_threads: 1, ..StoreConfig::for_tests(dir.path()) };
    let store = Store::open(settings).await.unwrap();
    let workspace = store.default_workspace().await.unwrap().id;
    let project = store.create_project(workspace, "shop", "Shop").await.unwrap().id;
    let (bug, _) = store.create_bug(bug(project)).await.unwrap();
    let service = Service::with_registry(store.clone(), QueryConfig::default(), Registry::of_one::<Comment>());
    let mut principal = Principal::local(workspace);
    principal.scopes = playhead_schemas::Scope::ALL.to_vec();
    let caller = Caller::new(principal, Endpoint::Local, Form::Text);

    let arguments = json!({"bug_id": bug.id, "body": "word", "max_tokens": 2_000});
    let arguments = arguments.as_object().unwrap().clone();
    let reply = service.call(&caller, &McpClient::default(), "comment", Ok(arguments)).await;
    assert_eq!(reply.code, None, "{}", reply.text);
    assert_eq!(RENDERED.load(Ordering::Relaxed), 2, "rendered again");
    let comments = store.comments(bug.id, None, 10).await.unwrap().items;
    assert_eq!(comments.len(), 1, "written once");

    let definition = service.registry.get("comment").unwrap().definition(false, Form::Text);
    assert_eq!(definition.annotations.unwrap().read_only_hint, Some(false));
}
