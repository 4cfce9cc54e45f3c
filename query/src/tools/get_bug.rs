//! `get_bug`: the report as it was sent, with metadata and comments; long ones by the page.

use playhead_access::Action;
use playhead_schemas::text::counted;
use playhead_schemas::upload::{BugStatus, Priority};
use playhead_schemas::{Actor, BugId, CommentId, ProjectId, ReplayId, limits};
use playhead_store::{Bug, Comment};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::args::MaxTokens;
use crate::call::Call;
use crate::change;
use crate::cursor::{Cursor, Pager};
use crate::environment;
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct GetBug;

/// Tags in an answer that has no room for all.
const TAGS_SHOWN: usize = 8;
/// Tokens of an answer that has: each tag takes at most 48.
const ALL_TAGS_TOKENS: usize = 4_000;
/// Comments that are read from the store at once.
const COMMENTS_CHUNK: u32 = 20;
/// Bytes of comments that are read for each token of the answer: few tokens are longer.
const TOKEN_BYTES: usize = 8;
/// Tokens that a comment with its author needs at least.
const COMMENT_TOKENS_MIN: usize = 120;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    bug_id: BugId,
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

/// A bug with the comments that the page may show.
pub(crate) struct Read {
    bug: Bug,
    assignee: Option<String>,
    duplicates: u64,
    begin: Position,
    comments: Vec<Comment>,
    /// True when there are comments that were not read.
    more: bool,
    pager: Pager,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    id: BugId,
    project: ProjectId,
    status: BugStatus,
    priority: Priority,
    /// What update_bug takes as version.
    version: u64,
    created_at: String,
    updated_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<Actor>,
    /// The member who answers for an assigned agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_by: Option<Actor>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<BugId>,
    /// How many bugs are marked as duplicates of it.
    #[serde(skip_serializing_if = "is_zero")]
    duplicates: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_id: Option<ReplayId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    untrusted: Report,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct Report {
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reporter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    milestone: Option<String>,
    /// The release that it was seen in.
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed_in: Option<String>,
    tags: Vec<String>,
    /// How many more tags there are: they stand in the metadata. A list to set is to hold them too.
    #[serde(skip_serializing_if = "is_none_left")]
    more_tags: usize,
    environment: Vec<String>,
    /// Description, metadata and comments, in this order.
    parts: Vec<Piece>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Piece {
    /// `description`, `metadata` or `comment`.
    part: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    text: String,
}

/// Where a page begins.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Position {
    /// 0 the description, 1 the metadata, 2 the comments.
    part: u8,
    /// Bytes of the part's (or the comment's) cleaned text that earlier pages gave.
    skip: usize,
    /// The last comment that earlier pages gave whole.
    after: Option<CommentId>,
}

impl Tool for GetBug {
    const NAME: &'static str = "get_bug";
    const TITLE: &'static str = "Read a bug report";
    const DESCRIPTION: &'static str =
        "Gives a bug report whole: reporter, tags, description, metadata, page, system, comments, and who works on it.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Read;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Read, ToolError> {
        let bug = call.bug(input.bug_id).await?;
        let pager = call.pager(Self::NAME, &bug.id).await?;
        let begin: Position = pager.open(input.cursor.as_ref())?.unwrap_or_default();
        let bytes_max = call.budget().tokens_max * TOKEN_BYTES;
        let (mut comments, mut bytes, mut after, mut more) = (Vec::new(), 0, begin.after, bug.comment_count > 0);
        while more && bytes < bytes_max {
            let page = call.store().comments(bug.id, after, COMMENTS_CHUNK).await?;
            (after, more) = (page.next, page.next.is_some());
            bytes += page.items.iter().map(|comment| comment.body.len()).sum::<usize>();
            comments.extend(page.items);
        }
        let assignee = match bug.assignee {
            Some(actor) => Some(call.name_of(actor).await?.unwrap_or_else(|| "(removed)".to_owned())),
            None => None,
        };
        let duplicates = call.store().duplicate_count(bug.id).await?;
        Ok(Read { bug, assignee, duplicates, begin, comments, more, pager })
    }

