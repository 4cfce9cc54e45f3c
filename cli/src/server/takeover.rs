//! Starting a server on a data folder that a command may have at this moment.

use std::net::SocketAddr;

use anyhow::Context;

use super::{Role, Server, ServerFile, Starting, is_locked, make_private_folder};
use crate::exit::{Exit, Failure};
use crate::settings::Settings;
use crate::waiting::Waiting;

impl Server {
    /// Starts a server that runs until it is told to stop. It waits for a command that has the data folder, and commands
    /// that are started meanwhile wait for it.
    ///
    /// # Errors
    /// [`Exit::Unavailable`] when another server has the data folder, or when a command has it for too long.
    pub(crate) async fn start_when_free(settings: &Settings, listen: SocketAddr, role: Role) -> anyhow::Result<Self> {
        let data = settings.data();
        make_private_folder(data).with_context(|| format!("{} can't be created", data.display()))?;
        let _starting = Starting::announce(data)?;
        let mut waiting = Waiting::new();
        loop {
            let error = match Self::start(settings, listen, role).await {
                Err(error) if is_locked(&error) => error,
                other => return other,
            };
            let holder = ServerFile::read(data).filter(ServerFile::process_lives);
            if let Some(other) = holder.as_ref().filter(|file| file.role != Role::Command) {
                let message = format!("a server already runs on {} at {}", data.display(), other.url);
                return Err(Failure::wrap(error, Exit::Unavailable, message));
            }
            let who = holder.map_or_else(|| "another process".to_owned(), |file| format!("process {}", file.pid));
            let notice = format!("waiting for {who} to release the data folder {}", data.display());
            if !waiting.pause(&notice).await {
                let message = format!("{who} did not release the data folder {} in time", data.display());
                return Err(Failure::wrap(error, Exit::Unavailable, message));
            }
        }
    }
}
