//! `list_project_members`: the people and agents of a project, who can be assigned.

use playhead_access::Action;
use playhead_schemas::{Actor, Role};
use playhead_store::ProjectPerson;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::{Limit, Text};
use crate::call::Call;
use crate::cursor::{Cursor, Pager};
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, NamedRows, Tool};
use crate::untrusted::{self, Source};

pub(crate) struct ListProjectMembers;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Id or slug; may be left out when the token sees one project.
    project: Option<Text<64>>,
    #[serde(default)]
    limit: Limit<200, 50>,
    cursor: Option<Cursor>,
}

impl Arguments for Input {
    fn named_rows(&self) -> NamedRows<'_> {
        NamedRows { project: self.project.as_ref().map(Text::as_str), ..NamedRows::default() }
    }
}

/// The members of a page.
pub(crate) struct Members {
    rows: Vec<ProjectPerson>,
    more: bool,
    pager: Pager,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    members: Vec<Member>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Member {
    /// As `assignee` takes it.
    id: Actor,
    role: Role,
    untrusted: Name,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Name {
    name: String,
}

impl Tool for ListProjectMembers {
    const NAME: &'static str = "list_project_members";
    const TITLE: &'static str = "List a project's members";
    const DESCRIPTION: &'static str = "Lists the people and agents of a project with their roles: who can be assigned.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Members;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Members, ToolError> {
        let project = call.one_project().await?;
        let pager = call.pager(Self::NAME, &project).await?;
        let after = pager.open::<Actor>(input.cursor.as_ref())?;
        let page = call.store().project_people(project, after, input.limit.rows()).await?;
        Ok(Members { rows: page.items, more: page.next.is_some(), pager })
    }

    fn render(data: &Members, budget: TokenBudget) -> Output {
        let (mut meter, mut more, mut members) = (Meter::new(budget), data.more, Vec::new());
        for row in &data.rows {
            let name = untrusted::short_line(&row.name, 200, 60);
            let member = Member { id: row.actor, role: row.role, untrusted: Name { name } };
            if !meter.admit(&line(&member), &member) {
                more = true;
                break;
            }
            members.push(member);
        }
        let next = members.last().filter(|_| more).map(|last| last.id);
        Output { members, next_cursor: next.map(|last| data.pager.seal(&last)) }
    }
}

fn line(member: &Member) -> String {
    format!("{} {} {}\n", member.id, member.role, member.untrusted.name)
}

impl tool::Output for Output {
    fn text(&self) -> String {
        if self.members.is_empty() {
            return "Nobody has a role in this project.\n".to_owned();
        }
        let lines: String = self.members.iter().map(line).collect();
        let mut text = untrusted::block(Source::Report, &lines);
        if let Some(cursor) = &self.next_cursor {
            text.push_str(&format!("There are more: list_project_members with cursor \"{cursor}\".\n"));
        }
        text
    }
}