    fn render(data: &Read, budget: TokenBudget) -> Output {
        let mut meter = Meter::new(budget);
        let tags_shown = if budget.tokens_max < ALL_TAGS_TOKENS { TAGS_SHOWN } else { limits::TAGS_MAX };
        let mut output = head(data, meter.scale(), tags_shown);
        meter.spend_output(&output);
        let mut pieces = Pieces { taken: Vec::new(), meter: &mut meter };
        let next = fill(data, &mut pieces);
        output.untrusted.parts = pieces.taken;
        output.next_cursor = next.map(|next| data.pager.seal(&next));
        output
    }
}

fn head(data: &Read, scale: usize, tags_shown: usize) -> Output {
    let bug = &data.bug;
    let name = |text: &String| untrusted::short_line(text, 80, 20 * scale);
    let tag = |tag: &String| untrusted::short_line(tag, limits::TAG_CHARS_MAX, 12 * scale);
    let reporter = &bug.reporter;
    let reporter: Vec<String> = [&reporter.name, &reporter.email, &reporter.id]
        .into_iter()
        .flatten()
        .map(|text| untrusted::short_line(text, 80, 20 * scale))
        .collect();
    Output {
        id: bug.id,
        project: bug.project,
        status: bug.status,
        priority: bug.priority,
        version: bug.version,
        created_at: bug.created_at.to_rfc3339(),
        updated_at: bug.updated_at.to_rfc3339(),
        assignee: bug.assignee,
        answered_by: bug.answered_by.map(Actor::Member),
        duplicate_of: bug.duplicate_of,
        duplicates: data.duplicates,
        replay_id: bug.replay,
        next_cursor: None,
        untrusted: Report {
            title: untrusted::short_line(&bug.title, limits::TITLE_CHARS_MAX, 100 * scale),
            reporter: Some(reporter.join(", ")).filter(|text| !text.is_empty()),
            assignee: data.assignee.as_ref().map(name),
            milestone: bug.milestone.as_ref().map(name),
            release: bug.release.as_ref().map(name),
            fixed_in: bug.fixed_in.as_ref().map(name),
            tags: bug.tags.iter().take(tags_shown).map(tag).collect(),
            more_tags: bug.tags.len().saturating_sub(tags_shown),
            environment: environment::lines(bug, scale),
            parts: Vec::new(),
        },
    }
}

fn is_none_left(more: &usize) -> bool {
    *more == 0
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Everything of the report that the head shows in short or not at all.
fn metadata(bug: &Bug) -> String {
    let mut all = serde_json::Map::new();
    let mut put = |key: &str, value: Value| {
        if value != json!({}) && value != json!([]) {
            all.insert(key.to_owned(), untrusted::clean_json(value));
        }
    };
    put("metadata", Value::Object(bug.metadata.clone()));
    put("page", serde_json::to_value(&bug.page).unwrap_or_default());
    put("system", serde_json::to_value(&bug.system).unwrap_or_default());
    if bug.tags.len() > TAGS_SHOWN {
        put("tags", json!(bug.tags));
    }
    if all.is_empty() { String::new() } else { Value::Object(all).to_string() }
}

/// The pieces of one page.
struct Pieces<'m> {
    taken: Vec<Piece>,
    meter: &'m mut Meter,
}

impl Pieces<'_> {
    /// Takes `text` from `skip` on. `Some` gives the place where the page ends inside of it.
    fn take(&mut self, part: &'static str, author: Option<String>, text: &str, skip: usize) -> Option<usize> {
        let rest = text.get(skip..).unwrap_or_default();
        if rest.is_empty() {
            return None;
        }
        let mut piece = Piece { part, author, text: String::new() };
        if !self.meter.admit(&heading(&piece), &piece) {
            return Some(skip);
        }
        let cut = self.meter.admit_prefix(rest);
        if !cut.is_empty() {
            piece.text = cut.to_owned();
            self.taken.push(piece);
        }
        (cut.len() < rest.len()).then_some(skip + cut.len())
    }
}

