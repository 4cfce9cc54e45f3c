//! Creating a bug.

use std::sync::Arc;

use playhead_schemas::limits::{ATTACHMENTS_MAX, COOKIES_MAX, SCREENSHOTS_MAX};
use playhead_schemas::upload::BugStatus;
use playhead_schemas::{AttachmentId, BugId, EpochMs, ProjectId, ReplayId, ScreenshotId};

use super::{Bug, NewBug};
use crate::engine::{Tx, Value, values};
use crate::jobs::JobKind;
use crate::json::to_json;
use crate::objects::ObjectKey;
use crate::replays::find_or_add;
use crate::shared::Wakeups;
use crate::{Result, Store, StoreError, attachments, jobs, pictures};

/// Bytes of the id that an SDK gives to a report.
const CLIENT_ID_BYTES_MAX: usize = 200;

const BY_CLIENT_KEY: &str = "SELECT id FROM bugs WHERE client_key = $1";
const PROJECT: &str = "SELECT archived_at FROM projects WHERE id = $1";
const ADD: &str = "INSERT INTO bugs (id, project, client_key, title, description, status, priority, tags, reporter,
    page, system_info, metadata, replay, failure_title, created_at, updated_at, screenshot_count, attachment_count, comment_count,
    cookie_count)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, 0, $18)";
const FAILURE: &str = "SELECT failure_title FROM transcripts WHERE replay = $1";
const ADD_COOKIES: &str = "INSERT INTO bug_cookies (bug, cookies) VALUES ($1, $2)";

/// A bug whose objects are written and whose rows are not.
struct Draft {
    id: BugId,
    new: NewBug,
    client_key: Option<String>,
    created_at: EpochMs,
    screenshots: Vec<(ScreenshotId, String)>,
    attachments: Vec<(AttachmentId, String)>,
    texts: Texts,
}

/// The bug's JSON columns.
struct Texts {
    tags: String,
    reporter: String,
    page: String,
    system: String,
    metadata: String,
    cookies: String,
}

