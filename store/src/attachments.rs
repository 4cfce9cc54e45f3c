//! Files that came with a bug.

use bytes::Bytes;
use playhead_schemas::{AttachmentId, BugId, ProjectId};
use serde::Serialize;

use crate::engine::{Row, Value, values};
use crate::{Result, Store, StoreError};

/// A file to store.
#[derive(Clone, Debug)]
pub struct NewAttachment {
    /// Its name on the user's machine: untrusted, and never used as a path.
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

const OF_BUG: &str = "SELECT id, project, bug, file_name, media_type, bytes FROM attachments
    WHERE bug = $1 ORDER BY position";
const BY_ID: &str = "SELECT id, project, bug, file_name, media_type, bytes FROM attachments WHERE id = $1";
const OBJECT: &str = "SELECT object, bytes FROM attachments WHERE id = $1";

impl Store {
    /// The attachments of a bug, in the order in which they came.
    pub async fn attachments(&self, bug: BugId) -> Result<Vec<Attachment>> {
        self.list(OF_BUG, values![bug], attachment).await
    }

    /// The attachment of an id.
    pub async fn attachment(&self, id: AttachmentId) -> Result<Attachment> {
        self.find(BY_ID, values![id], attachment).await?.ok_or(StoreError::NotFound("attachment"))
    }

    /// The file of an attachment. `Lost` when it is missing or damaged.
    pub async fn attachment_bytes(&self, id: AttachmentId) -> Result<Bytes> {
        let found = self.find(OBJECT, values![id], |row| Ok((row.get::<String>(0)?, row.get::<u64>(1)?))).await?;
        let (object, bytes) = found.ok_or(StoreError::NotFound("attachment"))?;
        self.objects().get_whole(object, bytes).await
    }
}

/// A row of the table `attachments`, for the appender.
pub(crate) fn new_row(
    a: &NewAttachment,
    ids: (AttachmentId, ProjectId, BugId),
    position: u32,
    object: &str,
) -> Vec<Value> {
    let (id, project, bug) = ids;
    let (name, media_type, bytes) = (a.file_name.as_str(), a.media_type.as_str(), a.bytes.len() as u64);
    values![id, project, bug, position, name, media_type, bytes, object].to_vec()
}

fn attachment(row: &Row) -> Result<Attachment> {
    Ok(Attachment {
        id: row.get(0)?,
        project: row.get(1)?,
        bug: row.get(2)?,
        file_name: row.get(3)?,
        media_type: row.get(4)?,
        bytes: row.get(5)?,
    })
}
