//! `list_projects`: the projects that the token sees.

use playhead_schemas::{ProjectId, Scope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::{Int, Text};
use crate::call::Call;
use crate::error::ToolError;
use crate::tool::{Answer, Tool};
use crate::untrusted;

pub(crate) struct ListProjects;

const LIMIT_DEFAULT: u32 = 50;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    limit: Option<Int<1, 200>>,
    /// The next_cursor of the page before.
    cursor: Option<Text<512>>,
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
}

impl Tool for ListProjects {
    const NAME: &'static str = "list_projects";
    const TITLE: &'static str = "List projects";
    const DESCRIPTION: &'static str = "Lists the projects (applications) whose bugs this token can read, oldest first. \
         Other tools take a project by id or slug.";
    const SCOPE: Scope = Scope::BugsRead;
    type Input = Input;
    type Output = Output;

    async fn run(call: &Call, input: Input) -> Result<Answer<Output>, ToolError> {
        let cursor = input.cursor.as_ref().map(|cursor| cursor.0.as_str());
        let after = call.open::<ProjectId>(Self::NAME, &(), cursor)?;
        let limit = input.limit.map_or(LIMIT_DEFAULT, |limit| limit.0);
        let (rows, mut next) = call.project_page(after, limit).await?;

        let mut meter = call.meter(None);
        let (mut text, mut projects) = (String::new(), Vec::new());
        for row in rows {
            let project = Project {
                id: row.id,
                slug: row.slug,
                name: untrusted::short_line(&row.name, 200, 80),
                created_at: row.created_at.to_rfc3339(),
                archived: row.archived_at.is_some(),
            };
            let line = line(&project);
            let json = serde_json::to_string(&project).unwrap_or_default();
            if !meter.admit(&line, &json) {
                next = projects.last().map(|last: &Project| last.id);
                break;
            }
            text.push_str(&line);
            projects.push(project);
        }
        if projects.is_empty() {
            text.push_str("This token sees no project. `playhead project create` makes one.\n");
        }
        let next_cursor = next.map(|last| call.seal(Self::NAME, &(), &last));
        if let Some(cursor) = &next_cursor {
            text.push_str(&format!("There are more: list_projects with cursor \"{cursor}\".\n"));
        }
        Ok(Answer::new(text, Output { projects, next_cursor }))
    }
}

fn line(project: &Project) -> String {
    let archived = if project.archived { " (archived)" } else { "" };
    format!("{} {}{archived} {}\n", project.id, project.slug, project.name)
}
