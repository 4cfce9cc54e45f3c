//! `playhead serve`: the server, until it is told to stop.

use serde_json::json;

use crate::server::{Server, ServerFile, administrator, is_locked};
use crate::settings::{Flags, Settings};
use crate::shutdown::Stop;
use crate::{admin, client, exit, out};

/// Arguments of `serve`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) flags: Flags,
    /// Print the line that says that it is ready as JSON: {url, public_url, mcp, pid}, and administrator at the first start
    #[arg(long)]
    json: bool,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Examples:
  playhead serve --data /var/lib/playhead --listen 0.0.0.0:4600 --public-url https://playhead.example.com
  playhead serve --objects s3://recordings/playhead

One process has a data folder; other commands with the same --data talk to it. SIGINT and SIGTERM end it: running
requests are answered first. What it acknowledged survives any end.";

/// Serves until a signal.
pub(crate) async fn run(args: Args, settings: &Settings) -> anyhow::Result<()> {
    let stop = Stop::watch()?;
    let mut server = match Server::start(settings, settings.listen).await {
        Ok(server) => server,
        Err(error) if is_locked(&error) => return Err(name_the_other(error, settings)),
        Err(error) => return Err(error),
    };
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

async fn announce(args: &Args, server: &Server, settings: &Settings) -> anyhow::Result<()> {
    let first = administrator(server.store(), settings.admin_email.as_deref()).await?;
    let (url, public_url) = (&server.file().url, server.public_url());
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
            "The first administrator is {} with the password {} : it is shown this once, and must be changed at the \
             first sign-in at {public_url}/sign-in",
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

fn name_the_other(error: anyhow::Error, settings: &Settings) -> anyhow::Error {
    match ServerFile::read(&settings.data).filter(ServerFile::process_lives) {
        Some(file) => {
            let message = format!("a server already runs on {} at {}", settings.data.display(), file.url);
            exit::Failure::wrap(error, exit::Exit::Unavailable, message)
        }
        None => error,
    }
}
