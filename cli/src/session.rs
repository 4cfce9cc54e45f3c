//! The server that a command talks to: the one that --url names, the one that has the data folder, or one in this process.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::client::ApiClient;
use crate::exit::{Exit, Failure};
use crate::server::{Role, Server, ServerFile, Starting, is_locked};
use crate::settings::{Settings, TOKEN_VARIABLE};
use crate::waiting::Waiting;

/// How long to wait for a data folder that a server beside this command may be creating.
const FOLDER_TIME_MAX: Duration = Duration::from_secs(1);
const FOLDER_PAUSE: Duration = Duration::from_millis(50);

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
        Self::open_as(settings, Role::Command).await
    }

    /// The same, for a command that has the data folder in another role.
    pub(crate) async fn open_as(settings: &Settings, role: Role) -> anyhow::Result<Self> {
        if settings.url.is_none() && !appears(settings.data()).await {
            let message = format!(
                "there is no data folder {}; name the right one with --data, or begin with `playhead serve` or \
                 `playhead project create`",
                settings.data().display()
            );
            return Err(Failure::error(Exit::Unavailable, message));
        }
        Self::find_or_start(settings, role).await
    }

    /// The same, and creates the data folder when there is none.
    pub(crate) async fn open_or_create(settings: &Settings) -> anyhow::Result<Self> {
        Self::find_or_start(settings, Role::Command).await
    }

    async fn find_or_start(settings: &Settings, role: Role) -> anyhow::Result<Self> {
        if let Some(url) = &settings.url {
            let client = ApiClient::new(url, &remote_token()?)?;
            return Ok(Self { public_url: client.base().to_owned(), client, own: None });
        }
        let data = settings.data();
        ServerFile::warn_if_foreign(data);
        let mut waiting = Waiting::new();
        loop {
            let file = ServerFile::read(data).filter(ServerFile::process_lives);
            if let Some(file) = &file {
                let client = ApiClient::new(&file.url, file.secret.expose())?;
                match answers(&client).await {
                    Ok(()) => return Ok(Self { client, public_url: file.public_url.clone(), own: None }),
                    Err(error) => tracing::debug!("server.json names a server that does not answer: {error:#}"),
                }
            }
            if let Some(pid) = Starting::process(data) {
                let notice = format!("waiting for the server that process {pid} starts on {}", data.display());
                if waiting.pause(&notice).await {
                    continue;
                }
            }
            match Server::start(settings, ([127, 0, 0, 1], 0).into(), role).await {
                Ok(server) => return Self::with_own(settings, server),
                // Another process has the files. It is starting or about to end, and which of the two is soon known.
                Err(error) if is_locked(&error) => {
                    let notice = format!("waiting for another process that has the data folder {}", data.display());
                    if !waiting.pause(&notice).await {
                        return Err(locked(error, file.as_ref()));
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn with_own(settings: &Settings, server: Server) -> anyhow::Result<Self> {
        let client = ApiClient::new(&server.file().url, server.file().secret.expose())?;
        // The address of the server in this process ends with it; the one in the settings does not.
        let lasting = || format!("http://{}", settings.listen);
        let public_url = settings.public_url.clone().unwrap_or_else(lasting);
        Ok(Self { client, public_url, own: Some(server) })
    }

    /// The client with the rights of the machine's user, or those of `PLAYHEAD_TOKEN` for a named server.
    pub(crate) fn client(&self) -> &ApiClient {
        &self.client
    }

    /// Where browsers reach the server, without a slash at the end.
    pub(crate) fn public_url(&self) -> &str {
        self.public_url.trim_end_matches('/')
    }

    /// The server in this process, when no other had the data folder.
    pub(crate) fn own(&self) -> Option<&Server> {
        self.own.as_ref()
    }

    /// Stops the server in this process, if there is one. Its worker finishes its jobs or releases them.
    pub(crate) async fn close(self) {
        if let Some(server) = self.own {
            server.stop().await;
        }
    }
}

/// True when a folder exists, or is created within a moment: a server that was started together with this command creates
/// it first.
async fn appears(folder: &Path) -> bool {
    let began = Instant::now();
    while !folder.exists() {
        if began.elapsed() >= FOLDER_TIME_MAX {
            return false;
        }
        tokio::time::sleep(FOLDER_PAUSE).await;
    }
    true
}

fn remote_token() -> anyhow::Result<String> {
    std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty()).ok_or_else(|| {
        let message = format!("a server named by --url needs a token in {TOKEN_VARIABLE}");
        Failure::error(Exit::Usage, message)
    })
}

/// Succeeds when the server takes our secret: then it is the one that wrote the file.
async fn answers(client: &ApiClient) -> anyhow::Result<()> {
    client.get::<serde_json::Value>("/api/v1/projects?limit=1").await.map(drop)
}

fn locked(error: anyhow::Error, file: Option<&ServerFile>) -> anyhow::Error {
    let message = match file {
        Some(file) => format!(
            "process {} does not answer at {}; if it runs in a container, name it with --url",
            file.pid, file.url
        ),
        None => "the process that has the data folder is not a server".to_owned(),
    };
    Failure::wrap(error, Exit::Unavailable, message)
}
