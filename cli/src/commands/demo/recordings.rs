//! The recorded cases of the binary, uploaded as an SDK uploads them. A second upload changes nothing.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use playhead_schemas::{BugId, ReplayId, ReplayKey};
use serde_json::json;

use crate::admin;
use crate::cases::{CASES, Case};
use crate::client::ApiClient;
use crate::progress::Progress;
use crate::upload::{self, Form, Segment};

const PROJECT: &str = "demo";

/// A case in the store.
pub(super) struct Uploaded {
    pub(super) case: &'static Case,
    pub(super) title: String,
    pub(super) bug: BugId,
    pub(super) replay: ReplayId,
}

/// Uploads every case with a key that is revoked at the end. The project is created when it is missing.
pub(super) async fn upload_all(client: &ApiClient) -> anyhow::Result<Vec<Uploaded>> {
    if !admin::projects(client).await?.iter().any(|project| project.slug == PROJECT) {
        admin::create_project(client, PROJECT, "Demo shop").await?;
    }
    let key = admin::create_key(client, PROJECT, "demo recorder", &[]).await?;
    let ingest = client.with_credential(&key.secret);
    let mut progress = Progress::new("uploads", CASES.len() as u64);
    let mut uploaded = Vec::with_capacity(CASES.len());
    for case in CASES {
        uploaded.push(upload_one(&ingest, case).await?);
        progress.set(uploaded.len() as u64);
    }
    progress.finish();
    admin::revoke_key(client, key.key.id).await?;
    Ok(uploaded)
}

/// Uploads a case: segments in the order of the session, then the report.
async fn upload_one(ingest: &ApiClient, case: &'static Case) -> anyhow::Result<Uploaded> {
    let key: ReplayKey = format!("demo-{}", case.name).parse()?;
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
    let title = report["title"].as_str().unwrap_or(case.name).to_owned();
    let replay = replay.ok_or_else(|| anyhow::anyhow!("case {} has no segments", case.name))?;
    Ok(Uploaded { case, title, bug, replay })
}
