//! `playhead reprocess`: replays are transcribed again, by the version that runs now.

use std::time::Duration;

use playhead_schemas::{BugId, EpochMs};
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use crate::session::Session;
use crate::settings::{Settings, TargetFlags};
use crate::{admin, out};

/// Arguments of `reprocess`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Only replays of this project, by short name or id
    #[arg(long)]
    project: Option<String>,
    /// Only replays since this time: 2026-11-21, 2026-11-21T08:00:00Z, or an age such as 12h or 7d
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<EpochMs>,
    /// Only the replay of this bug
    #[arg(long, value_name = "ID")]
    bug: Option<BugId>,
    /// Also replays that the present version has transcribed already
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

Without --all, only replays whose transcript an older version made. It is safe beside a running server: readers see
the old transcript until the new one is published, and uploads go on.";

/// How long to wait between two looks at the jobs.
const LOOK_PAUSE: Duration = Duration::from_millis(200);

/// Enqueues, then shows how far the worker is.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let session = Session::open(settings).await?;
    let done = carry_out(&args, session.client()).await;
    session.close().await;
    done
}

async fn carry_out(args: &Args, client: &Client) -> anyhow::Result<()> {
    let wanted = admin::Reprocess { project: args.project.clone(), since: args.since, bug: args.bug, all: args.all };
    let before = admin::jobs(client).await?;
    let batch = admin::reprocess(client, &wanted).await?;
    let mut progress = Progress::new("transcribed", batch.total);
    let dead = loop {
        let jobs = admin::jobs(client).await?;
        let ended = (jobs.done + jobs.dead).saturating_sub(before.done + before.dead);
        let waiting = jobs.queued + jobs.running;
        progress.set(batch.total.saturating_sub(waiting).max(ended.min(batch.total)));
        // Other replays may be uploaded all the while: ours have ended when as many as ours have.
        if waiting == 0 || ended >= batch.total {
            break jobs.dead.saturating_sub(before.dead);
        }
        tokio::time::sleep(LOOK_PAUSE).await;
    };
    progress.finish();
    let report = json!({ "replays": batch.total, "dead": dead });
    out::either(args.json, &report, || format!("{} replays transcribed again", batch.total - dead.min(batch.total)))?;
    if dead > 0 {
        let message = format!("{dead} jobs were given up; GET /v1/admin/jobs and the server's log say why");
        return Err(Failure::error(Exit::Failed, message));
    }
    Ok(())
}

/// A day, a time, or an age.
fn since(text: &str) -> Result<EpochMs, String> {
    let wrong = || "neither a day (2026-11-21), nor a time (2026-11-21T08:00:00Z), nor an age (12h, 7d)".to_owned();
    let units = [("d", 86_400_000_i64), ("h", 3_600_000), ("m", 60_000)];
    for (unit, ms) in units {
        if let Some(count) = text.strip_suffix(unit).and_then(|digits| digits.parse::<u32>().ok()) {
            return Ok(EpochMs::now().plus_ms(-i64::from(count).saturating_mul(ms)));
        }
    }
    let time = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let time = time::OffsetDateTime::parse(&time, &Rfc3339).map_err(|_| wrong())?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).map(EpochMs).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_days_and_ages() {
        assert_eq!(since("2026-11-20T16:59:15.508Z"), Ok(EpochMs(1_795_193_955_508)));
        assert_eq!(since("1970-01-02"), Ok(EpochMs(86_400_000)));
        assert_eq!(since("1970-01-02T01:00:00+01:00"), Ok(EpochMs(86_400_000)));
        let week = EpochMs::now().since(since("7d").unwrap_or_default());
        assert!((604_800_000..604_810_000).contains(&week), "{week}");
        for wrong in ["", "7", "d", "-1d", "yesterday", "2026-13-01", "2026-11-2"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }
}
