//! The one list of object keys.
//!
//! A key consists of ids, and of the fingerprint of the content where two callers could write under the same ids.
//! So writing a key twice always writes the same bytes: a retry is harmless, and the loser of a race can't overwrite
//! what the winner wrote. A piece is named after its upload too, so that no key comes again: a piece that no row came to
//! name can be deleted some time later, whatever is uploaded meanwhile.

use object_store::path::Path;
use playhead_schemas::{AttachmentId, ProjectId, ReplayId, ReplayKey, ScreenshotId, SegmentNo, Stream};
use ulid::Ulid;

use crate::RenditionKind;
use crate::payload::{Fingerprint, fingerprint};

/// What an object is, which decides where it is stored.
#[derive(Clone, Debug)]
pub(crate) enum ObjectKey<'a> {
    /// One stream of one uploaded segment: a zstd frame. Named by the SDK's replay key, because it is written
    /// before the catalog gives the replay an id.
    Piece {
        project: ProjectId,
        replay: &'a ReplayKey,
        n: SegmentNo,
        stream: Stream,
        content: &'a Fingerprint,
        upload: Ulid,
    },
    /// All payloads of a closed replay: zstd frames one after the other.
    Compacted { project: ProjectId, replay: ReplayId, content: &'a Fingerprint },
    /// A picture as it was uploaded.
    Screenshot { project: ProjectId, id: ScreenshotId },
    /// A picture made from a screenshot.
    Rendition { project: ProjectId, screenshot: ScreenshotId, kind: RenditionKind, content: &'a Fingerprint },
    /// A file as it was uploaded.
    Attachment { project: ProjectId, id: AttachmentId },
    /// What is written to see whether the storage takes anything.
    Probe,
}

impl ObjectKey<'_> {
    /// The key in the form that the object storage and the catalog use.
    pub(crate) fn path(&self) -> Path {
        Path::from(match self {
            Self::Piece { project, replay, n, stream, content, upload } => {
                // File systems that ignore case would put `A` and `a` into one folder: the fingerprint tells them apart.
                let folder = fingerprint(replay.as_str().as_bytes()).short();
                let (folder, content) = (&folder[..8], content.short());
                format!("{}/{replay}-{folder}/{:05}-{stream}-{content}-{upload}.zst", pieces_folder(*project), n.0)
            }
            Self::Compacted { project, replay, content } => {
                format!("{project}/replays/{replay}-{}.frames", content.short())
            }
            Self::Screenshot { project, id } => format!("{project}/screenshots/{id}"),
            Self::Rendition { project, screenshot, kind, content } => {
                format!("{project}/screenshots/{screenshot}-{kind}-{}", content.short())
            }
            Self::Attachment { project, id } => format!("{project}/attachments/{id}"),
            Self::Probe => "health/probe".to_owned(),
        })
    }
}

/// The folder of a project's pieces.
pub(crate) fn pieces_folder(project: ProjectId) -> String {
    format!("{project}/pieces")
}

/// What the key of a piece says of it, also of one that an older version wrote; `None` for other keys.
pub(crate) fn piece_of(key: &str) -> Option<(ReplayKey, SegmentNo, Stream)> {
    let (folders, file) = key.rsplit_once('/')?;
    let (replay, _) = folders.rsplit('/').next()?.rsplit_once('-')?;
    let mut parts = file.strip_suffix(".zst")?.split('-');
    let (n, stream) = (parts.next()?, parts.next()?);
    Some((replay.parse().ok()?, SegmentNo(n.parse().ok()?), stream.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn keys_are_apart_whatever_the_content_and_the_case() {
        let (project, content, other) = (ProjectId::new(), fingerprint(b"a"), fingerprint(b"b"));
        let (upper, lower): (ReplayKey, ReplayKey) = ("AB".parse().unwrap(), "ab".parse().unwrap());
        let uploaded = |replay, content, upload| {
            let (n, stream) = (SegmentNo(7), Stream::Rrweb);
            ObjectKey::Piece { project, replay, n, stream, content, upload }.path().to_string()
        };
        let piece = |replay, content| uploaded(replay, content, Ulid::from(1u128));
        assert_ne!(piece(&upper, &content), uploaded(&upper, &content, Ulid::from(2u128)));
        assert_eq!(piece(&upper, &content), piece(&upper, &content));
        assert_ne!(piece(&upper, &content), piece(&upper, &other));
        assert_ne!(piece(&upper, &content).to_lowercase(), piece(&lower, &content).to_lowercase());
        assert!(piece(&upper, &content).contains("/00007-rrweb-"), "{}", piece(&upper, &content));
    }

    #[test]
    fn a_piece_is_told_from_its_key() {
        let (project, content) = (ProjectId::new(), fingerprint(b"a"));
        let replay: ReplayKey = "a-b_-c".parse().unwrap();
        let (n, stream, upload) = (SegmentNo(99_999), Stream::Network, Ulid::generate());
        let key = ObjectKey::Piece { project, replay: &replay, n, stream, content: &content, upload };
        let told = Some((replay.clone(), n, stream));
        assert_eq!(piece_of(key.path().as_ref()), told);
        assert_eq!(piece_of("01/pieces/a-b_-c-0123abcd/99999-network-0123.zst"), told, "of an older version");
        for other in
            ["", "01/pieces/x", "01/pieces/x-1/note.txt", "01/pieces/x-1/1-rrweb", "01/pieces/x-1/x-rrweb-2.zst"]
        {
            assert_eq!(piece_of(other), None, "{other}");
        }
    }
}
