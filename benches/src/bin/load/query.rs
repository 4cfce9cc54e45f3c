//! `load query`: how long the tools take over HTTP, on stores of several sizes, beside one that does nothing.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use playhead_benches::Rng;
use playhead_benches::machine::{self, Machine};
use playhead_schemas::BugId;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde::Serialize;
use serde_json::{Value, json};

use crate::out;
use crate::seed::{self, RARE, RARE_TAG, Seeded};
use crate::server::Server;
use crate::stats::{Latency, Times};

/// Arguments of `query`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Bugs in the store, one store for each number.
    #[arg(long, default_value = "100,10000,100000", value_delimiter = ',', value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    bugs: Vec<u64>,
    /// Clients at once, one measurement for each number.
    #[arg(long, default_value = "1,8", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(1..=256))]
    clients: Vec<u32>,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// How the tools are called.
    #[arg(long, value_enum, default_value_t = Way::Rest)]
    way: Way,
    /// Another seed asks for other bugs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep the stores in this folder, and take them again [default: a temporary one]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The longest that filling one store may take.
    #[arg(long, default_value_t = 30)]
    seed_minutes_max: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// How a tool is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Way {
    /// `POST /v1/tools/{name}`
    Rest,
    /// `tools/call` at `/mcp`
    Mcp,
}

#[derive(Serialize)]
struct Report {
    before: Machine,
    after: Machine,
    way: Way,
    stores: Vec<Figures>,
}

#[derive(Serialize)]
struct Figures {
    bugs: u64,
    catalog_mb: f64,
    results_mb: f64,
    moments_mean: Option<f64>,
    seed_seconds: f64,
    server_peak_mb: Option<f64>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    call: &'static str,
    clients: u32,
    per_second: f64,
    latency: Latency,
    answer_bytes_mean: f64,
    errors: u64,
    first_error: Option<String>,
}

/// A call that is measured.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// Its name in the table.
    name: &'static str,
    tool: &'static str,
    arguments: fn(BugId) -> Value,
    /// What a right answer holds: as typed JSON, and as text.
    proof: fn(BugId) -> String,
    proof_in_text: &'static str,
}

const CALLS: &[Asked] = &[
    Asked {
        name: "noop",
        tool: "noop",
        arguments: |_| json!({}),
        proof: |_| "\"ok\":true".to_owned(),
        proof_in_text: "Nothing was done.",
    },
    Asked {
        name: "get_replay_transcript",
        tool: "get_replay_transcript",
        arguments: |bug| json!({ "bug_id": bug }),
        proof: |_| "\"state\":\"ready\"".to_owned(),
        proof_in_text: "<untrusted",
    },
    Asked {
        name: "get_replay_transcript, detailed",
        tool: "get_replay_transcript",
        arguments: |bug| json!({ "bug_id": bug, "verbosity": "detailed" }),
        proof: |_| "\"state\":\"ready\"".to_owned(),
        proof_in_text: "<untrusted",
    },
    Asked {
        name: "get_bug_context",
        tool: "get_bug_context",
        arguments: |bug| json!({ "bug_id": bug }),
        proof: |bug| format!("\"id\":\"{bug}\""),
        proof_in_text: "What failed",
    },
    Asked {
        name: "list_bugs",
        tool: "list_bugs",
        arguments: |_| json!({}),
        proof: |_| "\"bugs\":[{".to_owned(),
        proof_in_text: "newest first",
    },
    Asked {
        name: "list_bugs, rare tag",
        tool: "list_bugs",
        arguments: |_| json!({ "tag": RARE_TAG }),
        proof: |_| "\"bugs\":[{".to_owned(),
        proof_in_text: "newest first",
    },
    Asked {
        name: "list_bugs, open and urgent",
        tool: "list_bugs",
        arguments: |_| json!({ "status": ["open"], "priority": ["urgent"] }),
        proof: |_| "\"bugs\":[".to_owned(),
        proof_in_text: "newest first",
    },
    Asked {
        name: "search_bugs, a word of many",
        tool: "search_bugs",
        arguments: |_| json!({ "query": "checkout" }),
        proof: |_| "\"bugs\":[{".to_owned(),
        proof_in_text: "newest first",
    },
    Asked {
        name: "search_bugs, two words",
        tool: "search_bugs",
        arguments: |_| json!({ "query": "cart button" }),
        proof: |_| "\"bugs\":[{".to_owned(),
        proof_in_text: "newest first",
    },
    Asked {
        name: "search_bugs, one bug's number",
        tool: "search_bugs",
        arguments: |bug| json!({ "query": format!("{}", u128::from(bug.0) % 90_000 + 10_000) }),
        proof: |_| "\"bugs\":[".to_owned(),
        proof_in_text: "newest first",
    },
];

