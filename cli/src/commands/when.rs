//! Times on a command line and in tables.

use playhead_schemas::EpochMs;
use time::format_description::well_known::Rfc3339;

/// A day, a time, or an age.
pub(crate) fn time(text: &str) -> Result<EpochMs, String> {
    let wrong = || "neither a day (2026-11-21), nor a time (2026-11-21T08:00:00Z), nor an age (12h, 7d)".to_owned();
    let units = [("d", 86_400_000_i64), ("h", 3_600_000), ("m", 60_000)];
    for (unit, ms) in units {
        if let Some(count) = text.strip_suffix(unit).and_then(|digits| digits.parse::<u32>().ok()) {
            return Ok(EpochMs::now().plus_ms(-i64::from(count).saturating_mul(ms)));
        }
    }
    let time = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let time = time::OffsetDateTime::parse(&time, &Rfc3339).map_err(|_| wrong())?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).map(EpochMs).map_err(|_| wrong())
}

/// A time in a table.
pub(crate) fn shown_time(time: Option<EpochMs>) -> String {
    time.map_or_else(|| "-".to_owned(), EpochMs::to_rfc3339)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_days_and_ages() {
        assert_eq!(time("2026-11-20T16:59:15.508Z"), Ok(EpochMs(1_795_193_955_508)));
        assert_eq!(time("1970-01-02"), Ok(EpochMs(86_400_000)));
        assert_eq!(time("1970-01-02T01:00:00+01:00"), Ok(EpochMs(86_400_000)));
        let week = EpochMs::now().since(time("7d").unwrap_or_default());
        assert!((604_800_000..604_810_000).contains(&week), "{week}");
        for wrong in ["", "7", "d", "-1d", "yesterday", "2026-13-01", "2026-11-2"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
