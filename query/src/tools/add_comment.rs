//! `add_comment`: a comment on a bug, or an answer to one.

use playhead_access::Action;
use playhead_schemas::{BugId, CommentId};
use playhead_store::Comment;
use playhead_tracker::{self as tracker, CommentDraft};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::Text;
use crate::call::Call;
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};

pub(crate) struct AddComment;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    bug_id: BugId,
    /// Markdown, up to 65,536 characters.
    body: String,
    /// The comment that it answers.
    reply_to: Option<CommentId>,
    /// Repeating a call with the same key within 24 hours adds nothing new, for the same member, agent or token.
    idempotency_key: Option<Text<200>>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { bug: Some(self.bug_id), ..NamedRows::default() }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    id: CommentId,
    bug_id: BugId,
    created_at: String,
}

impl Tool for AddComment {
    const NAME: &'static str = "add_comment";
    const TITLE: &'static str = "Comment a bug";
    const DESCRIPTION: &'static str = "Adds a comment to a bug, such as a finding, a question or an answer.";
    const ACTION: Action = Action::WriteBugs;
    const EFFECT: Effect = Effect::Writes;
    type Input = Input;
    type Data = Comment;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Comment, ToolError> {
        let bug = call.bug(input.bug_id).await?.id;
        let draft = CommentDraft { bug, body: input.body, reply_to: input.reply_to };
        let key = input.idempotency_key.as_ref().map(Text::as_str);
        Ok(tracker::add_comment(call.store(), draft, key, &call.writer()).await?.0)
    }

    /// A repeated call gets the same answer, so it holds nothing that changes.
    fn render(comment: &Comment, _: TokenBudget) -> Output {
        Output { id: comment.id, bug_id: comment.bug, created_at: comment.created_at.to_rfc3339() }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        format!("Comment {} was added to bug {} at {}.\n", self.id, self.bug_id, self.created_at)
    }
}