/// Takes what fits. `Some` gives the place where the next page begins.
fn fill(data: &Read, pieces: &mut Pieces<'_>) -> Option<Position> {
    let (bug, begin) = (&data.bug, data.begin);
    let texts = [("description", untrusted::clean(&bug.description)), ("metadata", metadata(bug))];
    for (at, (part, text)) in (0_u8..).zip(&texts) {
        let skip = if begin.part == at { begin.skip } else { 0 };
        if begin.part <= at
            && let Some(skip) = pieces.take(part, None, text, skip)
        {
            return Some(Position { part: at, skip, after: None });
        }
    }
    let (mut after, mut skip) = if begin.part == 2 { (begin.after, begin.skip) } else { (None, 0) };
    for Comment { id, author, body, created_at, .. } in &data.comments {
        let author = format!("{}, {}", change::name(author), created_at.to_rfc3339());
        // A comment whose author alone would fill the page waits for the next one.
        let has_room = pieces.meter.left() > COMMENT_TOKENS_MIN;
        let end =
            if has_room { pieces.take("comment", Some(author), &untrusted::clean(body), skip) } else { Some(skip) };
        if let Some(skip) = end {
            return Some(Position { part: 2, skip, after });
        }
        (after, skip) = (Some(*id), 0);
    }
    data.more.then_some(Position { part: 2, skip: 0, after })
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let report = &self.untrusted;
        let mut text = format!(
            "Bug {} of project {}: {}, priority {}, version {}, reported {}, last changed {}.\n",
            self.id, self.project, self.status, self.priority, self.version, self.created_at, self.updated_at
        );
        for (what, who) in [("Assigned to", self.assignee), ("Answered for by", self.answered_by)] {
            text.extend(who.map(|who| format!("{what} {who}.\n")));
        }
        if let Some(original) = self.duplicate_of {
            text.push_str(&format!("It is a duplicate of bug {original}.\n"));
        }
        if self.duplicates > 0 {
            let count = counted(self.duplicates, "bug is a duplicate", "bugs are duplicates");
            text.push_str(&format!("{count} of it: list_bugs with duplicate_of lists them.\n"));
        }
        if let Some(replay) = self.replay_id {
            text.push_str(&format!("Replay {replay}: get_bug_context describes it.\n"));
        }
        let mut body = format!("title: {}\n", report.title);
        for (name, value) in [
            ("reporter", &report.reporter),
            ("assignee", &report.assignee),
            ("milestone", &report.milestone),
            ("seen in release", &report.release),
            ("fixed in release", &report.fixed_in),
        ] {
            body.extend(value.iter().map(|value| format!("{name}: {value}\n")));
        }
        if !report.tags.is_empty() {
            let more = match report.more_tags {
                0 => String::new(),
                more => format!(", and {more} more in the metadata"),
            };
            body.push_str(&format!("tags: {}{more}\n", report.tags.join(", ")));
        }
        body.extend(report.environment.iter().map(|line| format!("{line}\n")));
        for piece in &report.parts {
            body.push_str(&format!("{}{}\n", heading(piece), piece.text));
        }
        text.push_str(&untrusted::block(Source::Report, &body));
        if let Some(cursor) = &self.next_cursor {
            text.push_str(&format!("There is more: get_bug with cursor \"{cursor}\".\n"));
        }
        text
    }
}

/// What stands over a part: `comment by Grace, 2026-..:`.
fn heading(piece: &Piece) -> String {
    let author = piece.author.as_ref().map(|author| format!(" by {author}")).unwrap_or_default();
    format!("{}{author}:\n", piece.part)
}
