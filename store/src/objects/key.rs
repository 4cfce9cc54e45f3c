//! The one list of object keys.
//!
//! A key consists of ids, and of the fingerprint of the content where two callers could write under the same ids.
//! So writing a key twice always writes the same bytes: a retry is harmless, and the loser of a race can't overwrite
//! what the winner wrote.

use object_store::path::Path;
use playhead_schemas::{AttachmentId, ProjectId, ReplayId, ReplayKey, ScreenshotId, SegmentNo, Stream};

use crate::RenditionKind;
use crate::payload::{Fingerprint, fingerprint};

/// What an object is, which decides where it is stored.
#[derive(Clone, Debug)]
pub(crate) enum ObjectKey<'a> {
    /// One stream of one uploaded segment: a zstd frame. Named by the SDK's replay key, because it is written
    /// before the catalog gives the replay an id.
    Piece { project: ProjectId, replay: &'a ReplayKey, n: SegmentNo, stream: Stream, content: &'a Fingerprint },
    /// All payloads of a closed replay: zstd frames one after the other.
    Compacted { project: ProjectId, replay: ReplayId, content: &'a Fingerprint },
    /// A picture as it was uploaded.
    Screenshot { project: ProjectId, id: ScreenshotId },
    /// A picture made from a screenshot.
    Rendition { project: ProjectId, screenshot: ScreenshotId, kind: RenditionKind, content: &'a Fingerprint },
    /// A file as it was uploaded.
    Attachment { project: ProjectId, id: AttachmentId },
}

impl ObjectKey<'_> {
    /// The key in the form that the object storage and the catalog use.
    pub(crate) fn path(&self) -> Path {
        Path::from(match self {
            Self::Piece { project, replay, n, stream, content } => {
                // File systems that ignore case would put `A` and `a` into one folder: the fingerprint tells them apart.
                let folder = fingerprint(replay.as_str().as_bytes()).short();
                format!("{project}/pieces/{replay}-{}/{:05}-{stream}-{}.zst", &folder[..8], n.0, content.short())
            }
            Self::Compacted { project, replay, content } => {
                format!("{project}/replays/{replay}-{}.frames", content.short())
            }
            Self::Screenshot { project, id } => format!("{project}/screenshots/{id}"),
            Self::Rendition { project, screenshot, kind, content } => {
                format!("{project}/screenshots/{screenshot}-{kind}-{}", content.short())
            }
            Self::Attachment { project, id } => format!("{project}/attachments/{id}"),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_are_apart_whatever_the_content_and_the_case() {
        let (project, content, other) = (ProjectId::new(), fingerprint(b"a"), fingerprint(b"b"));
        let (upper, lower): (ReplayKey, ReplayKey) = ("AB".parse().unwrap(), "ab".parse().unwrap());
        let piece = |replay, content| {
            let key = ObjectKey::Piece { project, replay, n: SegmentNo(7), stream: Stream::Rrweb, content };
            key.path().to_string()
        };
        assert_eq!(piece(&upper, &content), piece(&upper, &content));
        assert_ne!(piece(&upper, &content), piece(&upper, &other));
        assert_ne!(piece(&upper, &content).to_lowercase(), piece(&lower, &content).to_lowercase());
        assert!(piece(&upper, &content).contains("/00007-rrweb-"), "{}", piece(&upper, &content));
    }
}
