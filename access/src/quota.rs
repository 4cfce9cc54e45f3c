//! Quotas: how much is allowed, and when the count starts again.

use playhead_schemas::{EpochMs, Scope};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// What this server allows, as the operator's settings say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Calls of tools, and requests about bugs, a UTC day in one project; and, counted separately, in a workspace for those
    /// that name no project.
    pub calls_per_day: u64,
    /// Calls of tools a minute by one principal.
    pub calls_per_minute: u64,
    /// Scopes that are switched off here, even for tokens that have them.
    pub scopes_off: Vec<Scope>,
}

impl Default for Plan {
    /// 50,000 calls a day and project, 600 a minute and principal, every scope.
    fn default() -> Self {
        Self { calls_per_day: 50_000, calls_per_minute: 600, scopes_off: Vec::new() }
    }
}

/// The number of the UTC day of `now`.
pub fn day_no(now: EpochMs) -> i64 {
    now.0.div_euclid(DAY_MS)
}

/// When the UTC day of `now` ends.
pub fn day_ends(now: EpochMs) -> EpochMs {
    EpochMs(day_no(now).saturating_add(1).saturating_mul(DAY_MS))
}

/// The number of the minute of `now`.
pub fn minute_no(now: EpochMs) -> i64 {
    now.0.div_euclid(MINUTE_MS)
}

/// When the minute of `now` ends.
pub fn minute_ends(now: EpochMs) -> EpochMs {
    EpochMs(minute_no(now).saturating_add(1).saturating_mul(MINUTE_MS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_utc_days_and_minutes() {
        let noon = EpochMs(1_795_176_000_000); // 2026-11-20T12:00:00Z
        assert_eq!(day_ends(noon).to_rfc3339(), "2026-11-21T00:00:00.000Z");
        assert_eq!(minute_ends(noon).to_rfc3339(), "2026-11-20T12:01:00.000Z");
        let midnight = day_ends(noon);
        assert_eq!(day_no(midnight), day_no(noon) + 1);
        assert_eq!(day_no(midnight.plus_ms(-1)), day_no(noon));
        assert_eq!((day_no(EpochMs(-1)), minute_no(EpochMs(-1))), (-1, -1));
        assert!(day_ends(EpochMs(i64::MAX)).0 > 0);
    }
}
