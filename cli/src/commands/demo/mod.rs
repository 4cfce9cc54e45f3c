//! `playhead demo`: a server with recorded sessions of a small shop, and how to connect an assistant to it.
//!
//! Its folder, its addresses and its token stay the same from start to start, so that an assistant is configured once.

mod folder;
mod recordings;
mod shop;
mod snippets;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use playhead_api::types::CreateToken;
use playhead_schemas::{ReplayId, Scope};
use serde_json::{Value, json};

use crate::client::ApiClient;
use crate::commands::connect;
use crate::exit::{self, Exit, Failure};
use crate::progress::say;
use crate::reader::with_reader;
use crate::server::{Role, Server, administrator};
use crate::settings::{Flags, Settings, demo_folder};
use crate::shutdown::Stop;
use crate::{admin, out};
use folder::Kept;
use recordings::{PROJECT, Uploaded, upload_missing};
use shop::Shop;

/// Arguments of `demo`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The folder to keep the data in [default: playhead-demo in your folder for application data]
    #[arg(long, value_name = "PATH")]
    data: Option<String>,
    /// The address to listen on [default: that of the last start, at first 127.0.0.1:4610; another port if it is taken]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Upload, transcribe, print one bug's summary, and end without serving
    #[arg(long)]
    once: bool,
    /// Print JSON: {url, mcp, token, key, shop, sign_in, data, bugs}; with --once {data, bugs}
    #[arg(long)]
    json: bool,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead demo
  playhead demo --data ./demo-data --listen 127.0.0.1:4700
  playhead demo --once

Beside the server a small shop is opened, with planted bugs and the browser SDK in its pages: report a bug there, \
and see what an assistant is told. A later start on the same folder uploads nothing twice and keeps both addresses, token \
and ingest key, so that what was connected once stays connected. Delete the folder to start again.";

/// The case whose summary is printed.
const SHOWN_CASE: &str = "checkout-500";
/// The first choice of a port, and how many after it are tried. It is not that of `playhead serve`, so that a server of
/// one's own can be tried while the demo runs.
const PORT: u16 = 4610;
const PORTS_TRIED: u16 = 10;
/// The address of the member that signs in.
const EMAIL: &str = "admin@localhost";

impl Args {
    /// The settings that the flags give. The demo keeps away from the data folder and the address of the settings.
    pub(crate) fn flags(&self) -> Flags {
        let data = self.data.clone().or_else(|| Some(demo_folder()?.display().to_string()));
        let listen = self.listen.clone().unwrap_or_else(|| format!("127.0.0.1:{PORT}"));
        Flags::of([("data", data), ("listen", Some(listen))])
    }
}

/// Serves the demo until a signal, or prints and ends.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    if args.data.is_none() && demo_folder().is_none() {
        let message = "there is no folder for application data (HOME is not set); name one with --data";
        return Err(Failure::error(Exit::Usage, message));
    }
    let stop = Stop::watch()?;
    // What is configured for a real server is not the demo's: neither where its objects go nor its address.
    let mut settings = Settings { public_url: None, ..settings.clone() };
    settings.store.objects_url = None;
    settings.store.catalog_url = None;
    let mut kept = Kept::read(settings.data());
    let listen = match &args.listen {
        Some(_) => settings.listen,
        None => free_address(&kept),
    };
    let mut server = Server::start_when_free(&settings, listen, Role::Demo).await?;
    let outcome = match present(&args, &server, &mut kept, &stop).await {
        // The shop is open as long as the server.
        Ok(_shop) if !args.once => tokio::select! {
            () = stop.asked() => Ok(()),
            error = server.failed() => Err(error),
        },
        // Ctrl-C is how a demo ends, also before it has said so.
        Err(error) if !args.once && exit::of(&error) == Exit::Interrupted => Ok(()),
        other => other.map(drop),
    };
    server.stop().await;
    outcome
}

/// The address of the last start, else the usual one; the next free one when it is taken.
fn free_address(kept: &Kept) -> SocketAddr {
    let first = kept.port.unwrap_or(PORT);
    let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let is_free = |port: &u16| std::net::TcpListener::bind(address(*port)).is_ok();
    let candidates = std::iter::once(first).chain(PORT..PORT + PORTS_TRIED);
    let free = candidates.into_iter().find(is_free).unwrap_or(0);
    if free != first {
        let instead = if free == 0 { "a free port".to_owned() } else { format!("port {free}") };
        say(&format!("port {first} is taken; the demo takes {instead} instead"));
    }
    address(free)
}

/// Fills the server, opens the shop beside it and prints what to do with both.
async fn present(args: &Args, server: &Server, kept: &mut Kept, stop: &Stop) -> anyhow::Result<Option<Shop>> {
    let client = ApiClient::new(&server.file().url, server.file().secret.expose())?;
    let began = Instant::now();
    say(&format!("serving on {} from {}; preparing the recordings", server.public_url(), server.data().display()));
    let uploaded = upload_missing(&client, server.store(), stop).await?;
    let replays: Vec<ReplayId> = uploaded.iter().map(|case| case.replay).collect();
    let shown = uploaded.iter().find(|case| case.case.name == SHOWN_CASE).or_else(|| uploaded.first());
    let shown = shown.ok_or_else(|| Failure::error(Exit::Failed, "this binary has no recordings in it"))?;
    let next = "the next start goes on with the transcripts";
    let summary = with_reader(&client, "playhead demo", stop, next, async |reader| {
        reader.wait(&replays).await?;
        reader.summary(shown.replay).await
    });
    let summary = summary.await?;
    let found = Found { uploaded: &uploaded, shown, summary: &summary, took: began.elapsed() };
    if args.once {
        return print_once(args, server, &found).map(|()| None);
    }
    kept.port = server.file().url.rsplit(':').next().and_then(|port| port.parse().ok());
    let token = token(&client, kept).await?;
    let password = one_time_password(server, &client, kept).await?;
    let key = ingest_key(&client, kept).await?;
    let shop = Shop::open(&key, server.public_url(), kept.shop_port).await;
    if let Ok(shop) = &shop {
        kept.shop_port = Some(shop.port());
    }
    // Also without a shop: what was made for this start stays good.
    kept.write(server.data())?;
    let shop = shop?;
    let access = Access { token: &token, password: password.as_deref(), key: &key, shop: &shop };
    print(args, server, &found, &access)?;
    Ok(Some(shop))
}

