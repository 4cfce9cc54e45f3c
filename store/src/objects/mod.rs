//! Objects: recordings, pictures and files, in a local folder or any storage that speaks S3.
//!
//! In: bytes under an [`ObjectKey`]. Out: the bytes, or a range of them. A put that returned is durable
//! (on local disks the file and its folder are synced). Never here: what the bytes mean; who may read them.

mod key;

use std::path::Path as FilePath;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::{BoxStream, StreamExt};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use playhead_schemas::EpochMs;
use url::Url;

pub(crate) use key::{ObjectKey, piece_of, pieces_folder};

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

    /// The bytes of an object that a row names.
    ///
    /// # Errors
    /// `Lost` when there is none, or when it has not the size that the row says.
    pub(crate) async fn get_whole(&self, key: String, size: u64) -> Result<Bytes> {
        let bytes = self.get(&key).await?.filter(|bytes| bytes.len() as u64 == size);
        bytes.ok_or(StoreError::Lost { object: key })
    }

    /// `length` bytes of an object from `from` on, or `None` when there is none.
    ///
    /// # Errors
    /// `Lost` when the object ends before: it is not what was written.
    pub(crate) async fn get_range(&self, key: &str, from: u64, length: u64) -> Result<Option<Bytes>> {
        let (path, end) = (Path::from(key), from.saturating_add(length));
        let got = self.backend.get_range(&path, from..end).await;
        let is_short = match &got {
            Ok(bytes) => (bytes.len() as u64) < length,
            Err(object_store::Error::NotFound { .. }) => false,
            // A local folder refuses a range that ends behind the file.
            Err(_) => self.backend.head(&path).await.is_ok_and(|meta| meta.size < end),
        };
        if is_short { Err(StoreError::Lost { object: key.to_owned() }) } else { found(key, got) }
    }

    /// The keys in a folder and when each was written, in no order. Read by the page where the storage has pages.
    pub(crate) fn list(&self, folder: &str) -> BoxStream<'static, Result<(String, EpochMs)>> {
        let (folder, prefix) = (folder.to_owned(), Path::from(folder));
        let listed = self.backend.list(Some(&prefix)).map(move |meta| match meta {
            Ok(meta) => Ok((meta.location.to_string(), EpochMs(meta.last_modified.timestamp_millis()))),
            Err(e) => Err(StoreError::objects(format!("list {folder}"), e)),
        });
        listed.boxed()
    }

    /// Deletes an object. Deleting one that does not exist succeeds.
    pub(crate) async fn delete(&self, key: &str) -> Result<()> {
        match self.backend.delete(&Path::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(e) => Err(StoreError::objects(format!("delete {key}"), e)),
        }
    }

    /// Checks that the storage keeps what it is given, by writing a small object.
    pub(crate) async fn health(&self) -> Result<()> {
        self.put(&ObjectKey::Probe, Bytes::from_static(b"ok")).await.map(drop)
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
        for from in [4, 9] {
            let short = objects.get_range(&name, from, 3).await;
            assert!(matches!(&short, Err(StoreError::Lost { object }) if *object == name), "{short:?}");
        }
        assert_eq!(objects.get_whole(name.clone(), 5).await.unwrap(), "hello");
        for (key, size) in [(name.clone(), 6), (format!("{name}x"), 5)] {
            let lost = objects.get_whole(key.clone(), size).await;
            assert!(matches!(&lost, Err(StoreError::Lost { object }) if *object == key), "{lost:?}");
        }
        let (folder, _) = name.rsplit_once('/').unwrap();
        let listed: Vec<_> = objects.list(folder).collect().await;
        assert!(matches!(&listed[..], [Ok((key, at))] if *key == name && at.0 > 0), "{listed:?}");
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
