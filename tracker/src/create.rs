//! Filing a bug by hand.

use playhead_schemas::ProjectId;
use playhead_schemas::limits::DESCRIPTION_CHARS_MAX;
use playhead_schemas::upload::{PageContext, Priority, Reporter, SystemInfo};
use playhead_store::{Bug, Filing, NewBug, Store, StoreError};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::assignee::{self, Assignee};
use crate::{TrackerError, Writer, text};

/// Characters of a page's address.
const URL_CHARS_MAX: usize = 4096;

/// A bug as it is filed by hand.
#[derive(Clone, Debug, Serialize)]
pub struct BugDraft {
    /// The project.
    pub project: ProjectId,
    /// One line.
    pub title: String,
    /// Many lines, in Markdown.
    pub description: Option<String>,
    /// How urgent it is.
    pub priority: Option<Priority>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Who is to work on it.
    pub assignee: Option<Assignee>,
    /// The milestone that it belongs to.
    pub milestone: Option<String>,
    /// The release of the application that it was seen in.
    pub release: Option<String>,
    /// The page that it was seen on.
    pub page_url: Option<String>,
}

/// Files a bug. `true` when an earlier call with the same `key` filed it: nothing was done.
///
/// # Errors
/// `INVALID_INPUT` that names the field; `CONFLICT` when the key was given with another draft, or the project is
/// archived.
pub async fn create_bug(
    store: &Store,
    draft: BugDraft,
    key: Option<&str>,
    writer: &Writer,
) -> Result<(Bug, bool), TrackerError> {
    let key = writer.key("create_bug", key, &draft)?;
    let assignee = match draft.assignee {
        Some(assignee) => Some(assignee::resolve(store, draft.project, assignee, writer).await?),
        None => None,
    };
    let filing = Filing {
        author: writer.author(),
        key,
        assignee,
        answered_by: assignee.and_then(|actor| writer.answers_for(actor)),
        milestone: draft.milestone.as_deref().map(|name| text::name("milestone", name)).transpose()?,
    };
    match store.file_bug(new_bug(draft, writer)?, filing).await {
        Ok(filed) => Ok(filed),
        Err(StoreError::KeyReused) => Err(TrackerError::KeyReused),
        Err(StoreError::Conflict(_)) => Err(TrackerError::Archived),
        Err(error) => Err(error.into()),
    }
}

fn new_bug(draft: BugDraft, writer: &Writer) -> Result<NewBug, TrackerError> {
    let mut metadata = Map::new();
    if let Some(release) = &draft.release {
        metadata.insert("release".to_owned(), Value::String(text::name("release", release)?));
    }
    let url = draft.page_url.as_deref().map(|url| text::line("page_url", url, URL_CHARS_MAX)).transpose()?;
    let description = draft.description.as_deref().unwrap_or_default();
    Ok(NewBug {
        project: draft.project,
        client_id: None,
        title: text::title(&draft.title)?,
        description: text::lines("description", description, 0, DESCRIPTION_CHARS_MAX)?,
        reporter: Reporter { name: Some(writer.author().name), email: None, id: Some(writer.id().to_owned()) },
        page: PageContext { url, ..PageContext::default() },
        system: SystemInfo::default(),
        metadata,
        tags: text::tags("tags", &draft.tags)?,
        priority: draft.priority.unwrap_or_default(),
        cookies: Vec::new(),
        replay: None,
        screenshots: Vec::new(),
        attachments: Vec::new(),
    })
}
