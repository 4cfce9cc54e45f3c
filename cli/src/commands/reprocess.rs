//! `playhead reprocess`: replays are transcribed again, by the version that runs now.

use std::time::Duration;

use playhead_api::types::Reprocess;
use playhead_schemas::{BugId, EpochMs};
use serde_json::json;

use crate::client::ApiClient;
use crate::commands::when;
use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use crate::session::Session;
use crate::settings::{Settings, TargetFlags};
use crate::{admin, out};

/// Arguments of `reprocess`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only replays of this project, given as its short name or id
    #[arg(long)]
    project: Option<String>,
    /// Only replays since this time: 2026-11-21, 2026-11-21T08:00:00Z, or an age such as 12h or 7d
    #[arg(long, value_name = "TIME", value_parser = when::time)]
    since: Option<EpochMs>,
    /// Only the replay of this bug
    #[arg(long, value_name = "ID")]
    bug: Option<BugId>,
    /// Include replays that this version has transcribed already
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    pub(crate) target: TargetFlags,
    /// Print JSON: {replays, dead}
    #[arg(long)]
    json: bool,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead reprocess
  playhead reprocess --project shop --since 7d --all

Without --all, only replays that an older version transcribed are done again. Use --all after a change of the thresholds
of signals: those of the running server apply, or those of the settings when none runs. It is safe beside a running
server. Readers see the old transcript until the new one is published, and uploads go on.";

/// How long to wait between the first two looks at the jobs; each later pause is longer by as much, up to ten times.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

/// Enqueues, then shows how far the worker is.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let session = Session::open(settings).await?;
    let done = carry_out(&args, session.client()).await;
    session.close().await;
    done
}

async fn carry_out(args: &Args, client: &ApiClient) -> anyhow::Result<()> {
    let wanted = Reprocess { project: args.project.clone(), since: args.since, bug: args.bug, all: args.all };
    let before = admin::jobs(client).await?;
    let batch = admin::reprocess(client, &wanted).await?;
    let mut progress = Progress::new("transcribed", batch.total);
    let mut looks = 0;
    let dead = loop {
        let jobs = admin::jobs(client).await?;
        let ended = (jobs.done + jobs.dead).saturating_sub(before.done + before.dead);
        let waiting = jobs.queued + jobs.running;
        progress.set(batch.total.saturating_sub(waiting).max(ended.min(batch.total)));
        // Other replays may be uploaded all the while: ours have ended when as many as ours have.
        if waiting == 0 || ended >= batch.total {
            break jobs.dead.saturating_sub(before.dead);
        }
        looks = (looks + 1).min(10);
        tokio::time::sleep(LOOK_PAUSE * looks).await;
    };
    progress.finish();
    let report = json!({ "replays": batch.total, "dead": dead });
    out::either(args.json, &report, || format!("{} replays transcribed again", batch.total - dead.min(batch.total)))?;
    if dead > 0 {
        let message = format!("{dead} jobs failed; the server's log says why");
        return Err(Failure::error(Exit::Failed, message));
    }
    Ok(())
}
