//! The recorded cases of the binary, uploaded as an SDK uploads them, unless an earlier start did it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use playhead_schemas::{BugId, ReplayId, ReplayKey};
use playhead_store::Store;
use serde_json::{Value, json};

use crate::admin;
use crate::cases::{CASES, Case};
use crate::client::ApiClient;
use crate::progress::Progress;
use crate::shutdown::Stop;
use crate::temporary_key::with_temporary_key;
use crate::upload::{self, Form, Segment};

/// The project of the demo.
pub(super) const PROJECT: &str = "demo";

/// A case in the store.
pub(super) struct Uploaded {
    pub(super) case: &'static Case,
    pub(super) title: String,
    pub(super) bug: BugId,
    pub(super) replay: ReplayId,
}

/// The cases in the store. Those that are missing are uploaded, with a key of their own; the project is created when it is
/// missing.
pub(super) async fn upload_missing(client: &ApiClient, store: &Store, stop: &Stop) -> anyhow::Result<Vec<Uploaded>> {
    if !admin::projects(client).await?.iter().any(|project| project.slug == PROJECT) {
        admin::create_project(client, PROJECT, "Demo shop").await?;
    }
    let (mut uploaded, mut missing) = (Vec::with_capacity(CASES.len()), Vec::new());
    for case in CASES {
        match find(store, case).await? {
            Some(found) => uploaded.push(found),
            None => missing.push(case),
        }
    }
    if missing.is_empty() {
        return Ok(uploaded);
    }
    let next = "the next start uploads the rest";
    let new = with_temporary_key(client, PROJECT, stop, next, async |ingest| {
        let mut progress = Progress::new("uploads", missing.len() as u64);
        let mut new = Vec::with_capacity(missing.len());
        for case in missing {
            new.push(upload_one(ingest, case).await?);
            progress.set(new.len() as u64);
        }
        progress.finish();
        Ok(new)
    });
    uploaded.extend(new.await?);
    Ok(uploaded)
}

/// A case that was uploaded before. Its bug is reported last: with it, everything is there.
async fn find(store: &Store, case: &'static Case) -> anyhow::Result<Option<Uploaded>> {
    let workspace = store.default_workspace().await?.id;
    let Some(project) = store.project_by_slug(workspace, PROJECT).await? else { return Ok(None) };
    let Some(replay) = store.replay_by_key(project.id, &key_of(case)?).await? else { return Ok(None) };
    let Some(bug) = store.bug_of_replay(replay.id).await? else { return Ok(None) };
    Ok(Some(Uploaded { case, title: title_of(case, &case.context()?), bug, replay: replay.id }))
}

fn key_of(case: &Case) -> anyhow::Result<ReplayKey> {
    Ok(format!("demo-{}", case.name).parse()?)
}

fn title_of(case: &Case, report: &Value) -> String {
    report["title"].as_str().unwrap_or(case.name).to_owned()
}

/// Uploads a case: segments in the order of the session, then the report.
async fn upload_one(ingest: &ApiClient, case: &'static Case) -> anyhow::Result<Uploaded> {
    let key = key_of(case)?;
    let segments = case.segments()?;
    let last = segments.len().saturating_sub(1);
    let mut replay = None;
    for (i, streams) in segments.iter().enumerate() {
        let segment = Segment {
            n: u32::try_from(i)?,
            streams: streams.iter().map(|(stream, json)| (*stream, json.as_slice())).collect(),
            is_final: i == last,
        };
        replay = Some(upload::segment(ingest, &key, &segment, Form::Json).await?.replay_id);
    }
    let mut report = case.context()?;
    report["replay"] = json!(key);
    report["client_id"] = json!(key);
    if let Some(picture) = case.screenshot {
        report["screenshots"] = json!([BASE64_STANDARD.encode(picture)]);
    }
    let bug = upload::bug(ingest, &report).await?.bug;
    let title = title_of(case, &report);
    let replay = replay.ok_or_else(|| anyhow::anyhow!("case {} has no segments", case.name))?;
    Ok(Uploaded { case, title, bug, replay })
}
