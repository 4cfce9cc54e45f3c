//! `delete_comment`: deletes the text of a comment of your own; answers to it stay.

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

pub(crate) struct DeleteComment;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    comment_id: CommentId,
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
    deleted_at: String,
}

impl Tool for DeleteComment {
    const NAME: &'static str = "delete_comment";
    const TITLE: &'static str = "Delete a comment";
    const DESCRIPTION: &'static str = "Deletes the text of a comment of your own; answers to it stay.";
    const ACTION: Action = Action::WriteBugs;
    const EFFECT: Effect = Effect::Destroys;
    type Input = Input;
    type Data = Comment;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Comment, ToolError> {
        let comment = call.comment(input.comment_id).await?;
        Ok(tracker::delete_comment(call.store(), &comment, &call.writer()).await?)
    }

    fn render(comment: &Comment, _: TokenBudget) -> Output {
        let at = comment.deleted_at.unwrap_or(comment.created_at).to_rfc3339();
        Output { id: comment.id, bug_id: comment.bug, deleted_at: at }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        format!("Comment {} of bug {} was deleted at {}.\n", self.id, self.bug_id, self.deleted_at)
    }
}
