//! `list_comments`: the comments of a bug, oldest first; a long one over several pages.

use playhead_access::Action;
use playhead_schemas::{BugId, CommentId};
use playhead_store::Comment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::{Limit, MaxTokens};
use crate::call::Call;
use crate::change;
use crate::cursor::{Cursor, Pager};
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct ListComments;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    bug_id: BugId,
    #[serde(default)]
    limit: Limit<100, 25>,
    cursor: Option<Cursor>,
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

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Position {
    /// The last comment that earlier pages gave whole.
    after: Option<CommentId>,
    /// Bytes of the next one's cleaned text that earlier pages gave.
    skip: usize,
}

/// The comments that a page may show.
pub(crate) struct Read {
    begin: Position,
    comments: Vec<Comment>,
    more: bool,
    pager: Pager,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    comments: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Shown {
    id: CommentId,
    created_at: String,
    /// The member, the agent or the credential; absent where only a name is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    author_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<CommentId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deleted_at: Option<String>,
    untrusted: Words,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Words {
    author: String,
    body: String,
}

impl Tool for ListComments {
    const NAME: &'static str = "list_comments";
    const TITLE: &'static str = "List comments";
    const DESCRIPTION: &'static str = "Lists the comments of a bug, oldest first, with the ids that answers take.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Read;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Read, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        let pager = call.pager(Self::NAME, &bug.id).await?;
        let begin: Position = pager.open(input.cursor.as_ref())?.unwrap_or_default();
        let page = call.store().comments(bug.id, begin.after, input.limit.rows()).await?;
        Ok(Read { begin, comments: page.items, more: page.next.is_some(), pager })
    }

    fn render(data: &Read, budget: TokenBudget) -> Output {
        let mut meter = Meter::new(budget);
        let mut comments = Vec::new();
        let next = fill(data, &mut meter, &mut comments);
        Output { comments, next_cursor: next.map(|next| data.pager.seal(&next)) }
    }
}

/// Takes what fits. `Some` gives the place where the next page begins.
fn fill(data: &Read, meter: &mut Meter, comments: &mut Vec<Shown>) -> Option<Position> {
    let Position { mut after, mut skip } = data.begin;
    for comment in &data.comments {
        let mut shown = shown(comment);
        let body = untrusted::clean(&comment.body);
        let rest = body.get(skip..).unwrap_or_default();
        if !meter.admit(&head(&shown), &shown) {
            return Some(Position { after, skip });
        }
        let cut = meter.admit_prefix(rest);
        if cut.is_empty() && !rest.is_empty() {
            return Some(Position { after, skip });
        }
        shown.untrusted.body = cut.to_owned();
        comments.push(shown);
        if cut.len() < rest.len() {
            return Some(Position { after, skip: skip + cut.len() });
        }
        (after, skip) = (Some(comment.id), 0);
    }
    data.more.then_some(Position { after, skip: 0 })
}

fn shown(comment: &Comment) -> Shown {
    Shown {
        id: comment.id,
        created_at: comment.created_at.to_rfc3339(),
        author_id: comment.author.id.clone(),
        reply_to: comment.reply_to,
        edited_at: comment.edited_at.map(|at| at.to_rfc3339()),
        deleted_at: comment.deleted_at.map(|at| at.to_rfc3339()),
        untrusted: Words { author: change::name(&comment.author), body: String::new() },
    }
}

/// What stands over a comment.
fn head(comment: &Shown) -> String {
    let mut head = format!("{} {} {}", comment.id, comment.created_at, comment.untrusted.author);
    head.extend(comment.author_id.iter().map(|id| format!(" ({id})")));
    head.extend(comment.reply_to.iter().map(|id| format!(", answers {id}")));
    head.extend(comment.edited_at.iter().map(|at| format!(", changed {at}")));
    head.extend(comment.deleted_at.iter().map(|at| format!(", deleted {at}")));
    head.push_str(":\n");
    head
}

impl tool::Output for Output {
    fn text(&self) -> String {
        if self.comments.is_empty() {
            return "There are no comments. add_comment adds one.\n".to_owned();
        }
        let lines: Vec<String> =
            self.comments.iter().map(|comment| format!("{}{}\n", head(comment), comment.untrusted.body)).collect();
        let mut text = format!("Comments, oldest first.\n{}", untrusted::block(Source::Report, &lines.join("\n")));
        text.push_str(&match &self.next_cursor {
            Some(cursor) => format!("There is more: list_comments with cursor \"{cursor}\".\n"),
            None => "These are all.\n".to_owned(),
        });
        text
    }
}
