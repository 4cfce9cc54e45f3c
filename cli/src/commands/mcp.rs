//! `playhead mcp`: the tools over stdio, for assistants that start a process instead of opening a connection.
//!
//! When a server has the data folder, or `--url` names one, messages are passed on to it. When none runs, this process
//! opens the folder and becomes the server, also for other commands. When the server ends, this process looks for a new
//! one, and becomes the server if there is none.

use std::sync::Arc;

use playhead_api::types::{CreateToken, CreatedToken};
use playhead_query::Principal;
use playhead_schemas::{EpochMs, TokenId};
use tokio::sync::Mutex;

use crate::bridge::{self, Endpoint, Target};
use crate::client::ApiClient;
use crate::server::Role;
use crate::session::Session;
use crate::settings::{Settings, TOKEN_VARIABLE, TargetFlags};
use crate::shutdown::Stop;
use crate::{admin, server};

/// Arguments of `mcp`.
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) target: TargetFlags,
}

/// Shown under the help.
pub(crate) const EXAMPLES: &str = "Example, as the configuration of an assistant:
  { \"mcpServers\": { \"playhead\": { \"command\": \"playhead\", \"args\": [\"mcp\", \"--data\", \"/var/lib/playhead\"] } } }

Standard output carries nothing but JSON-RPC. Without PLAYHEAD_TOKEN the assistant can read and change bugs, and read \
recordings, of every project, beside a running server and without one: with bugs:read, bugs:write and replay:raw, but \
neither cookies nor the audit log. With PLAYHEAD_TOKEN it can do what the token allows. --url needs one.";

/// How long a bridge's token is valid. An expired one is replaced.
const TOKEN_MS: i64 = 86_400_000;

/// Serves until the input ends.
pub(crate) async fn run(_: Args, settings: &Settings) -> anyhow::Result<()> {
    let stop = Stop::watch()?;
    let session = Session::open_as(settings, Role::Mcp).await?;
    let token = std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty());
    if let (Some(own), None) = (session.own(), &token) {
        let served = embedded(own, settings, &stop).await;
        session.close().await;
        return served;
    }
    let link = Arc::new(Mutex::new(Link::new(session, settings.clone(), token).await?));
    let bridged = bridge::run(Shared(Arc::clone(&link)), tokio::io::stdin(), tokio::io::stdout());
    let outcome = tokio::select! {
        outcome = bridged => outcome,
        () = stop.asked() => Ok(()),
    };
    if let Some(link) = Arc::into_inner(link) {
        link.into_inner().close().await;
    }
    outcome
}

async fn embedded(own: &server::Server, settings: &Settings, stop: &Stop) -> anyhow::Result<()> {
    let workspace = own.store().default_workspace().await?;
    let principal = Principal::local(workspace.id);
    let config = server::query_config(settings, own.public_url());
    let (stream, lines) = bridge::refusing_bad_lines(tokio::io::stdin(), tokio::io::stdout());
    let (input, output) = tokio::io::split(stream);
    let serving = async {
        let served = playhead_query::serve_io(own.store().clone(), principal, config, input, output);
        let (served, passed) = tokio::join!(served, lines);
        served?;
        Ok(passed?)
    };
    tokio::select! {
        served = serving => served,
        () = stop.asked() => Ok(()),
    }
}

/// A session and the token that reads through it.
#[derive(Debug)]
struct Link {
    settings: Settings,
    session: Session,
    /// Given by the user, and never replaced.
    given: Option<String>,
    /// Created by this process, which revokes it.
    made: Option<TokenId>,
    target: Target,
}

impl Link {
    async fn new(session: Session, settings: Settings, given: Option<String>) -> anyhow::Result<Self> {
        let target = Target { url: String::new(), token: String::new(), generation: 0 };
        let mut link = Self { settings, session, given, made: None, target };
        link.connect().await?;
        Ok(link)
    }

    /// Takes the session's address, and a token that is good there.
    async fn connect(&mut self) -> anyhow::Result<()> {
        let client = self.session.client().clone();
        let token = match &self.given {
            Some(token) => token.clone(),
            None => {
                let made = make_token(&client).await?;
                self.made = Some(made.token.id);
                made.secret
            }
        };
        self.target = Target { url: format!("{}/mcp", client.base()), token, generation: self.target.generation + 1 };
        Ok(())
    }

    /// Finds the server again, or becomes it.
    async fn renew(&mut self) -> anyhow::Result<()> {
        let fresh = Session::open_as(&self.settings, Role::Mcp).await?;
        std::mem::replace(&mut self.session, fresh).close().await;
        self.connect().await
    }

    async fn close(self) {
        if let Some(token) = self.made
            && let Err(error) = admin::revoke_token(self.session.client(), token).await
        {
            tracing::debug!("the bridge's token stays until it expires: {error:#}");
        }
        self.session.close().await;
    }
}

async fn make_token(client: &ApiClient) -> anyhow::Result<CreatedToken> {
    let new = CreateToken {
        label: format!("playhead mcp, process {}", std::process::id()),
        projects: None,
        scopes: Some(Principal::LOCAL_SCOPES.to_vec()),
        expires_at: Some(EpochMs::now().plus_ms(TOKEN_MS)),
        ..CreateToken::default()
    };
    admin::create_token(client, &new).await
}

/// The link that all messages share.
struct Shared(Arc<Mutex<Link>>);

impl Endpoint for Shared {
    async fn target(&self) -> Target {
        self.0.lock().await.target.clone()
    }

    async fn renew(&self, generation: u64) -> anyhow::Result<Target> {
        let mut link = self.0.lock().await;
        // Many messages may fail at once; the first of them looks for the server, the others take what it found.
        if link.target.generation == generation {
            link.renew().await?;
        }
        Ok(link.target.clone())
    }
}
