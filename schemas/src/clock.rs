//! Clocks: every time in Playhead is either an epoch time or an offset in one replay.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z, as browsers give them (`Date.now()`).
///
/// Offsets in a replay are plain `u64` fields named `.._ms`; only this type is epoch time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct EpochMs(pub i64);

impl EpochMs {
    /// The time by this machine's clock. Never called from the transcriber, which reads no clock.
    pub fn now() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// Milliseconds from `start` to this time; 0 when this time is earlier.
    pub fn since(self, start: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(start.0)).unwrap_or(0)
    }

    /// This time moved by `ms` milliseconds, without overflow.
    #[must_use]
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// RFC 3339 in UTC with milliseconds, such as `2026-11-21T08:41:03.120Z`.
    pub fn to_rfc3339(self) -> String {
        let (days, ms_of_day) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        let (year, month, day) = civil_from_days(days);
        let (h, m, s, ms) = (ms_of_day / 3_600_000, ms_of_day / 60_000 % 60, ms_of_day / 1000 % 60, ms_of_day % 1000);
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{ms:03}Z")
    }
}

/// Where `now` comes from. Cheap to clone; clones of a manual clock show the same time.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands at `at` until it is moved.
    pub fn manual(at: EpochMs) -> Self {
        Self(Some(Arc::new(AtomicI64::new(at.0))))
    }

    /// The time.
    pub fn now(&self) -> EpochMs {
        match &self.0 {
            None => EpochMs::now(),
            Some(at) => EpochMs(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock forward. A machine's clock can't be moved: nothing happens.
    pub fn advance_ms(&self, ms: i64) {
        if let Some(at) = &self.0 {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }
}

/// Year, month and day of a count of days since 1970-01-01 in the proleptic Gregorian calendar.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// An offset in a replay as `mm:ss.d`, or `h:mm:ss.d` from one hour on: how people name a place in a recording.
pub fn offset_label(ms: u64) -> String {
    let (h, m, s, tenths) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms / 100 % 10);
    if h > 0 { format!("{h}:{m:02}:{s:02}.{tenths}") } else { format!("{m:02}:{s:02}.{tenths}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_to_rfc3339() {
        for (ms, want) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_795_193_955_508, "2026-11-20T16:59:15.508Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(EpochMs(ms).to_rfc3339(), want);
        }
    }

    #[test]
    fn offsets_are_named_as_players_do() {
        assert_eq!(offset_label(12_400), "00:12.4");
        assert_eq!(offset_label(3_661_050), "1:01:01.0");
    }

    #[test]
    fn an_earlier_time_is_no_time_since() {
        assert_eq!(EpochMs(5).since(EpochMs(9)), 0);
        assert_eq!(EpochMs(i64::MAX).since(EpochMs(i64::MIN)), i64::MAX as u64);
    }
}
