//! Objects: recordings, pictures and files, in a local folder or any storage that speaks S3.
//!
//! In: bytes under an [`ObjectKey`]. Out: the bytes, or a range of them. A put that returned is durable
//! (on local disks the file and its folder are synced). Never here: what the bytes mean; who may read them.

mod key;

use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use url::Url;

pub(crate) use key::ObjectKey;

use crate::{Result, StoreError};

/// The object storage. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Objects {
    backend: Arc<dyn ObjectStore>,
}

impl Objects {
    /// Opens a local folder, creating it when it is missing.
    pub(crate) fn local(folder: &FilePath) -> Result<Self> {
        let opened = std::fs::create_dir_all(folder).map_err(|e| StoreError::objects("create its folder".into(), e));
        let files = opened.and_then(|()| {
            LocalFileSystem::new_with_prefix(folder).map_err(|e| StoreError::objects("open its folder".into(), e))
        })?;
        // With automatic cleanup, the folder of a replay's pieces is deleted with its last piece.
        Ok(Self { backend: Arc::new(files.with_fsync(true).with_automatic_cleanup(true)) })
    }

    /// Opens the storage of a URL, with options from the `AWS_` environment variables.
    pub(crate) fn from_url(url: &str) -> Result<Self> {
        let bad = |e: String| StoreError::Invalid(format!("the objects URL can't be used: {e}"));
        let url = Url::parse(url).map_err(|e| bad(e.to_string()))?;
        if url.scheme() == "file" {
            let folder = url.to_file_path().map_err(|()| bad("it names no folder".into()))?;
            return Self::local(&folder);
        }
        let options = std::env::vars_os().filter_map(|(name, value)| {
            let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
            name.starts_with("AWS_").then(|| (name.to_ascii_lowercase(), value))
        });
        let (backend, prefix) = object_store::parse_url_opts(&url, options).map_err(|e| bad(e.to_string()))?;
        Ok(Self { backend: Arc::new(PrefixStore::new(backend, prefix)) })
    }

    /// Stores an object durably, replacing what the key held, and returns the key as text for the catalog.
    pub(crate) async fn put(&self, key: &ObjectKey<'_>, bytes: Bytes) -> Result<String> {
        let path = key.path();
        let put = self.backend.put(&path, PutPayload::from_bytes(bytes)).await;
        put.map_err(|e| StoreError::objects(format!("write {path}"), e))?;
        Ok(path.to_string())
    }

    /// The bytes of an object, or `None` when there is none.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        let got = match self.backend.get(&Path::from(key)).await {
            Ok(got) => got.bytes().await,
            Err(e) => Err(e),
        };
        found(key, got)
    }

    /// `length` bytes of an object from `from` on, or `None` when there is none.
    pub(crate) async fn get_range(&self, key: &str, from: u64, length: u64) -> Result<Option<Bytes>> {
        let range = from..from.saturating_add(length);
        found(key, self.backend.get_range(&Path::from(key), range).await)
    }

    /// Deletes an object. Deleting one that does not exist succeeds.
    pub(crate) async fn delete(&self, key: &str) -> Result<()> {
        match self.backend.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(StoreError::objects(format!("delete {key}"), e)),
        }
    }

    /// Checks that the storage answers, by reading a key that need not exist.
    pub(crate) async fn health(&self) -> Result<()> {
        self.get("health").await.map(drop)
    }
}

fn found(key: &str, got: object_store::Result<Bytes>) -> Result<Option<Bytes>> {
    match got {
        Ok(bytes) => Ok(Some(bytes)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(e) => Err(StoreError::objects(format!("read {key}"), e)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use playhead_schemas::{AttachmentId, ProjectId};

    use super::*;

    /// What every backend must do. A new backend is one more line in the test below.
    async fn contract(objects: Objects) {
        let key = ObjectKey::Attachment { project: ProjectId::new(), id: AttachmentId::new() };
        let name = key.path().to_string();
        assert_eq!(objects.get(&name).await.unwrap(), None);
        assert_eq!(objects.get_range(&name, 0, 1).await.unwrap(), None);
        assert_eq!(objects.put(&key, Bytes::from_static(b"hello")).await.unwrap(), name);
        assert_eq!(objects.put(&key, Bytes::from_static(b"hello")).await.unwrap(), name);
        assert_eq!(objects.get(&name).await.unwrap().unwrap(), "hello");
        assert_eq!(objects.get_range(&name, 1, 3).await.unwrap().unwrap(), "ell");
        assert!(
            objects.get_range(&name, 4, 3).await.is_err()
                || objects.get_range(&name, 4, 3).await.unwrap().unwrap().len() < 3
        );
        objects.health().await.unwrap();
        objects.delete(&name).await.unwrap();
        objects.delete(&name).await.unwrap();
        assert_eq!(objects.get(&name).await.unwrap(), None);
    }

    #[tokio::test]
    async fn backends_keep_the_contract() {
        let dir = tempfile::tempdir().unwrap();
        contract(Objects::local(&dir.path().join("new/folder")).unwrap()).await;
        contract(Objects::from_url("memory:///prefix").unwrap()).await;
        let url = Url::from_directory_path(dir.path()).unwrap();
        contract(Objects::from_url(url.as_str()).unwrap()).await;
    }

    #[test]
    fn bad_urls_are_refused() {
        for bad in ["", "not a url", "nosuch://x/y"] {
            assert!(matches!(Objects::from_url(bad), Err(StoreError::Invalid(_))), "{bad}");
        }
    }
}
