//! Sentry's replay segments: a `replay_event` and a `replay_recording` of one envelope.

use bytes::Bytes;
use playhead_schemas::{EpochMs, ReplayKey, SegmentNo, Stream};
use playhead_store::{PageSpan, SegmentOrigin};
use serde_json::Value;

use super::super::intake::Piece;
use super::super::value::{text, time, whole};
use super::event::{Around, replay_key};
use crate::segment::Raw;

/// Bytes in which the header line of a recording ends.
const HEADER_BYTES_MAX: usize = 200;

/// The piece that a recording is, with the event beside it if there is one. `None` when it names no replay.
pub(super) fn piece(recording: Bytes, event: Option<&Value>, around: &Around) -> Option<Piece> {
    let told = |pointer| event.and_then(|event| text(event, pointer));
    let id = told("/replay_id").or_else(|| told("/event_id"));
    let replay: ReplayKey = replay_key(id.or(around.event_id.as_deref()).or(around.replay_id.as_deref())?)?;
    let number = segment_id(&recording).or_else(|| event.and_then(|event| whole(event, "/segment_id")));
    let page = event.and_then(page);
    let identity = number.map_or_else(|| "?".to_owned(), |number| number.to_string());
    Some(Piece {
        replay,
        identity: format!("sentry:{identity}"),
        // A page that comes back from the browser's cache goes on with numbers of its own.
        is_told_by_content: true,
        origin: SegmentOrigin::Recording(number.map(SegmentNo)),
        page,
        window: None,
        stream: Stream::Rrweb,
        raw: Raw::Part(recording),
    })
}

/// The number in the header line of a recording.
fn segment_id(recording: &[u8]) -> Option<u32> {
    let head = recording.get(..recording.len().min(HEADER_BYTES_MAX))?;
    let line = &head[..memchr::memchr(b'\n', head)?];
    let header: Value = serde_json::from_slice(line).ok()?;
    whole(&header, "/segment_id")
}

fn page(event: &Value) -> Option<PageSpan> {
    let page_started_at = time(event, "/replay_start_timestamp")?;
    let segment_ended_at = time(event, "/timestamp")?;
    // The clock of one page decides; rounding makes no later page of it.
    (segment_ended_at > page_started_at)
        .then_some(PageSpan { page_started_at, segment_ended_at: EpochMs(segment_ended_at.0 - 1) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    const ID: &str = "872183973afd46348a18c422178b97fb";

    fn around(event_id: Option<&str>) -> Around {
        let event_id = event_id.map(str::to_owned);
        Around { event_id, replay_id: None, now: EpochMs(0), fallback_id: "x".to_owned() }
    }

    #[test]
    fn numbers_and_ids_come_from_wherever_they_stand() {
        let with_line = Bytes::from_static(b"{\"segment_id\":3}\n[]");
        let without = Bytes::from_static(b"[]");
        let event = json!({"replay_id": ID.to_uppercase(), "segment_id": 5});
        for (recording, event, header, want) in [
            (&with_line, Some(&event), None, Some(Some(3))),
            (&without, Some(&event), None, Some(Some(5))),
            (&with_line, None, Some(ID), Some(Some(3))),
            (&without, None, Some(ID), Some(None)),
            (&with_line, None, None, None),
            (&with_line, None, Some("not an id"), None),
        ] {
            let piece = piece(recording.clone(), event, &around(header));
            let told = piece.as_ref().map(|piece| match piece.origin {
                SegmentOrigin::Recording(n) => n.map(|n| n.0),
                SegmentOrigin::Beside => panic!(),
            });
            assert_eq!(told, want, "{event:?} {header:?}");
            assert!(piece.is_none_or(|piece| piece.replay.as_str() == ID));
        }
    }
}
