//! `playhead demo`: a server with recorded sessions of a small shop, and how to connect an assistant to it.

use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use playhead_schemas::{ReplayId, ReplayKey, Scope};
use serde_json::json;
use tempfile::TempDir;

use crate::cases::{CASES, Case};
use crate::client::ApiClient;
use crate::commands::connect;
use crate::exit::Exit;
use crate::progress::{Progress, say};
use crate::reader::Reader;
use crate::server::Server;
use crate::settings::{Flags, Settings};
use crate::shutdown::Stop;
use crate::upload::{self, Form, Segment};
use crate::{admin, exit, out};

/// Arguments of `demo`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Folder to keep the data in [default: a temporary folder that goes when the demo ends]
    #[arg(long, value_name = "PATH")]
    data: Option<String>,
    /// Address to listen on [default: a free port of this machine]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// End after the configuration is printed
    #[arg(long)]
    once: bool,
    /// Print JSON: {url, mcp, token, data, bugs}
    #[arg(long)]
    json: bool,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead demo
  playhead demo --data ./demo-data --listen 127.0.0.1:4600

With --data the demo can be started again on the same folder: nothing is uploaded twice.";

/// The case whose summary is printed.
const SHOWN_CASE: &str = "checkout-500";
const PROJECT: &str = "demo";
/// How often the temporary folder is tried to be removed, and the pause between two tries.
const REMOVALS_MAX: usize = 20;
const REMOVAL_PAUSE: Duration = Duration::from_millis(50);

impl Args {
    /// The settings that the flags give. The demo keeps away from the data folder of the settings.
    pub(crate) fn flags(&self) -> Flags {
        Flags {
            data: self.data.clone(),
            listen: Some(self.listen.clone().unwrap_or_else(|| "127.0.0.1:0".to_owned())),
            ..Flags::default()
        }
    }
}

/// A case in the store.
struct Uploaded {
    case: &'static Case,
    title: String,
    bug: playhead_schemas::BugId,
    replay: ReplayId,
}

/// Serves the demo until a signal, or prints and ends.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let stop = Stop::watch()?;
    let folder = tempfile::Builder::new().prefix("playhead-demo-").tempdir()?;
    // What is configured for a real server is not the demo's: neither where its objects go nor its address.
    let mut settings = Settings { objects: None, public_url: None, ..settings.clone() };
    if args.data.is_none() {
        settings.data = folder.path().to_owned();
    }
    let mut server = Server::start(&settings, settings.listen).await?;
    let mut asked = std::pin::pin!(stop.asked());
    let outcome = tokio::select! {
        outcome = present(&args, &server) => match outcome {
            Ok(()) if !args.once => tokio::select! {
                () = &mut asked => Ok(()),
                error = server.failed() => Err(error),
            },
            other => other,
        },
        () = &mut asked => Ok(()),
    };
    server.stop().await;
    remove(folder).await;
    outcome
}

/// Removes the temporary folder. What was being written in it at the end may hold it up for a moment.
async fn remove(folder: TempDir) {
    let path = folder.keep();
    for _ in 0..REMOVALS_MAX {
        if std::fs::remove_dir_all(&path).is_ok() || !path.exists() {
            return;
        }
        tokio::time::sleep(REMOVAL_PAUSE).await;
    }
    tracing::warn!(path = %path.display(), "the temporary folder can't be removed");
}

/// Fills the server and prints what to do with it.
async fn present(args: &Args, server: &Server) -> anyhow::Result<()> {
    let client = ApiClient::new(&server.file().url, server.file().secret.expose())?;
    let began = Instant::now();
    say(&format!("serving on {}; uploading the recordings", server.public_url()));
    let uploaded = upload_cases(&client).await?;
    let reader = Reader::open(&client, "playhead demo").await?;
    let replays: Vec<ReplayId> = uploaded.iter().map(|case| case.replay).collect();
    reader.wait(&replays).await?;
    let took = began.elapsed();
    let shown = uploaded.iter().find(|case| case.case.name == SHOWN_CASE).or_else(|| uploaded.first());
    let shown = shown.ok_or_else(|| exit::Failure::error(Exit::Failed, "this binary has no recordings in it"))?;
    let summary = reader.summary(shown.replay).await?;
    reader.close().await?;
    let token = make_token(&client).await?;
    let access = connect::Access { public_url: server.public_url(), token: &token, data: server.data() };
    if args.json {
        let bugs: Vec<_> = uploaded
            .iter()
            .map(|case| json!({ "case": case.case.name, "bug": case.bug, "replay": case.replay, "title": case.title }))
            .collect();
        return out::json_line(&json!({
            "url": server.public_url(), "mcp": access.mcp_url(), "token": token,
            "data": server.data(), "bugs": bugs,
        }));
    }
    out::line(format!(
        "Playhead serves {} recorded bugs of a demo shop at {} (uploaded and transcribed in {:.1} s).\n\n\
         One of them, {} \"{}\":\n\n{}\n\n{}",
        uploaded.len(),
        server.public_url(),
        took.as_secs_f64(),
        shown.bug,
        shown.title,
        indented(&summary),
        access.instructions()?,
    ))?;
    if !args.once {
        out::line("\nCtrl-C stops the demo.")?;
    }
    Ok(())
}

async fn upload_cases(client: &ApiClient) -> anyhow::Result<Vec<Uploaded>> {
    if !admin::projects(client).await?.iter().any(|project| project.slug == PROJECT) {
        admin::create_project(client, PROJECT, "Demo shop").await?;
    }
    let key = admin::create_key(client, PROJECT, "demo recorder", &[]).await?;
    let ingest = client.with_credential(&key.secret);
    let mut progress = Progress::new("uploads", CASES.len() as u64);
    let mut uploaded = Vec::with_capacity(CASES.len());
    for case in CASES {
        uploaded.push(upload_case(&ingest, case).await?);
        progress.set(uploaded.len() as u64);
    }
    progress.finish();
    admin::revoke_key(client, key.key.id).await?;
    Ok(uploaded)
}

/// Uploads a case as an SDK does: segments while the session goes on, then the report.
async fn upload_case(ingest: &ApiClient, case: &'static Case) -> anyhow::Result<Uploaded> {
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

async fn make_token(client: &ApiClient) -> anyhow::Result<String> {
    let new = admin::NewToken {
        label: "demo assistant".to_owned(),
        projects: None,
        scopes: vec![Scope::BugsRead, Scope::BugsWrite, Scope::ReplayRaw],
        expires_at: None,
        ..admin::NewToken::default()
    };
    Ok(admin::create_token(client, &new).await?.secret)
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