/// Everything that a client needs.
struct Target {
    url: String,
    token: String,
    bugs: Vec<BugId>,
    way: Way,
}

#[derive(Default)]
struct Tally {
    times: Times,
    bytes: u64,
    errors: u64,
    first_error: Option<String>,
}

/// Measures every call on every store.
pub(crate) async fn run(args: &Args) -> Result<bool> {
    let temporary = tempfile::Builder::new().prefix("playhead-query-").tempdir()?;
    let folder = args.data.clone().unwrap_or_else(|| temporary.path().to_owned());
    let before = machine::now();
    let mut stores = Vec::new();
    for bugs in &args.bugs {
        stores.push(measure(&folder.join(format!("bugs-{bugs}")), *bugs, args).await?);
    }
    let report = Report { before, after: machine::now(), way: args.way, stores };
    out::result(args.json, &report, table)?;
    Ok(report.stores.iter().flat_map(|store| &store.rows).all(|row| row.errors == 0))
}

async fn measure(data: &Path, bugs: u64, args: &Args) -> Result<Figures> {
    let began = Instant::now();
    let Seeded { bugs: ids, token, catalog_bytes, results_bytes, moments_mean } =
        seed::seed(data, bugs, args.seed, Duration::from_secs(args.seed_minutes_max * 60)).await?;
    let seed_seconds = began.elapsed().as_secs_f64();
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve-tools", "--data"]).arg(data);
    let server = Server::start(command).await?;
    let target = Arc::new(Target { url: server.url().to_owned(), token, bugs: ids, way: args.way });
    let mut rows = Vec::new();
    let calls = CALLS.iter().filter(|asked| asked.tool != "noop" || cfg!(feature = "noop"));
    for asked in calls {
        // What comes once only: connections, prepared statements, the code's pages.
        load(&target, asked, 1, Duration::from_millis(500), args.seed).await?;
        for clients in &args.clients {
            out::progress(&format!("query: {bugs} bugs, {}, {clients} clients", asked.name));
            rows.push(load(&target, asked, *clients, Duration::from_secs(args.seconds), args.seed).await?);
        }
    }
    let server_peak_mb = server.peak_mb();
    server.stop().await?;
    let moments_mean = Some(moments_mean).filter(|mean| mean.is_finite());
    let (catalog_mb, results_mb) = (catalog_bytes as f64 / 1e6, results_bytes as f64 / 1e6);
    Ok(Figures { bugs, catalog_mb, results_mb, moments_mean, seed_seconds, server_peak_mb, rows })
}

async fn load(target: &Arc<Target>, asked: &Asked, clients: u32, length: Duration, seed: u64) -> Result<Row> {
    let began = Instant::now();
    let running: Vec<_> = (0..clients)
        .map(|i| tokio::spawn(client(target.clone(), *asked, Rng::part(seed, u64::from(i)), began + length)))
        .collect();
    let mut tally = Tally::default();
    for client in running {
        let other = client.await??;
        tally.times.absorb(other.times);
        tally.bytes += other.bytes;
        tally.errors += other.errors;
        tally.first_error = tally.first_error.or(other.first_error);
    }
    let seconds = began.elapsed().as_secs_f64();
    let latency = tally.times.latency();
    Ok(Row {
        call: asked.name,
        clients,
        per_second: latency.count as f64 / seconds,
        answer_bytes_mean: tally.bytes as f64 / latency.count.max(1) as f64,
        latency,
        errors: tally.errors,
        first_error: tally.first_error,
    })
}

