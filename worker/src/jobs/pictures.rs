//! The job that makes the renditions of a screenshot: a thumbnail, and a view that a model can read.

use bytes::Bytes;
use playhead_pictures::{Limits, PictureError, Rendition, fit_box, fit_width};
use playhead_schemas::{ScreenshotId, limits};
use playhead_store::{Job, NewRendition, RenditionKind};

use crate::error::JobError;
use crate::worker::Worker;

/// The longer edge of a view, in pixels.
const VIEW_EDGE_MAX: u32 = 1568;

/// Reads the screenshot, makes both renditions, stores them.
pub(super) async fn run(worker: &Worker, job: &Job) -> Result<(), JobError> {
    let id = ScreenshotId(job.subject);
    let screenshot = worker.store.screenshot(id).await?;
    let bytes = worker.store.screenshot_bytes(id, None).await?;
    // The limits of the upload may have been lowered since: what was accepted then is still processed.
    let limits = Limits {
        bytes_max: bytes.len() as u64,
        pixels_max: u64::from(screenshot.width) * u64::from(screenshot.height),
    };
    let renditions = worker.cpu.run(move || render(&bytes, &limits)).await??;
    worker.store.put_renditions(id, renditions).await?;
    if worker.store.complete_job(job.id, &worker.name).await? { Ok(()) } else { Err(JobError::Lost) }
}

fn render(bytes: &[u8], limits: &Limits) -> Result<Vec<NewRendition>, PictureError> {
    let thumb = fit_width(bytes, limits::THUMBNAIL_WIDTH, limits)?;
    let view = fit_box(bytes, VIEW_EDGE_MAX, limits)?;
    Ok(vec![stored(RenditionKind::Thumb, thumb), stored(RenditionKind::View, view)])
}

fn stored(kind: RenditionKind, rendition: Rendition) -> NewRendition {
    NewRendition {
        kind,
        bytes: Bytes::from(rendition.bytes),
        media_type: rendition.media_type.to_owned(),
        width: rendition.width,
        height: rendition.height,
    }
}
