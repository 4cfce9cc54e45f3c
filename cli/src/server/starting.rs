//! `DATA/starting.json`: a server that is about to open the data folder.
//!
//! A server writes it before it opens the store and removes it when `server.json` names it. Commands that find it wait
//! for that server instead of opening the store themselves. It names the server's process, so that a file that a killed
//! process left behind is recognised.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::file::process_lives;

const NAME: &str = "starting.json";

/// The announcement of this process. It is withdrawn when it is dropped.
#[derive(Debug)]
pub(crate) struct Starting {
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Announcement {
    pid: u32,
}

impl Starting {
    /// Announces that this process starts a server on a data folder, which exists.
    pub(crate) fn announce(data: &Path) -> anyhow::Result<Self> {
        let path = data.join(NAME);
        let text = serde_json::to_string(&Announcement { pid: std::process::id() })?;
        fs::write(&path, text).with_context(|| format!("{} can't be written", path.display()))?;
        Ok(Self { path })
    }

    /// The process that is starting a server on a data folder, if one is.
    pub(crate) fn process(data: &Path) -> Option<u32> {
        read(&data.join(NAME)).filter(|pid| process_lives(*pid))
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        // Another server may have announced itself since.
        if read(&self.path) == Some(std::process::id()) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn read(path: &Path) -> Option<u32> {
    serde_json::from_slice::<Announcement>(&fs::read(path).ok()?).ok().map(|announcement| announcement.pid)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_announcement_lasts_as_long_as_its_process_and_its_guard() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Starting::process(folder.path()), None);
        let starting = Starting::announce(folder.path()).unwrap();
        assert_eq!(Starting::process(folder.path()), Some(std::process::id()));
        fs::write(folder.path().join(NAME), r#"{"pid":4294967295}"#).unwrap();
        assert_eq!(Starting::process(folder.path()), None, "a process that is gone starts nothing");
        drop(starting);
        assert!(folder.path().join(NAME).exists(), "the file of another process stays");
        drop(Starting::announce(folder.path()).unwrap());
        assert!(!folder.path().join(NAME).exists());
    }
}
