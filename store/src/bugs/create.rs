//! Creating a bug.

use std::sync::Arc;

use playhead_schemas::limits::{ATTACHMENTS_MAX, COOKIES_MAX, SCREENSHOTS_MAX};
use playhead_schemas::tracker::ActivityKind;
use playhead_schemas::upload::BugStatus;
use playhead_schemas::{Actor, AttachmentId, BugId, EpochMs, MemberId, ProjectId, ReplayId, ScreenshotId};

use ulid::Ulid;

use super::words::{add_tags, set_words};
use super::{Bug, NewBug, ReplayFacts, facts};
use crate::activity::{self, Author, NewActivity};
use crate::engine::{Tx, Value, values};
use crate::idempotency::{self, IdempotencyKey};
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
    page, system_info, metadata, replay, failure_title, created_at, updated_at, screenshot_count, attachment_count,
    comment_count, cookie_count, assignee, answered_by, milestone, release, browser, signals, has_error)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, 0, $18, $19, $20, $21, $22,
        $23, $24, $25) RETURNING seq";
const TRANSCRIPT: &str = "SELECT generation, failure_title, signals, has_error FROM transcripts WHERE replay = $1";
const ADD_COOKIES: &str = "INSERT INTO bug_cookies (bug, cookies) VALUES ($1, $2)";

/// What a person or an agent adds who files a bug by hand.
#[derive(Clone, Debug)]
pub struct Filing {
    /// Who files it.
    pub author: Author,
    /// The key with which the request may be repeated.
    pub key: Option<IdempotencyKey>,
    /// Who is to work on it.
    pub assignee: Option<Actor>,
    /// The member who answers for the agent that is to work on it.
    pub answered_by: Option<MemberId>,
    /// The milestone that it belongs to.
    pub milestone: Option<String>,
}

/// A bug whose objects are written and whose rows are not.
struct UnrecordedBug {
    id: BugId,
    new: NewBug,
    filing: Option<Filing>,
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
    pub async fn create_bug(&self, new: NewBug) -> Result<(Bug, bool)> {
        self.record_new_bug(new, None).await
    }

    /// Stores a bug that a person or an agent files by hand, with the entry of its activity. `true` when an earlier call
    /// with the same idempotency key filed it.
    ///
    /// # Errors
    /// Those of [`Store::create_bug`]; `KeyReused` when the key was given with another request.
    pub async fn file_bug(&self, new: NewBug, filing: Filing) -> Result<(Bug, bool)> {
        self.record_new_bug(new, Some(filing)).await
    }

