//! Starting a server on a data folder that a command may have at this moment.

use std::net::SocketAddr;
use std::path::Path;

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
        ServerFile::warn_if_foreign(data);
        let _starting = Starting::announce(data)?;
        let mut waiting = Waiting::new();
        loop {
            let error = match Self::start(settings, listen, role).await {
                Err(error) if is_locked(&error) || is_in_use(&error) => error,
                other => return other,
            };
            let holder = ServerFile::read(data).filter(ServerFile::process_lives);
            if let Some(other) = holder.as_ref().filter(|file| file.role != Role::Command) {
                return Err(Failure::error(Exit::Unavailable, in_use(other, data)));
            }
            if !is_locked(&error) {
                return Err(error);
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

/// True when an error says that the address is in use: by the server that has the data folder, most likely.
fn is_in_use(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::AddrInUse)
}

/// Who has the data folder, and what to do.
fn in_use(holder: &ServerFile, data: &Path) -> String {
    let next = match holder.role {
        Role::Mcp => {
            "commands with the same --data use it as their server. To run one of your own, end the assistant's session, start \
             it, and then the assistant again: it connects to your server"
        }
        _ => "commands with the same --data use it; stop it first if you want another one",
    };
    let ServerFile { role, pid, url, .. } = holder;
    format!("{role} (process {pid}) already runs on {} at {url}; {next}", data.display())
}

#[cfg(test)]
mod tests {
    use playhead_schemas::EpochMs;

    use super::*;
    use crate::server::LocalSecret;

    #[test]
    fn the_one_that_has_the_folder_is_called_what_it_is() {
        for (role, name) in [
            (Role::Serve, "`playhead serve` (process 7)"),
            (Role::Demo, "`playhead demo`"),
            (Role::Mcp, "of an assistant"),
        ] {
            let url = "http://127.0.0.1:1".to_owned();
            let (secret, started_at_ms) = (LocalSecret::new(), EpochMs(1));
            let holder = ServerFile { public_url: url.clone(), url, pid: 7, role, secret, started_at_ms, folder: None };
            let said = in_use(&holder, Path::new("data"));
            assert!(said.contains(name) && said.contains("already runs on data at http://127.0.0.1:1"), "{said}");
            assert_eq!(said.contains("end the assistant's session"), role == Role::Mcp, "{said}");
        }
    }
}
