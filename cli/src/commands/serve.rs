//! `playhead serve`: the server, until it is told to stop.

use serde_json::json;

use crate::progress::say;
use crate::server::{Role, Server, administrator};
use crate::settings::{Flags, Settings};
use crate::shutdown::Stop;
use crate::{admin, client, out};

/// Arguments of `serve`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) flags: Flags,
    /// Print JSON when the server is ready: {url, public_url, mcp, pid}, and administrator at the first start
    #[arg(long)]
    json: bool,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead serve --data /var/lib/playhead --listen 0.0.0.0:4600 --public-url https://playhead.example.com
  playhead serve --objects s3://recordings/playhead

One process has the data folder; other commands with the same --data talk to it. SIGINT and SIGTERM stop the \
server after it has answered the requests that are running. What it acknowledged survives a crash.";

/// Serves until a signal.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let stop = Stop::watch()?;
    let mut server = Server::start_when_free(settings, settings.listen, Role::Serve).await?;
    let announced = announce(&args, &server, settings).await;
    let outcome = match announced {
        Ok(()) => tokio::select! {
            () = stop.asked() => Ok(()),
            error = server.failed() => Err(error),
        },
        Err(error) => Err(error),
    };
    server.stop().await;
    outcome
}

/// Says what does not work on a server that others can reach and that does not know its own address.
fn warn_without_public_url(settings: &Settings, url: &str) {
    if settings.listen.ip().is_loopback() || settings.public_url.is_some() {
        return;
    }
    say(&format!(
        "warning: the server listens on {} but has no public URL, so assistants on other machines are refused:\n\
         - /mcp refuses every Host header but those of this machine and of `allowed_hosts`;\n\
         - OAuth, sign-in and invitation links point to {url}.\n\
         Set the address that clients use: --public-url https://playhead.example.com, PLAYHEAD_PUBLIC_URL, or \
         public_url in playhead.toml.",
        settings.listen
    ));
}

async fn announce(args: &Args, server: &Server, settings: &Settings) -> anyhow::Result<()> {
    let first = administrator(server.store(), settings.admin_email.as_deref()).await?;
    let (url, public_url) = (&server.file().url, server.public_url());
    warn_without_public_url(settings, url);
    if args.json {
        let mut ready = json!({
            "url": url, "public_url": public_url, "mcp": format!("{public_url}/mcp"), "pid": server.file().pid,
        });
        if let Some(first) = first {
            ready["administrator"] = json!({ "email": first.email, "password": first.password });
        }
        return out::json_line(&ready);
    }
    let admin = client::ApiClient::new(url, server.file().secret.expose())?;
    out::line(format!("Playhead is ready at {public_url} (MCP: {public_url}/mcp)"))?;
    if let Some(first) = first {
        out::line(format!(
            "The first administrator is {} with the one-time password {} . It is not shown again; choose \
             your own at the first sign-in: {public_url}/sign-in",
            first.email, first.password
        ))?;
    }
    if admin::projects(&admin).await?.is_empty() {
        out::line(FIRST_STEPS)?;
    }
    Ok(())
}

/// What to do with a server that has nothing yet.
const FIRST_STEPS: &str = "There is no project yet. In another shell, with the same --data:
  playhead project create shop                  # an application whose sessions are recorded
  playhead key create --project shop            # what its browser SDK uploads with
  playhead token create --label my-assistant    # what an assistant reads with";
