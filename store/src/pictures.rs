//! Screenshots and their renditions. Pixels are never looked at here.

use bytes::Bytes;
use playhead_schemas::{BugId, ProjectId, ScreenshotId};
use serde::Serialize;

use crate::store::pending;
use crate::{Result, Store};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PictureState {
    /// On their way.
    Pending,
    /// Stored.
    Ready,
    /// Given up; the dead job says why.
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

impl Store {
    /// The screenshots of a bug, in the order in which they came.
    pub async fn screenshots(&self, bug: BugId) -> Result<Vec<Screenshot>> {
        let _ = bug;
        pending()
    }

    /// The screenshot of an id.
    pub async fn screenshot(&self, id: ScreenshotId) -> Result<Screenshot> {
        let _ = id;
        pending()
    }

    /// The file of a screenshot (`None`) or of a rendition. `NotFound` for a rendition that is not made.
    pub async fn screenshot_bytes(&self, id: ScreenshotId, rendition: Option<RenditionKind>) -> Result<Bytes> {
        let _ = (id, rendition);
        pending()
    }

    /// Stores the renditions of a screenshot, in place of earlier ones of the same kinds, and sets it ready.
    pub async fn put_renditions(&self, id: ScreenshotId, renditions: Vec<NewRendition>) -> Result<()> {
        let _ = (id, renditions);
        pending()
    }
}