impl Store {
    /// Stores a bug: objects first, then every row and a renditions job for each screenshot in one transaction.
    /// `true` when an earlier call with the same `client_id` created this bug.
    ///
    /// # Errors
    /// `NotFound` if there is no such project, `Conflict` if it is archived, `Invalid` if there are too many files.
    pub async fn create_bug(&self, mut new: NewBug) -> Result<(Bug, bool)> {
        check(&new)?;
        drop_doubles(&mut new.tags);
        let client_key = new.client_id.as_ref().map(|id| format!("{}/{id}", new.project));
        if let Some(key) = &client_key
            && let Some(id) = self.find(BY_CLIENT_KEY, values![key.as_str()], |row| row.get(0)).await?
        {
            return Ok((self.bug(id).await?, true));
        }
        let draft = Arc::new(self.write_objects(new, client_key).await?);
        let made = {
            let (draft, wakeups) = (draft.clone(), self.shared().wakeups.clone());
            self.write(move |tx| record(tx, &draft, &wakeups)).await
        };
        match made {
            Ok(Recorded::New { replay }) => Ok((bug(&draft, replay), false)),
            Ok(Recorded::Earlier(earlier)) => {
                self.sweep(&draft).await;
                Ok((self.bug(earlier).await?, true))
            }
            // After these errors no row names the objects; after a failed commit one might.
            Err(error @ (StoreError::NotFound(_) | StoreError::Conflict(_))) => {
                self.sweep(&draft).await;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    async fn write_objects(&self, new: NewBug, client_key: Option<String>) -> Result<Draft> {
        let project = new.project;
        let mut screenshots = Vec::with_capacity(new.screenshots.len());
        for s in &new.screenshots {
            let id = ScreenshotId::new();
            screenshots.push((id, self.objects().put(&ObjectKey::Screenshot { project, id }, s.bytes.clone()).await?));
        }
        let mut attachments = Vec::with_capacity(new.attachments.len());
        for a in &new.attachments {
            let id = AttachmentId::new();
            attachments.push((id, self.objects().put(&ObjectKey::Attachment { project, id }, a.bytes.clone()).await?));
        }
        let texts = Texts {
            tags: to_json(&new.tags)?,
            reporter: to_json(&new.reporter)?,
            page: to_json(&new.page)?,
            system: to_json(&new.system)?,
            metadata: to_json(&new.metadata)?,
            cookies: to_json(&new.cookies)?,
        };
        Ok(Draft { id: BugId::new(), new, client_key, created_at: EpochMs::now(), screenshots, attachments, texts })
    }

    /// Deletes the objects of a bug that was not created: their keys are new, so nothing else names them.
    async fn sweep(&self, draft: &Draft) {
        let screenshots = draft.screenshots.iter().map(|(_, object)| object);
        for object in screenshots.chain(draft.attachments.iter().map(|(_, object)| object)) {
            if let Err(error) = self.objects().delete(object).await {
                tracing::warn!(%error, "an object that no row names was left behind");
            }
        }
    }
}

fn check(new: &NewBug) -> Result<()> {
    for (what, count, most) in [
        ("screenshots", new.screenshots.len(), SCREENSHOTS_MAX),
        ("attachments", new.attachments.len(), ATTACHMENTS_MAX),
        ("cookies", new.cookies.len(), COOKIES_MAX),
        ("bytes of client id", new.client_id.as_ref().map_or(0, String::len), CLIENT_ID_BYTES_MAX),
    ] {
        if count > most {
            return Err(StoreError::Invalid(format!("a bug has at most {most} {what}; this one has {count}")));
        }
    }
    Ok(())
}

fn drop_doubles(tags: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
}

/// The bug as reading its row would give it.
fn bug(draft: &Draft, replay: Option<ReplayId>) -> Bug {
    let new = &draft.new;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Bug {
        id: draft.id,
        project: new.project,
        title: new.title.clone(),
        description: new.description.clone(),
        status: BugStatus::Open,
        priority: new.priority,
        tags: new.tags.clone(),
        reporter: new.reporter.clone(),
        page: new.page.clone(),
        system: new.system.clone(),
        metadata: new.metadata.clone(),
        replay,
        assignee: None,
        created_at: draft.created_at,
        updated_at: draft.created_at,
        screenshot_count: count(new.screenshots.len()),
        attachment_count: count(new.attachments.len()),
        comment_count: 0,
        cookie_count: count(new.cookies.len()),
    }
}

/// What writing the rows of a bug found.
enum Recorded {
    /// The rows were written.
    New { replay: Option<ReplayId> },
    /// This bug already has the client id.
    Earlier(BugId),
}

/// Writes every row.
fn record(tx: &Tx<'_>, draft: &Draft, wakeups: &Wakeups) -> Result<Recorded> {
    let (new, project) = (&draft.new, draft.new.project);
    let row = tx.query_one(PROJECT, &values![project])?.ok_or(StoreError::NotFound("project"))?;
    if row.get::<Option<EpochMs>>(0)?.is_some() {
        return Err(StoreError::Conflict("the project is archived and takes no uploads".into()));
    }
    if let Some(key) = &draft.client_key
        && let Some(row) = tx.query_one(BY_CLIENT_KEY, &values![key.as_str()])?
    {
        return row.get(0).map(Recorded::Earlier);
    }
    let replay = match &new.replay {
        Some(key) => Some(find_or_add(tx, project, key, draft.created_at)?.id),
        None => None,
    };
    let failure = match replay {
        Some(id) => tx.query_one(FAILURE, &values![id])?.map_or(Ok(None), |row| row.get(0))?,
        None => None,
    };
    tx.execute(ADD, &bug_row(draft, replay, failure))?;
    if !new.cookies.is_empty() {
        tx.execute(ADD_COOKIES, &values![draft.id, draft.texts.cookies.as_str()])?;
    }
    record_files(tx, draft, project)?;
    for (id, _) in &draft.screenshots {
        jobs::enqueue(tx, JobKind::Renditions, id.0, project, draft.created_at, wakeups)?;
    }
    Ok(Recorded::New { replay })
}

fn record_files(tx: &Tx<'_>, draft: &Draft, project: ProjectId) -> Result<()> {
    let screenshots = draft.new.screenshots.iter().zip(&draft.screenshots).zip(0..);
    let rows: Vec<_> = screenshots
        .map(|((s, (id, object)), position)| pictures::new_row(s, (*id, project, draft.id), position, object))
        .collect();
    tx.append("screenshots", &rows)?;
    let attachments = draft.new.attachments.iter().zip(&draft.attachments).zip(0..);
    let rows: Vec<_> = attachments
        .map(|((a, (id, object)), position)| attachments::new_row(a, (*id, project, draft.id), position, object))
        .collect();
    tx.append("attachments", &rows)
}

fn bug_row(draft: &Draft, replay: Option<ReplayId>, failure: Option<String>) -> Vec<Value> {
    let (new, texts) = (&draft.new, &draft.texts);
    values![
        draft.id,
        new.project,
        draft.client_key.as_deref(),
        new.title.as_str(),
        new.description.as_str(),
        BugStatus::Open.as_str(),
        new.priority.as_str(),
        texts.tags.as_str(),
        texts.reporter.as_str(),
        texts.page.as_str(),
        texts.system.as_str(),
        texts.metadata.as_str(),
        replay,
        failure,
        draft.created_at,
        draft.screenshots.len() as u64,
        draft.attachments.len() as u64,
        new.cookies.len() as u64
    ]
    .to_vec()
}