async fn client(target: Arc<Target>, asked: Asked, mut rng: Rng, until: Instant) -> Result<Tally> {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(60)).build()?;
    let mut tally = Tally::default();
    while Instant::now() < until {
        let bug = target.bugs[rng.index(target.bugs.len())];
        let request = target.request(&http, &asked, bug);
        let sent = Instant::now();
        let answer = async { request.send().await?.error_for_status()?.text().await }.await;
        let took = sent.elapsed();
        let proof = target.proof(&asked, bug);
        match answer.map_err(anyhow::Error::from).and_then(|answer| check(answer, &proof)) {
            Ok(bytes) => {
                tally.times.push(took);
                tally.bytes += bytes;
            }
            Err(error) => {
                tally.errors += 1;
                tally.first_error.get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }
    Ok(tally)
}

fn check(answer: String, proof: &str) -> Result<u64> {
    let head: String = answer.chars().take(300).collect();
    answer.contains(proof).then_some(answer.len() as u64).with_context(|| format!("no {proof} in {head}"))
}

impl Target {
    /// Over MCP an answer is text.
    fn proof(&self, asked: &Asked, bug: BugId) -> String {
        match self.way {
            Way::Rest => (asked.proof)(bug),
            Way::Mcp => asked.proof_in_text.to_owned(),
        }
    }

    fn request(&self, http: &reqwest::Client, asked: &Asked, bug: BugId) -> reqwest::RequestBuilder {
        let arguments = (asked.arguments)(bug);
        let (path, body) = match self.way {
            Way::Rest => (format!("/v1/tools/{}", asked.tool), arguments),
            Way::Mcp => {
                let params = json!({ "name": asked.tool, "arguments": arguments });
                ("/mcp".to_owned(), json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params }))
            }
        };
        let request = http.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let request =
            request.header(ACCEPT, "application/json, text/event-stream").header(CONTENT_TYPE, "application/json");
        request.header("MCP-Protocol-Version", "2025-11-25").body(body.to_string())
    }
}

fn table(report: &Report) -> String {
    let mut text = format!("{}; at the end {}; the clients run on the same machine\n", report.before, report.after);
    if !cfg!(feature = "noop") {
        text.push_str("the tool that does nothing is missing: build with --features noop\n");
    }
    for store in &report.stores {
        let kb_each = |mb: f64| mb * 1e3 / store.bugs as f64;
        text.push_str(&format!(
            "\n{} bugs, catalog {:.0} MB and results {:.0} MB: {:.1} and {:.1} KB a bug",
            store.bugs,
            store.catalog_mb,
            store.results_mb,
            kb_each(store.catalog_mb),
            kb_each(store.results_mb)
        ));
        text.extend(store.moments_mean.map(|mean| format!(", {mean:.0} moments a transcript")));
        text.push_str(&format!(", one in {RARE} with the rare tag; filled or read in {:.0} s", store.seed_seconds));
        text.extend(store.server_peak_mb.map(|mb| format!("; server up to {mb:.0} MB")));
        text.push_str("\n\n| call | clients | p50 ms | p99 ms | max ms | calls/s | answer KB | errors |\n");
        text.push_str("|---|---:|---:|---:|---:|---:|---:|---:|\n");
        for row in &store.rows {
            let Latency { p50_ms, p99_ms, max_ms, .. } = row.latency;
            text.push_str(&format!(
                "| {} | {} | {p50_ms:.2} | {p99_ms:.2} | {max_ms:.1} | {:.0} | {:.1} | {} |\n",
                row.call,
                row.clients,
                row.per_second,
                row.answer_bytes_mean / 1e3,
                row.errors
            ));
            text.extend(row.first_error.iter().map(|error| format!("\nthe first error: {error}\n")));
        }
    }
    text
}
