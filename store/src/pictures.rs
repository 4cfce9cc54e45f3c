//! Screenshots and their renditions. Never here: decoding them.

use bytes::Bytes;
use playhead_schemas::{BugId, ProjectId, ScreenshotId};
use serde::Serialize;
use strum::{Display, EnumString, IntoStaticStr};

use crate::engine::{Row, Session, Tx, Value, values};
use crate::objects::ObjectKey;
use crate::payload::fingerprint;
use crate::{Result, Store, StoreError};

/// A picture that came with a bug.
#[derive(Clone, Debug)]
pub struct NewScreenshot {
    /// The file.
    pub bytes: Bytes,
    /// `image/png`, `image/jpeg` or `image/webp`.
    pub media_type: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// What a rendition is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Display, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum RenditionKind {
    /// Small, for lists.
    Thumb,
    /// As large as a model reads it.
    View,
}

/// A rendition to store.
#[derive(Clone, Debug)]
pub struct NewRendition {
    /// What it is for.
    pub kind: RenditionKind,
    /// The file.
    pub bytes: Bytes,
    /// Its media type.
    pub media_type: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// A stored rendition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RenditionMeta {
    /// What it is for.
    pub kind: RenditionKind,
    /// Its media type.
    pub media_type: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The file's size.
    pub bytes: u64,
}

/// Whether a screenshot's renditions are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum PictureState {
    /// A job for them is queued or running.
    Pending,
    /// Stored.
    Ready,
    /// Given up; the dead job has the error.
    Failed,
}

/// A screenshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Screenshot {
    /// Its id.
    pub id: ScreenshotId,
    /// The project that it belongs to.
    pub project: ProjectId,
    /// The bug that it came with.
    pub bug: BugId,
    /// Its media type.
    pub media_type: String,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The file's size.
    pub bytes: u64,
    /// Its renditions, by kind.
    pub renditions: Vec<RenditionMeta>,
    /// Whether the renditions are made.
    pub state: PictureState,
}

const OF_BUG: &str = "SELECT id, project, bug, media_type, width, height, bytes, state FROM screenshots
    WHERE bug = $1 ORDER BY position";
const BY_ID: &str = "SELECT id, project, bug, media_type, width, height, bytes, state FROM screenshots WHERE id = $1";
const RENDITIONS: &str =
    "SELECT kind, media_type, width, height, bytes FROM renditions WHERE screenshot = $1 ORDER BY kind";
const ORIGINAL_OBJECT: &str = "SELECT object, bytes FROM screenshots WHERE id = $1";
const RENDITION_OBJECT: &str = "SELECT object, bytes FROM renditions WHERE screenshot = $1 AND kind = $2";
const PUT_RENDITION: &str = "INSERT INTO renditions (screenshot, kind, media_type, width, height, bytes, object)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (screenshot, kind) DO UPDATE SET media_type = excluded.media_type,
    width = excluded.width, height = excluded.height, bytes = excluded.bytes, object = excluded.object";
const SET_STATE: &str = "UPDATE screenshots SET state = $2 WHERE id = $1";

impl Store {
    /// The screenshots of a bug, in the order in which they came.
    pub async fn screenshots(&self, bug: BugId) -> Result<Vec<Screenshot>> {
        self.snapshot(move |s| s.query(OF_BUG, &values![bug])?.iter().map(|row| screenshot(s, row)).collect()).await
    }

    /// The screenshot of an id.
    pub async fn screenshot(&self, id: ScreenshotId) -> Result<Screenshot> {
        self.snapshot(move |s| {
            let row = s.query_one(BY_ID, &values![id])?.ok_or(StoreError::NotFound("screenshot"))?;
            screenshot(s, &row)
        })
        .await
    }

    /// The file of a screenshot (`None`) or of a rendition. `NotFound` for a rendition that is not made, `Lost` for a
    /// file that is missing or damaged.
    pub async fn screenshot_bytes(&self, id: ScreenshotId, rendition: Option<RenditionKind>) -> Result<Bytes> {
        let (sql, params) = match rendition {
            None => (ORIGINAL_OBJECT, values![id].to_vec()),
            Some(kind) => (RENDITION_OBJECT, values![id, <&str>::from(kind)].to_vec()),
        };
        let found = self.find(sql, params, |row| Ok((row.get::<String>(0)?, row.get::<u64>(1)?))).await?;
        let (object, bytes) = found.ok_or(StoreError::NotFound("screenshot or rendition"))?;
        self.objects().get_whole(object, bytes).await
    }

    /// Stores the renditions of a screenshot, in place of earlier ones of the same kinds, and sets its state to ready.
    pub async fn put_renditions(&self, id: ScreenshotId, renditions: Vec<NewRendition>) -> Result<()> {
        let project = self.screenshot(id).await?.project;
        let mut rows = Vec::with_capacity(renditions.len());
        for r in renditions {
            let content = &fingerprint(&r.bytes);
            let key = ObjectKey::Rendition { project, screenshot: id, kind: r.kind, content };
            let bytes = r.bytes.len() as u64;
            let object = self.objects().put(&key, r.bytes).await?;
            rows.push(values![id, <&str>::from(r.kind), r.media_type, r.width, r.height, bytes, object]);
        }
        self.write(move |tx| {
            for row in &rows {
                tx.execute(PUT_RENDITION, row)?;
            }
            set_state(tx, id, PictureState::Ready)
        })
        .await
    }
}

/// Sets whether a screenshot's renditions are made.
pub(crate) fn set_state(tx: &Tx<'_>, id: ScreenshotId, state: PictureState) -> Result<()> {
    tx.execute(SET_STATE, &values![id, <&str>::from(state)]).map(drop)
}

/// A row of the table `screenshots`, for the appender.
pub(crate) fn new_row(
    s: &NewScreenshot,
    ids: (ScreenshotId, ProjectId, BugId),
    position: u32,
    object: &str,
) -> Vec<Value> {
    let (id, project, bug) = ids;
    let (media_type, bytes) = (s.media_type.as_str(), s.bytes.len() as u64);
    let state = <&str>::from(PictureState::Pending);
    values![id, project, bug, position, media_type, s.width, s.height, bytes, object, state].to_vec()
}

fn screenshot(session: &dyn Session, row: &Row) -> Result<Screenshot> {
    let id = row.get(0)?;
    let renditions = session.query(RENDITIONS, &values![id])?;
    Ok(Screenshot {
        id,
        project: row.get(1)?,
        bug: row.get(2)?,
        media_type: row.get(3)?,
        width: row.get(4)?,
        height: row.get(5)?,
        bytes: row.get(6)?,
        renditions: renditions.iter().map(rendition).collect::<Result<_>>()?,
        state: row.parsed(7)?,
    })
}

fn rendition(row: &Row) -> Result<RenditionMeta> {
    Ok(RenditionMeta {
        kind: row.parsed(0)?,
        media_type: row.get(1)?,
        width: row.get(2)?,
        height: row.get(3)?,
        bytes: row.get(4)?,
    })
}
