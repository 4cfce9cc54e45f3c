//! `DATA/server.json`: how commands find the server that has a data folder.
//!
//! The server writes it when it listens and removes it when it has closed its files. It holds the
//! server's local secret, so only its owner can read it. It names the server's process, so that a file
//! that a killed server left behind is recognised, and the folder, so that a copied one is.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use playhead_schemas::EpochMs;
use serde::{Deserialize, Serialize};

use crate::progress::say;

const NAME: &str = "server.json";

/// What the file says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServerFile {
    /// The address at which commands on this machine reach the server.
    pub(crate) url: String,
    /// The address at which browsers and clients elsewhere reach it.
    pub(crate) public_url: String,
    /// Its process.
    pub(crate) pid: u32,
    /// Why it has the data folder.
    #[serde(default)]
    pub(crate) role: Role,
    /// The credential of commands of the same user. It is valid for this run of the server only.
    pub(crate) secret: LocalSecret,
    /// When it began to listen.
    pub(crate) started_at_ms: EpochMs,
    /// The data folder that it was written in. In a copy of the folder, the file is none of the copy's.
    #[serde(default)]
    pub(crate) folder: Option<FolderId>,
}

/// What tells a folder from every copy of it, wherever it is mounted and however it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FolderId {
    device: u64,
    inode: u64,
}

impl FolderId {
    fn of(folder: &Path) -> std::io::Result<Self> {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(folder).map(|meta| Self { device: meta.dev(), inode: meta.ino() })
    }
}

/// Why a process has the data folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    /// `playhead serve`.
    #[default]
    Serve,
    /// `playhead demo`.
    Demo,
    /// `playhead mcp`, for as long as its assistant runs.
    Mcp,
    /// Any other command, for as long as it takes.
    Command,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Serve => "`playhead serve`",
            Self::Demo => "`playhead demo`",
            Self::Mcp => "`playhead mcp` of an assistant",
            Self::Command => "a `playhead` command",
        })
    }
}

/// A credential of one run of a server.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LocalSecret(String);

impl LocalSecret {
    /// A new secret of 32 random bytes.
    pub(crate) fn new() -> Self {
        let bytes: [u8; 32] = rand::random();
        Self(format!("phl_{}", URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The secret itself, for a header. Never log it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for LocalSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LocalSecret(..)")
    }
}

impl ServerFile {
    /// The path of the file in a data folder.
    pub(crate) fn path(data: &Path) -> PathBuf {
        data.join(NAME)
    }

    /// Writes the file: whole or not at all, readable by its owner alone.
    pub(crate) fn write(&mut self, data: &Path) -> anyhow::Result<()> {
        self.folder = Some(FolderId::of(data).with_context(|| format!("{} can't be read", data.display()))?);
        let mut file = tempfile::Builder::new()
            .prefix(NAME)
            .tempfile_in(data)
            .with_context(|| format!("{} can't be written to", data.display()))?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.flush()?;
        file.persist(Self::path(data)).context("server.json can't be written")?;
        Ok(())
    }

    /// The file of a data folder; `None` when there is none, or when it is no such file or that of another folder.
    pub(crate) fn read(data: &Path) -> Option<Self> {
        Self::read_any(data).filter(|file| file.is_of(data))
    }

    /// Says so when a data folder has the file of another one, which is ignored.
    pub(crate) fn warn_if_foreign(data: &Path) {
        if Self::read_any(data).is_some_and(|file| !file.is_of(data)) {
            say(&format!(
                "warning: {} is that of another data folder, of which this one is a copy; it is ignored",
                Self::path(data).display()
            ));
        }
    }

    fn read_any(data: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(Self::path(data)).ok()?).ok()
    }

    fn is_of(&self, data: &Path) -> bool {
        self.folder.is_some() && self.folder == FolderId::of(data).ok()
    }

    /// Removes the file, unless another server has written its own by now.
    pub(crate) fn remove(&self, data: &Path) {
        let is_ours = Self::read(data).is_some_and(|file| file.secret.0 == self.secret.0);
        if is_ours && let Err(error) = fs::remove_file(Self::path(data)) {
            tracing::warn!(%error, "server.json can't be removed; the next server will replace it");
        }
    }

    /// False when the process that wrote the file has certainly ended.
    pub(crate) fn process_lives(&self) -> bool {
        process_lives(self.pid)
    }
}

/// False when a process has certainly ended.
pub(super) fn process_lives(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| !matches!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::SRCH)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn file(pid: u32) -> ServerFile {
        let url = "http://127.0.0.1:1".to_owned();
        let (secret, role) = (LocalSecret::new(), Role::Serve);
        ServerFile { public_url: url.clone(), url, pid, role, secret, started_at_ms: EpochMs(1), folder: None }
    }

    #[test]
    fn only_its_owner_reads_the_file_and_the_secret_stays_out_of_logs() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mut written = file(1);
        written.write(folder.path()).unwrap();
        let mode = fs::metadata(ServerFile::path(folder.path())).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = ServerFile::read(folder.path()).unwrap();
        assert_eq!(read.secret.expose(), written.secret.expose());
        assert!(!format!("{read:?}").contains(read.secret.expose()));
    }

    #[test]
    fn a_server_removes_only_its_own_file() {
        let folder = tempfile::tempdir().unwrap();
        let (mut old, mut new) = (file(1), file(2));
        old.write(folder.path()).unwrap();
        new.write(folder.path()).unwrap();
        old.remove(folder.path());
        assert_eq!(ServerFile::read(folder.path()).unwrap().pid, 2);
        new.remove(folder.path());
        assert!(ServerFile::read(folder.path()).is_none());
    }

    #[test]
    fn a_copied_folder_has_no_server() {
        let (folder, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        file(1).write(folder.path()).unwrap();
        fs::copy(ServerFile::path(folder.path()), ServerFile::path(copy.path())).unwrap();
        assert!(ServerFile::read(copy.path()).is_none());
        let linked = copy.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &linked).unwrap();
        assert!(ServerFile::read(&linked).is_some(), "the same folder by another name");
        // A file of a version that did not say which folder it is of.
        let mut old = serde_json::to_value(ServerFile::read(folder.path()).unwrap()).unwrap();
        old.as_object_mut().unwrap().remove("folder");
        fs::write(ServerFile::path(folder.path()), old.to_string()).unwrap();
        assert!(ServerFile::read(folder.path()).is_none());
    }

    #[test]
    fn dead_processes_are_told_from_living_ones() {
        assert!(file(std::process::id()).process_lives());
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert!(!file(pid).process_lives());
        assert!(!file(0).process_lives());
        assert!(!file(u32::MAX).process_lives());
    }
}
