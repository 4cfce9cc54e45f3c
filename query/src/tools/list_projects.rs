//! `list_projects`: the projects that the token sees.

use playhead_access::Action;
use playhead_schemas::{ProjectId, Role};
use playhead_store::Project as Row;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::Limit;
use crate::call::Call;
use crate::cursor::{Cursor, Pager};
use crate::error::ToolError;
use crate::meter::{Meter, TokenBudget};
use crate::tool::{self, Arguments, Effect, Tool};
use crate::untrusted;

pub(crate) struct ListProjects;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(default)]
    limit: Limit<200, 50>,
    cursor: Option<Cursor>,
}

impl Arguments for Input {}

/// A page as it was read.
pub(crate) struct Projects {
    rows: Vec<(Row, Option<Role>)>,
    next: Option<ProjectId>,
    pager: Pager,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    projects: Vec<Project>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Project {
    id: ProjectId,
    slug: String,
    name: String,
    created_at: String,
    archived: bool,
    /// That of the member or agent that the token acts for.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

impl Tool for ListProjects {
    const NAME: &'static str = "list_projects";
    const TITLE: &'static str = "List projects";
    const DESCRIPTION: &'static str = "Lists the projects that this token can read, oldest first, with your role. Other tools take \
        their \
        id or slug.";
    const ACTION: Action = Action::ReadBugs;
    const EFFECT: Effect = Effect::Reads;
    type Input = Input;
    type Data = Projects;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Projects, ToolError> {
        let pager = call.pager(Self::NAME, &()).await?;
        let after = pager.open::<ProjectId>(input.cursor.as_ref())?;
        let (rows, next) = call.project_page(after, input.limit.rows()).await?;
        let rows = rows
            .into_iter()
            .map(|row| {
                let role = call.role_in(row.id);
                (row, role)
            })
            .collect();
        Ok(Projects { rows, next, pager })
    }

    fn render(data: &Projects, budget: TokenBudget) -> Output {
        let (mut meter, mut next) = (Meter::new(budget), data.next);
        let mut projects = Vec::new();
        for (row, role) in &data.rows {
            let project = project(row, *role);
            if !meter.admit(&line(&project), &project) {
                next = projects.last().map(|last: &Project| last.id);
                break;
            }
            projects.push(project);
        }
        Output { projects, next_cursor: next.map(|last| data.pager.seal(&last)) }
    }
}

impl tool::Output for Output {
    fn text(&self) -> String {
        let mut text: String = self.projects.iter().map(line).collect();
        if self.projects.is_empty() {
            text.push_str("This token sees no project. `playhead project create` makes one.\n");
        }
        if let Some(cursor) = &self.next_cursor {
            text.push_str(&format!("There are more: list_projects with cursor \"{cursor}\".\n"));
        }
        text
    }
}

fn project(row: &Row, role: Option<Role>) -> Project {
    Project {
        id: row.id,
        slug: row.slug.clone(),
        name: untrusted::short_line(&row.name, 200, 80),
        created_at: row.created_at.to_rfc3339(),
        archived: row.archived_at.is_some(),
        role,
    }
}

fn line(project: &Project) -> String {
    let archived = if project.archived { ", archived" } else { "" };
    let role = project.role.map(|role| format!(", your role {role}")).unwrap_or_default();
    format!("{} {} (created {}{archived}{role}) {}\n", project.id, project.slug, project.created_at, project.name)
}
