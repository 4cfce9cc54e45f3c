//! The server that a command talks to: a named one, the one that has the data folder, or one of our own.

use std::time::{Duration, Instant};

use crate::client::ApiClient;
use crate::exit::{Exit, Failure};
use crate::server::{Server, ServerFile, is_locked};
use crate::settings::{Settings, TOKEN_VARIABLE};

/// How long to wait for another process to answer or to let go of the data folder.
const HANDOVER_TIME_MAX: Duration = Duration::from_secs(15);
/// How long to wait between two looks at it.
const HANDOVER_PAUSE: Duration = Duration::from_millis(100);

/// A server to talk to for the length of a command.
#[derive(Debug)]
pub(crate) struct Session {
    client: ApiClient,
    public_url: String,
    own: Option<Server>,
}

impl Session {
    /// Finds a server, or starts one in this process on a free loopback port.
    ///
    /// # Errors
    /// [`Exit::Unavailable`] when there is no data folder: an empty one would hide a wrong `--data`.
    pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Self> {
        if settings.url.is_none() && !settings.data.exists() {
            let message = format!(
                "there is no data folder {}; name the right one with --data, or begin with `playhead serve` or \
                 `playhead project create`",
                settings.data.display()
            );
            return Err(Failure::error(Exit::Unavailable, message));
        }
        Self::open_or_create(settings).await
    }

    /// The same, and makes the data folder when there is none.
    pub(crate) async fn open_or_create(settings: &Settings) -> anyhow::Result<Self> {
        if let Some(url) = &settings.url {
            let client = ApiClient::new(url, &remote_token()?)?;
            return Ok(Self { public_url: client.base().to_owned(), client, own: None });
        }
        let began = Instant::now();
        loop {
            let file = ServerFile::read(&settings.data);
            if let Some(file) = file.as_ref().filter(|file| file.process_lives()) {
                let client = ApiClient::new(&file.url, file.secret.expose())?;
                match answers(&client).await {
                    Ok(()) => return Ok(Self { client, public_url: file.public_url.clone(), own: None }),
                    Err(error) => tracing::debug!("server.json names a server that does not answer: {error:#}"),
                }
            }
            match Server::start(settings, ([127, 0, 0, 1], 0).into()).await {
                Ok(server) => {
                    let client = ApiClient::new(&server.file().url, server.file().secret.expose())?;
                    // The address of our own server ends with it; the one that the settings name does not.
                    let lasting = || format!("http://{}", settings.listen);
                    let public_url = settings.public_url.clone().unwrap_or_else(lasting);
                    return Ok(Self { client, public_url, own: Some(server) });
                }
                // Another process has the files: it is starting, or about to end. Either shows soon.
                Err(error) if is_locked(&error) && began.elapsed() < HANDOVER_TIME_MAX => {
                    tokio::time::sleep(HANDOVER_PAUSE).await;
                }
                Err(error) if is_locked(&error) => return Err(locked(error, file.as_ref())),
                Err(error) => return Err(error),
            }
        }
    }

    /// The client with the rights of the machine's user, or those of `PLAYHEAD_TOKEN` for a named server.
    pub(crate) fn client(&self) -> &ApiClient {
        &self.client
    }

    /// Where browsers reach the server, without a slash at the end.
    pub(crate) fn public_url(&self) -> &str {
        self.public_url.trim_end_matches('/')
    }

    /// The server of our own, when no other had the data folder.
    pub(crate) fn own(&self) -> Option<&Server> {
        self.own.as_ref()
    }

    /// Stops the server of our own, if there is one. Its worker finishes or gives back what it has.
    pub(crate) async fn close(self) {
        if let Some(server) = self.own {
            server.stop().await;
        }
    }
}

fn remote_token() -> anyhow::Result<String> {
    std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty()).ok_or_else(|| {
        let message = format!("a server named by --url needs a token in {TOKEN_VARIABLE}");
        Failure::error(Exit::Usage, message)
    })
}

/// Succeeds when the server takes our secret: then it is the one that wrote the file.
async fn answers(client: &ApiClient) -> anyhow::Result<()> {
    client.get::<serde_json::Value>("/v1/admin/projects?limit=1").await.map(drop)
}

fn locked(error: anyhow::Error, file: Option<&ServerFile>) -> anyhow::Error {
    let message = match file {
        Some(file) => format!(
            "process {} does not answer at {}; if it runs in a container, name it with --url",
            file.pid, file.url
        ),
        None => "the process that has the data folder serves nothing".to_owned(),
    };
    Failure::wrap(error, Exit::Unavailable, message)
}
