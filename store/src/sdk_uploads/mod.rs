//! What SDKs of other products upload: they name segments and events in their own ways, and send the same again.
//!
//! In: segments that have an identity instead of a number; ids of events with the bugs that they became. Out: the number
//! of each segment, the same for the same segment; the bug of an event. Never here: wire formats (ingest).
//!
//! Rows are forgotten some time after they were written: by then no SDK sends the same again.

mod events;
mod numbers;

use playhead_schemas::EpochMs;

pub use numbers::{PageSpan, SegmentOrigin, UnnumberedSegment};

use crate::engine::values;
use crate::{Result, Store};

/// For how long it is known what was sent: SDKs keep what they could not send for days at most.
const KEEP_MS: i64 = 30 * 86_400_000;

const FORGET_SEGMENTS: &str = "DELETE FROM sdk_segments WHERE seen_at < $1";
const FORGET_EVENTS: &str = "DELETE FROM sdk_events WHERE seen_at < $1";
const FORGET_REPLAYS: &str = "DELETE FROM sdk_replays WHERE seen_at < $1";

impl Store {
    /// Forgets what SDKs of other products sent long enough before `now`; gives the number of rows. The segments and bugs
    /// themselves stay.
    pub async fn forget_old_sdk_uploads(&self, now: EpochMs) -> Result<u64> {
        self.write(move |tx| {
            let before = now.plus_ms(-KEEP_MS);
            let mut rows = 0;
            for sql in [FORGET_SEGMENTS, FORGET_EVENTS, FORGET_REPLAYS] {
                rows += tx.execute(sql, &values![before])?;
            }
            Ok(rows)
        })
        .await
    }
}
