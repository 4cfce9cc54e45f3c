//! `playhead reprocess`: replays are transcribed again, by the version that runs now.

use std::time::Duration;

use playhead_api::types::Reprocess;
use playhead_schemas::text::counted;
use playhead_schemas::{BugId, EpochMs};
use serde_json::json;

use crate::client::ApiClient;
use crate::commands::when;
use crate::exit::{self, Exit, Failure};
use crate::progress::{Progress, say};
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

Without --all, replays without a transcript and those that an older version transcribed are done. Use --all \
after a change of the thresholds of signals: those of the running server apply, or those of the settings when \
none runs. It is safe beside a running server. Readers see the old transcript until the new one is published, and uploads go on.";

/// How long to wait between the first two looks at the jobs; each later pause is longer by as much, up to ten times.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

/// How often another server is looked for.
const TAKEOVERS_MAX: u32 = 10;

/// Enqueues, then shows how far the worker is.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let mut batch = None;
    let mut takeovers = 0;
    let mut session = Session::open(settings).await?;
    loop {
        let done = carry_out(&args, session.client(), &mut batch).await;
        let is_lent = session.own().is_none() && settings.url.is_none();
        session.close().await;
        match done {
            // The server was another process, which has ended. The jobs are in the data folder: go on with them.
            Err(error) if is_lent && has_ended(&error) && takeovers < TAKEOVERS_MAX => {
                takeovers += 1;
                say("the process that had the data folder has ended; this command goes on with the replays");
                session = Session::open(settings).await?;
            }
            done => return done,
        }
    }
}

/// True when no server answered.
fn has_ended(error: &anyhow::Error) -> bool {
    exit::of(error) == Exit::Unavailable && exit::code_of(error).is_none()
}

/// What was queued.
struct Batch {
    replays: u64,
    /// Jobs that had been given up before.
    dead_before: u64,
    progress: Progress,
}

/// Queues, unless that is done, and waits for the worker.
async fn carry_out(args: &Args, client: &ApiClient, batch: &mut Option<Batch>) -> anyhow::Result<()> {
    let before = admin::jobs(client).await?;
    // A server that took over counts from its own start: what is left there is what has to end.
    let (batch, left) = match batch {
        Some(batch) => {
            let left = batch.replays.min(before.queued + before.running);
            (batch, left)
        }
        None => {
            let wanted = Reprocess { project: args.project.clone(), since: args.since, bug: args.bug, all: args.all };
            let replays = admin::reprocess(client, &wanted).await?.total;
            let progress = Progress::new("transcribed", replays);
            (batch.insert(Batch { replays, dead_before: before.dead, progress }), replays)
        }
    };
    let mut looks = 0;
    let dead = loop {
        let jobs = admin::jobs(client).await?;
        let ended = (jobs.done + jobs.dead).saturating_sub(before.done + before.dead);
        let waiting = jobs.queued + jobs.running;
        batch.progress.set(batch.replays.saturating_sub(waiting.min(left.saturating_sub(ended))));
        // Other replays may be uploaded all the while: ours have ended when as many as ours have.
        if waiting == 0 || ended >= left {
            break jobs.dead.saturating_sub(batch.dead_before);
        }
        looks = (looks + 1).min(10);
        tokio::time::sleep(LOOK_PAUSE * looks).await;
    };
    batch.progress.finish();
    let report = json!({ "replays": batch.replays, "dead": dead });
    let done = batch.replays.saturating_sub(dead);
    out::either(args.json, &report, || format!("{} transcribed again", counted(done, "replay", "replays")))?;
    if dead > 0 {
        let message = format!("{} failed; the server's log says why", counted(dead, "job", "jobs"));
        return Err(Failure::error(Exit::Failed, message));
    }
    Ok(())
}