    async fn record_new_bug(&self, mut new: NewBug, filing: Option<Filing>) -> Result<(Bug, bool)> {
        check(&new)?;
        drop_duplicates(&mut new.tags);
        let client_key = new.client_id.as_ref().map(|id| format!("{}/{id}", new.project));
        if let Some(key) = &client_key
            && let Some(id) = self.find(BY_CLIENT_KEY, values![key.as_str()], |row| row.get(0)).await?
        {
            return Ok((self.bug(id).await?, true));
        }
        let made = Arc::new(self.write_objects(new, client_key, filing).await?);
        let recorded = self.record_bug(&made).await;
        match recorded {
            Ok(Recorded::New { replay }) => Ok((bug(&made, replay), false)),
            // `record_bug` tries again instead of returning it.
            Ok(Recorded::OtherTranscript) => Err(StoreError::engine("create a bug", "its transcript changed")),
            Ok(Recorded::Duplicate(earlier)) => {
                self.delete_objects(&made).await;
                Ok((self.bug(earlier).await?, true))
            }
            // After these errors no row names the objects; after a failed commit one might.
            Err(error @ (StoreError::NotFound(_) | StoreError::Conflict(_))) => {
                self.delete_objects(&made).await;
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Writes the rows. They hold the words of the replay's summary, which is not in the catalog: it is read before, and
    /// again if another one was published meanwhile.
    async fn record_bug(&self, made: &Arc<UnrecordedBug>) -> Result<Recorded> {
        loop {
            let summary = self.summary_of(&made.new).await?;
            let (made, wakeups) = (made.clone(), self.shared().wakeups.clone());
            match self.write(move |tx| record(tx, &made, summary.as_ref(), &wakeups)).await? {
                Recorded::OtherTranscript => {}
                recorded => return Ok(recorded),
            }
        }
    }

    /// The newest generation of a bug's replay, with its summary, if it was transcribed before the bug came.
    async fn summary_of(&self, new: &NewBug) -> Result<Option<(Ulid, String)>> {
        let Some(key) = &new.replay else { return Ok(None) };
        let Some(replay) = self.replay_by_key(new.project, key).await? else { return Ok(None) };
        self.newest_summary(replay.id).await
    }

    async fn write_objects(
        &self,
        new: NewBug,
        client_key: Option<String>,
        filing: Option<Filing>,
    ) -> Result<UnrecordedBug> {
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
        Ok(UnrecordedBug {
            id: BugId::new(),
            new,
            filing,
            client_key,
            created_at: EpochMs::now(),
            screenshots,
            attachments,
            texts,
        })
    }

    /// Deletes the objects of a bug that was not created: their keys are new, so nothing else names them.
    async fn delete_objects(&self, made: &UnrecordedBug) {
        let screenshots = made.screenshots.iter().map(|(_, object)| object);
        for object in screenshots.chain(made.attachments.iter().map(|(_, object)| object)) {
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

fn drop_duplicates(tags: &mut Vec<String>) {
    let mut seen = std::collections::BTreeSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
}

/// The bug as reading its row would give it.
fn bug(made: &UnrecordedBug, replay: Option<ReplayId>) -> Bug {
    let new = &made.new;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Bug {
        id: made.id,
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
        assignee: made.filing.as_ref().and_then(|filing| filing.assignee),
        answered_by: made.filing.as_ref().and_then(|filing| filing.answered_by),
        milestone: made.filing.as_ref().and_then(|filing| filing.milestone.clone()),
        release: facts::release(&new.metadata),
        fixed_in: None,
        duplicate_of: None,
        version: 1,
        created_at: made.created_at,
        updated_at: made.created_at,
        screenshot_count: count(new.screenshots.len()),
        attachment_count: count(new.attachments.len()),
        comment_count: 0,
        cookie_count: count(new.cookies.len()),
    }
}

/// The result of writing the rows of a bug.
enum Recorded {
    /// The rows were written.
    New { replay: Option<ReplayId> },
    /// This bug already has the client id.
    Duplicate(BugId),
    /// Nothing was written: a transcript was published since its summary was read.
    OtherTranscript,
}

/// Writes every row.
fn record(tx: &Tx<'_>, made: &UnrecordedBug, summary: Option<&(Ulid, String)>, wakeups: &Wakeups) -> Result<Recorded> {
    let (new, project) = (&made.new, made.new.project);
    let key = made.filing.as_ref().and_then(|filing| filing.key.as_ref());
    if let Some(key) = key
        && let Some(earlier) = idempotency::find(tx, key, made.created_at)?
    {
        return Ok(Recorded::Duplicate(BugId(earlier)));
    }
    let row = tx.query_one(PROJECT, &values![project])?.ok_or(StoreError::NotFound("project"))?;
    if row.get::<Option<EpochMs>>(0)?.is_some() {
        return Err(StoreError::Conflict("the project is archived and takes no uploads".into()));
    }
    if let Some(key) = &made.client_key
        && let Some(row) = tx.query_one(BY_CLIENT_KEY, &values![key.as_str()])?
    {
        return row.get(0).map(Recorded::Duplicate);
    }
    let (mut replay, mut seen) = (None, Seen::default());
    if let Some(key) = &new.replay {
        let id = find_or_add(tx, project, key, made.created_at)?.id;
        replay = Some(id);
        if let Some(row) = tx.query_one(TRANSCRIPT, &values![id])? {
            if summary.is_none_or(|(generation, _)| Some(*generation) != row.get(0).ok()) {
                return Ok(Recorded::OtherTranscript);
            }
            seen.failure = row.get::<Option<String>>(1)?;
            seen.facts = ReplayFacts { signals: row.get(2)?, has_error: row.get(3)? };
        }
    }
    record_texts(tx, made, replay, &seen, summary.map_or("", |(_, summary)| summary))?;
    if let Some(filing) = &made.filing {
        activity::add(tx, &NewActivity::new(made.id, ActivityKind::Created, made.created_at, &filing.author, 1))?;
    }
    if let Some(key) = key {
        idempotency::remember(tx, key, made.id.0, made.created_at)?;
    }
    if !new.cookies.is_empty() {
        tx.execute(ADD_COOKIES, &values![made.id, made.texts.cookies.as_str()])?;
    }
    record_files(tx, made, project)?;
    for (id, _) in &made.screenshots {
        jobs::enqueue(tx, JobKind::Renditions, id.0, project, made.created_at, wakeups)?;
    }
    Ok(Recorded::New { replay })
}

/// What the transcript of its replay adds to a bug.
#[derive(Debug, Default)]
struct Seen {
    failure: Option<String>,
    facts: ReplayFacts,
}

/// The bug's own row, its words and its tags.
fn record_texts(tx: &Tx<'_>, made: &UnrecordedBug, replay: Option<ReplayId>, seen: &Seen, summary: &str) -> Result<()> {
    let (new, failure) = (&made.new, seen.failure.as_deref());
    let added = tx.change(ADD, &bug_row(made, replay, seen))?;
    let seq = added.first().map_or(Err(StoreError::engine(ADD, "no row was added")), |row| row.get(0))?;
    set_words(tx, (new.project, seq), [&new.title, &new.description, failure.unwrap_or_default(), summary])?;
    add_tags(tx, (new.project, made.id), (BugStatus::Open.as_str(), new.priority.as_str()), &new.tags)
}

fn record_files(tx: &Tx<'_>, made: &UnrecordedBug, project: ProjectId) -> Result<()> {
    let screenshots = made.new.screenshots.iter().zip(&made.screenshots).zip(0..);
    let rows: Vec<_> = screenshots
        .map(|((s, (id, object)), position)| pictures::new_row(s, (*id, project, made.id), position, object))
        .collect();
    tx.append("screenshots", &rows)?;
    let attachments = made.new.attachments.iter().zip(&made.attachments).zip(0..);
    let rows: Vec<_> = attachments
        .map(|((a, (id, object)), position)| attachments::new_row(a, (*id, project, made.id), position, object))
        .collect();
    tx.append("attachments", &rows)
}

fn bug_row(made: &UnrecordedBug, replay: Option<ReplayId>, seen: &Seen) -> Vec<Value> {
    let (new, texts, filing) = (&made.new, &made.texts, made.filing.as_ref());
    values![
        made.id,
        new.project,
        made.client_key.as_deref(),
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
        seen.failure.as_deref(),
        made.created_at,
        made.screenshots.len() as u64,
        made.attachments.len() as u64,
        new.cookies.len() as u64,
        filing.and_then(|filing| filing.assignee),
        filing.and_then(|filing| filing.answered_by),
        filing.and_then(|filing| filing.milestone.as_deref()),
        facts::release(&new.metadata),
        facts::browser(&new.system),
        seen.facts.signals.as_str(),
        seen.facts.has_error
    ]
    .to_vec()
}
