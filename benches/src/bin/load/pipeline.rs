//! `load pipeline`: what the checks of a call cost. One client calls each tool in turns, through `/mcp` with all of its
//! checks, counters and audit rows, and through an endpoint of the same server that has none of them.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use playhead_benches::Rng;
use playhead_benches::machine::{self, Machine};
use playhead_schemas::BugId;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;
use serde_json::{Value, json};

use crate::out;
use crate::seed::{self, Seeded};
use crate::server::Server;
use crate::stats::{Latency, Times};

/// Arguments of `pipeline`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Bugs in the store.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    bugs: u64,
    /// Pairs of calls of each tool.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pairs: u32,
    /// Another seed asks for other bugs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep the store in this folder, and take it again [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Report {
    before: Machine,
    after: Machine,
    bugs: u64,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    tool: &'static str,
    with: Latency,
    without: Latency,
}

/// A way to the tools.
#[derive(Clone, Copy)]
enum Way {
    Checked,
    Unchecked,
}

type Arguments = fn(BugId) -> Value;

const CALLS: [(&str, Arguments); 4] = [
    ("noop", |_| json!({})),
    ("list_projects", |_| json!({})),
    ("get_bug", |bug| json!({ "bug_id": bug })),
    ("get_replay_transcript", |bug| json!({ "bug_id": bug })),
];

/// Calls that come before those that count.
const WARMING: u32 = 200;

struct Target {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// Measures every call both ways.
pub(crate) async fn run(args: &Args) -> Result<bool> {
    if !cfg!(feature = "noop") {
        bail!("the way without checks is missing: build with --features noop");
    }
    let temporary = tempfile::Builder::new().prefix("playhead-pipeline-").tempdir()?;
    let data = args.data.clone().unwrap_or_else(|| temporary.path().join("data"));
    let Seeded { bugs, token, .. } = seed::seed(&data, args.bugs, args.seed, Duration::from_secs(1800)).await?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve-tools", "--data"]).arg(&data);
    let server = Server::start(command).await?;
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?;
    let target = Target { http, url: server.url().to_owned(), token };
    let (before, mut rows) = (machine::now(), Vec::new());
    for (tool, arguments) in CALLS {
        out::progress(&format!("pipeline: {tool}"));
        rows.push(measure(&target, tool, arguments, &bugs, args).await?);
    }
    server.stop().await?;
    let report = Report { before, after: machine::now(), bugs: args.bugs, rows };
    out::result(args.json, &report, table)?;
    Ok(true)
}

async fn measure(
    target: &Target,
    tool: &'static str,
    arguments: Arguments,
    bugs: &[BugId],
    args: &Args,
) -> Result<Row> {
    let (mut with, mut without) = (Times::default(), Times::default());
    let mut rng = Rng::part(args.seed, 0);
    for i in 0..WARMING + args.pairs {
        let bug = bugs[rng.index(bugs.len())];
        // Both ways ask the same, and take turns in coming first.
        let ways = if i % 2 == 0 { [Way::Checked, Way::Unchecked] } else { [Way::Unchecked, Way::Checked] };
        for way in ways {
            let took = target.call(way, tool, arguments(bug)).await?;
            match way {
                _ if i < WARMING => {}
                Way::Checked => with.push(took),
                Way::Unchecked => without.push(took),
            }
        }
    }
    Ok(Row { tool, with: with.latency(), without: without.latency() })
}

impl Target {
    /// Calls a tool and reads its whole answer.
    async fn call(&self, way: Way, tool: &str, arguments: Value) -> Result<Duration> {
        let path = match way {
            Way::Checked => "/mcp",
            Way::Unchecked => "/unchecked/mcp",
        };
        let params = json!({ "name": tool, "arguments": arguments });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }).to_string();
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let request =
            request.header(ACCEPT, "application/json, text/event-stream").header(CONTENT_TYPE, "application/json");
        let request = request.header("MCP-Protocol-Version", "2025-11-25").body(body);
        let sent = Instant::now();
        let answer = request.send().await?.error_for_status()?.text().await?;
        let took = sent.elapsed();
        let head: String = answer.chars().take(300).collect();
        let went_well = answer.contains("\"isError\":false");
        went_well.then_some(took).with_context(|| format!("{tool} at {path} failed: {head}"))
    }
}

fn table(report: &Report) -> String {
    let mut text = format!("{}; at the end {}; one client on the same machine\n", report.before, report.after);
    text.push_str(&format!("{} bugs; each call with and without its checks, in turns\n\n", report.bugs));
    text.push_str("| tool | calls | p50 ms with | without | p99 ms with | without |\n|---|---:|---:|---:|---:|---:|\n");
    for Row { tool, with, without } in &report.rows {
        let (count, p50, p99) = (with.count, with.p50_ms, with.p99_ms);
        text.push_str(&format!(
            "| `{tool}` | {count} | {p50:.3} | {:.3} | {p99:.3} | {:.3} |\n",
            without.p50_ms, without.p99_ms
        ));
    }
    text
}
