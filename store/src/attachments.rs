//! Files that came with a bug.

use bytes::Bytes;
use playhead_schemas::{AttachmentId, BugId, ProjectId};
use serde::Serialize;

use crate::store::pending;
use crate::{Result, Store};

/// A file to store.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    /// Its name, as the user's machine had it: untrusted, never a path here.
    pub file_name: String,
    /// Its media type, as the SDK claims.
    pub media_type: String,
    /// The file.
    pub bytes: Bytes,
}

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// The project that it belongs to.
    pub project: ProjectId,
    /// The bug that it came with.
    pub bug: BugId,
    /// Its name.
    pub file_name: String,
    /// Its media type, as the SDK claimed.
    pub media_type: String,
    /// Its size.
    pub bytes: u64,
}

impl Store {
    /// The attachments of a bug, in the order in which they came.
    pub async fn attachments(&self, bug: BugId) -> Result<Vec<Attachment>> {
        let _ = bug;
        pending()
    }

    /// The attachment of an id.
    pub async fn attachment(&self, id: AttachmentId) -> Result<Attachment> {
        let _ = id;
        pending()
    }

    /// The file of an attachment.
    pub async fn attachment_bytes(&self, id: AttachmentId) -> Result<Bytes> {
        let _ = id;
        pending()
    }
}
