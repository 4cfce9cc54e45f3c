//! Lists of bugs: by conditions, and by words.

use aide::transform::TransformOperation;
use axum::extract::{Extension, State};
use playhead_store::{BugListRow, BugQuery};
use playhead_tracker::{self as tracker, BugFilters};
use playhead_web::ApiError;
use playhead_web::openapi::Answer;

use super::place;
use crate::app::Api;
use crate::caller::Caller;
use crate::conditions::Conditions;
use crate::extract::{Paging, Query, paging};
use crate::rules::refused;
use crate::types::{BugRow, BugRowTexts, ListBugs, Page, SearchBugs, Untrusted};

/// Bugs of a page at most: the store gives one more to say whether there are further ones.
const PAGE_ROWS_MAX: u32 = 999;

pub(super) fn list_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("list_bugs")
        .summary("List bugs")
        .description("Those that meet all conditions, newest first unless another order is asked for.")
        .input::<Paging<()>>()
}

pub(super) async fn list(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    query: Query,
    conditions: Conditions<ListBugs>,
) -> Result<Answer<Page<BugRow>>, ApiError> {
    let asked = conditions.read()?;
    let projects = caller.projects(&api, asked.project.as_deref()).await?;
    let found = filters(asked).query(projects, &caller.writer()).map_err(refused)?;
    page(&api, found, &query).await
}

pub(super) fn search_docs(operation: TransformOperation<'_>) -> TransformOperation<'_> {
    operation
        .id("search_bugs")
        .summary("Search bugs")
        .description("Those that have all words in title, description or the summary of their replay, newest first.")
        .input::<Paging<()>>()
}

pub(super) async fn search(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    query: Query,
    conditions: Conditions<SearchBugs>,
) -> Result<Answer<Page<BugRow>>, ApiError> {
    let asked = conditions.read()?;
    let projects = caller.projects(&api, asked.project.as_deref()).await?;
    let found = tracker::search_query(projects, &asked.query, asked.status).map_err(refused)?;
    page(&api, found, &query).await
}

/// The page of a list that a query string asks for.
async fn page(api: &Api, found: BugQuery, query: &Query) -> Result<Answer<Page<BugRow>>, ApiError> {
    let sort = found.sort;
    let (after, limit) = paging(&query.read()?, |text| place::parse(text, sort))?;
    let limit = limit.min(PAGE_ROWS_MAX);
    let mut rows = api.store.bugs(BugQuery { after, limit: limit + 1, ..found }).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|last| place::text(&last.position(sort)));
    Ok(Answer(Page { items: rows.into_iter().map(BugRow::from).collect(), next }))
}

fn filters(asked: ListBugs) -> BugFilters {
    BugFilters {
        status: asked.status,
        state: asked.state,
        priority: asked.priority,
        tag: asked.tag,
        assignee: asked.assignee,
        reporter: asked.reporter,
        release: asked.release,
        browser: asked.browser,
        has_replay: asked.has_replay,
        has_error: asked.has_error,
        signal: asked.signal,
        created_from: asked.created_from,
        created_before: asked.created_before,
        updated_from: asked.updated_from,
        updated_before: asked.updated_before,
        duplicate_of: asked.duplicate_of,
        sort: asked.sort,
    }
}

impl From<BugListRow> for BugRow {
    fn from(row: BugListRow) -> Self {
        let texts =
            BugRowTexts { title: row.title, failure: row.failure_title, fixed_in: row.fixed_in, tags: row.tags };
        Self {
            id: row.id,
            project: row.project,
            status: row.status,
            priority: row.priority,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
            replay_id: row.replay,
            assignee: row.assignee,
            duplicate_of: row.duplicate_of,
            untrusted: Untrusted(texts),
        }
    }
}
