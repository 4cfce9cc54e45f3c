//! `edit_comment`: replaces the text of a comment of your own.

use playhead_access::Action;
use playhead_schemas::{BugId, CommentId};
use playhead_store::Comment;
use playhead_tracker as tracker;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::call::Call;
use crate::error::ToolError;
use crate::meter::TokenBudget;
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};

pub(crate) struct EditComment;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    comment_id: CommentId,
    /// Markdown.
    body: String,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { comment: Some(self.comment_id), ..NamedRows::default() }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    id: CommentId,
    bug_id: BugId,
    edited_at: String,
}

impl Tool for EditComment {
    const NAME: &'static str = "edit_comment";
    const TITLE: &'static str = "Change a comment";
    const DESCRIPTION: &'static str = "Replaces the text of a comment of your own.";
    const ACTION: Action = Action::WriteBugs;
    const EFFECT: Effect = Effect::Destroys;
    type Input = Input;
    type Data = Comment;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Comment, ToolError> {
        let comment = call.comment(input.comment_id).await?;
        Ok(tracker::edit_comment(call.store(), &comment, &input.body, &call.writer()).await?)
    }

    fn render(comment: &Comment, _: TokenBudget) -> Output {
        // A text that was like that already was never changed.
        let at = comment.edited_at.unwrap_or(comment.created_at).to_rfc3339();
        Output { id: comment.id, bug_id: comment.bug, edited_at: at }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        format!("Comment {} of bug {} was changed at {}.\n", self.id, self.bug_id, self.edited_at)
    }
}
