//! Times as recorders write them.

use simd_json::base::ValueIntoString;
use time::{Date, Month};

use super::{Value, as_number};

const UNIX_EPOCH: Date = time::OffsetDateTime::UNIX_EPOCH.date();
/// Higher numbers are milliseconds, others seconds: before the year 2286 no number of seconds is higher, and after
/// April 1970 no number of milliseconds is lower.
const SECONDS_MAX: f64 = 9_999_999_999.0;

/// An epoch time in milliseconds: of a number of milliseconds, of a number of seconds, of either as a
/// string, or of an ISO 8601 time. Times before 2000 or after 5138 are none.
pub(crate) fn epoch_ms(value: Value<'_, '_>) -> Option<f64> {
    match as_number(value) {
        Some(number) => epoch_of_number(number),
        None => epoch_of_text(value.into_string()?),
    }
}

/// An epoch time in milliseconds of a text, see [`epoch_ms`].
pub(crate) fn epoch_of_text(text: &str) -> Option<f64> {
    match text.trim().parse::<f64>() {
        Ok(number) => Some(number).filter(|number| number.is_finite()).and_then(epoch_of_number),
        Err(_) => iso_ms(text).filter(is_plausible),
    }
}

/// An epoch time in milliseconds: of a number of milliseconds or of seconds, according to its size.
pub(crate) fn epoch_of_number(number: f64) -> Option<f64> {
    // Seconds with decimals are not exact in binary: round to thousandths of a millisecond.
    let ms = if number > SECONDS_MAX { number } else { (number * 1e6).round() / 1e3 };
    Some(ms).filter(is_plausible)
}

fn is_plausible(ms: &f64) -> bool {
    (946_684_800_000.0..1e14).contains(ms)
}

/// Epoch milliseconds of `2026-11-20T16:07:19.829Z` and similar times: with any number of decimals, with `Z`, an offset
/// or nothing, which means UTC. Parsed by hand because recorders write forms that no standard has, such as `-0500`
/// after an extended date.
fn iso_ms(text: &str) -> Option<f64> {
    let text = text.trim();
    let (date, rest) = text.split_at_checked(10)?;
    let (clock, rest) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
    let [year, month, day] = three(date, '-')?;
    let [hour, minute, second] = three(clock, ':')?;
    if !(1..=31).contains(&day) || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, zone) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let fraction: f64 = if fraction.is_empty() { 0.0 } else { format!("0.{fraction}").parse().ok()? };
    let seconds = days_since_epoch(year, month, day)? * 86_400 + hour * 3600 + minute * 60 + second;
    Some((seconds - offset_seconds(zone)?) as f64 * 1000.0 + (fraction * 1e6).round() / 1e3)
}

fn three(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts =
        text.split(separator).map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i64>().ok())?);
    let out = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(out)
}

fn offset_seconds(zone: &str) -> Option<i64> {
    let sign = match zone.bytes().next() {
        None | Some(b'Z' | b'z') => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    let digits: i64 = format!("{digits:0<4}").get(..4)?.parse().ok()?;
    Some(sign * (digits / 100 * 3600 + digits % 100 * 60))
}

/// Days from 1970-01-01. A day after the end of its month counts into the next month.
fn days_since_epoch(year: i64, month: i64, day: i64) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let first = Date::from_calendar_date(i32::try_from(year).ok()?, month, 1).ok()?;
    Some(i64::from(first.to_julian_day() - UNIX_EPOCH.to_julian_day()) + day - 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::value;
    use super::*;

    #[test]
    fn times_are_read_in_every_form() {
        for (text, want) in [
            ("2026-11-20T16:07:19.829Z", Some(1_795_190_839_829.0)),
            ("2026-11-20T17:07:19.829+01:00", Some(1_795_190_839_829.0)),
            ("2026-11-20T11:07:19.829-0500", Some(1_795_190_839_829.0)),
            ("2026-11-20 16:07:19", Some(1_795_190_839_000.0)),
            ("2026-11-20T16:07:19.8295Z", Some(1_795_190_839_829.5)),
            ("2000-02-29T00:00:00Z", Some(951_782_400_000.0)),
            ("2026-02-31T00:00:00Z", Some(1_772_496_000_000.0)),
            ("1969-12-31T24:00:60Z", Some(60_000.0)),
            ("2026-13-20T16:07:19Z", None),
            ("2026-11-20T16:07", None),
            ("20é6-11-20T16:07:19Z", None),
            ("2026-11-20T16:07:19.829X", None),
        ] {
            assert_eq!(iso_ms(text), want, "{text}");
        }
        for (json, want) in [
            ("1795190839829", Some(1_795_190_839_829.0)),
            ("1795190839.829", Some(1_795_190_839_829.0)),
            ("\"1795190839829\"", Some(1_795_190_839_829.0)),
            ("12", None),
            ("1e300", None),
            ("null", None),
        ] {
            let mut json = json.as_bytes().to_vec();
            assert_eq!(value(&mut json, epoch_ms).unwrap(), want);
        }
    }
}
