//! What the demo keeps in its folder between starts: the addresses, the token and the sign-in.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

const NAME: &str = "demo.json";

/// What is printed at each start, and must stay good for an assistant that was configured with it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    /// The port of the last start.
    pub(super) port: Option<u16>,
    /// The port of the shop, at which browsers may have pages open.
    pub(super) shop_port: Option<u16>,
    /// The token of the printed configuration.
    pub(super) token: Option<String>,
    /// The one-time password of the printed sign-in.
    pub(super) password: Option<String>,
    /// The ingest key of the shop and of the printed script tags.
    pub(super) key: Option<Key>,
}

/// An ingest key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Key {
    pub(super) id: String,
    pub(super) secret: String,
}

impl Kept {
    /// What an earlier start kept; nothing when there was none.
    pub(super) fn read(data: &Path) -> Self {
        let read = fs::read(data.join(NAME)).ok();
        read.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// Writes it, readable by its owner alone: it holds secrets.
    pub(super) fn write(&self, data: &Path) -> anyhow::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(NAME)
            .tempfile_in(data)
            .with_context(|| format!("{} can't be written to", data.display()))?;
        serde_json::to_writer_pretty(&mut file, self)?;
        file.flush()?;
        file.persist(data.join(NAME)).context("demo.json can't be written")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_kept_is_private_and_read_back() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Kept::read(folder.path()).port, None);
        let kept = Kept { port: Some(4600), shop_port: Some(4621), token: Some("pht_x".to_owned()), ..Kept::default() };
        kept.write(folder.path()).unwrap();
        let path = folder.path().join(NAME);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let read = Kept::read(folder.path());
        assert_eq!((read.port, read.shop_port, read.password), (Some(4600), Some(4621), None));
        assert_eq!(read.token.as_deref(), Some("pht_x"));
        fs::write(&path, "not JSON").unwrap();
        assert_eq!(Kept::read(folder.path()).port, None, "a broken file is no reason to fail");
    }
}