/// What opens the server.
struct Access<'a> {
    token: &'a str,
    password: Option<&'a str>,
    key: &'a str,
    shop: &'a Shop,
}

/// What there is to tell of the recordings.
struct Found<'a> {
    uploaded: &'a [Uploaded],
    shown: &'a Uploaded,
    summary: &'a str,
    took: Duration,
}

impl Found<'_> {
    fn bugs(&self) -> Vec<Value> {
        let bug =
            |one: &Uploaded| json!({ "case": one.case.name, "bug": one.bug, "replay": one.replay, "title": one.title });
        self.uploaded.iter().map(bug).collect()
    }

    fn text(&self, where_to: &str) -> String {
        format!(
            "{} recorded bugs of a demo shop {where_to} (ready after {:.1} s).\n\n\
             One of them, {} \"{}\":\n\n{}",
            self.uploaded.len(),
            self.took.as_secs_f64(),
            self.shown.bug,
            self.shown.title,
            indented(self.summary),
        )
    }
}

/// The server ends with this process: nothing that needs it is printed.
fn print_once(args: &Args, server: &Server, found: &Found<'_>) -> anyhow::Result<()> {
    if args.json {
        return out::json_line(&json!({ "data": server.data(), "bugs": found.bugs() }));
    }
    let kept = format!("are in {}", server.data().display());
    out::line(format!(
        "{}\n\nThe server of this run has ended. `playhead demo` serves the bugs, and says how to connect an assistant.",
        found.text(&kept)
    ))
}

fn print(args: &Args, server: &Server, found: &Found<'_>, access: &Access<'_>) -> anyhow::Result<()> {
    let Access { token, password, key, shop } = *access;
    let access = connect::Access { public_url: server.public_url(), token, data: server.data() };
    let url = server.public_url();
    if args.json {
        return out::json_line(&json!({
            "url": url, "mcp": access.mcp_url(), "token": token, "key": key, "shop": shop.url(),
            "sign_in": { "url": format!("{url}/sign-in"), "email": EMAIL, "password": password },
            "data": server.data(), "bugs": found.bugs(),
        }));
    }
    let sign_in = match password {
        Some(password) => format!(
            "Its pages: sign in at {url}/sign-in as {EMAIL} with the one-time password {password}\n\
             You choose your own password then."
        ),
        None => format!(
            "Its pages: sign in at {url}/sign-in as {EMAIL} with the password that you chose. If it is lost:\n\
             playhead member password {EMAIL} --data {}",
            server.data().display()
        ),
    };
    out::line(format!(
        "Playhead serves {}\n\n{}\n\n{sign_in}\n\n{}\n\n{}\n\nIts data is kept in {}; delete that folder to start again.\n\
         Ctrl-C stops the demo.",
        found.text(&format!("at {url}")),
        snippets::own_bug(&shop.url()),
        access.instructions()?,
        snippets::pages(url, key)?,
        server.data().display(),
    ))
}

/// The token of the last start if it still works, else a new one.
async fn token(client: &ApiClient, kept: &mut Kept) -> anyhow::Result<String> {
    if let Some(token) = &kept.token
        && client.with_credential(token).get::<Value>("/v1/tools").await.is_ok()
    {
        return Ok(token.clone());
    }
    let new = CreateToken {
        label: "demo assistant".to_owned(),
        projects: None,
        scopes: Some(vec![Scope::BugsRead, Scope::BugsWrite, Scope::ReplayRaw]),
        expires_at: None,
        ..CreateToken::default()
    };
    let token = admin::create_token(client, &new).await?.secret;
    kept.token = Some(token.clone());
    Ok(token)
}

/// The ingest key of the last start if it still works, else a new one.
async fn ingest_key(client: &ApiClient, kept: &mut Kept) -> anyhow::Result<String> {
    let known = admin::keys(client, PROJECT).await?;
    let works = |id: &str| known.iter().any(|key| key.id.to_string() == id && key.revoked_at.is_none());
    if let Some(key) = kept.key.as_ref().filter(|key| works(&key.id)) {
        return Ok(key.secret.clone());
    }
    let made = admin::create_key(client, PROJECT, "demo pages", &[]).await?;
    kept.key = Some(folder::Key { id: made.key.id.to_string(), secret: made.secret.clone() });
    Ok(made.secret)
}

/// The one-time password of the administrator; `None` once the user has chosen another one.
async fn one_time_password(server: &Server, client: &ApiClient, kept: &mut Kept) -> anyhow::Result<Option<String>> {
    if let Some(first) = administrator(server.store(), Some(EMAIL)).await? {
        kept.password = Some(first.password);
        return Ok(kept.password.clone());
    }
    let workspace = server.store().default_workspace().await?.id;
    let Some((member, _)) = server.store().member_by_email(workspace, EMAIL).await? else {
        return Ok(None);
    };
    if !member.must_change_password {
        kept.password = None;
    } else if kept.password.is_none() {
        kept.password = Some(admin::reset_password(client, member.id).await?.password);
    }
    Ok(kept.password.clone())
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
