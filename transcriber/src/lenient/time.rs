//! Times as recorders write them.

use simd_json::base::ValueIntoString;
use time::{Date, Month};

use super::{Value, as_number};

const UNIX_EPOCH: Date = time::OffsetDateTime::UNIX_EPOCH.date();
/// Higher numbers are milliseconds, others seconds: before the year 2286 no number of seconds is higher, and after
/// April 1970 no number of milliseconds is lower.
const SECONDS_MAX: f64 = 9_999_999_999.0;
/// Higher numbers are microseconds or nanoseconds.
const MS_MAX: f64 = 1e14;

/// An epoch time in milliseconds: of a number, of one as a string, or of a time in text. Times before 2000 or after 5138
/// are none.
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
        Err(_) => text_ms(text).filter(is_plausible),
    }
}

/// An epoch time in milliseconds: of a number of seconds, or of thousandths, millionths or billionths of one, according
/// to its size.
pub(crate) fn epoch_of_number(number: f64) -> Option<f64> {
    let ms = match number {
        // Seconds with decimals are not exact in binary: round to thousandths of a millisecond.
        n if n <= SECONDS_MAX => (n * 1e6).round() / 1e3,
        n if n < MS_MAX => n,
        n if n < MS_MAX * 1e3 => n / 1e3,
        n => n / 1e6,
    };
    Some(ms).filter(is_plausible)
}

fn is_plausible(ms: &f64) -> bool {
    (946_684_800_000.0..MS_MAX).contains(ms)
}

/// True when the time that a text spells names its zone: a number counts from the epoch, and needs none.
pub(crate) fn has_zone(text: &str) -> bool {
    let text = text.trim();
    text.parse::<f64>().is_ok() || dotnet_ms(text).is_some() || parts_of(text).is_some_and(|parts| parts.has_zone())
}

/// The parts of a date and time, as they are written.
struct Parts<'a> {
    date: [i64; 3],
    clock: [i64; 3],
    /// Decimals of a second.
    fraction: &'a str,
    zone: &'a str,
}

impl Parts<'_> {
    fn has_zone(&self) -> bool {
        !self.zone.is_empty()
    }

    fn ms(&self) -> Option<f64> {
        let ([year, month, day], [hour, minute, second]) = (self.date, self.clock);
        if !(1..=31).contains(&day) || hour > 24 || minute > 59 || second > 60 {
            return None;
        }
        let fraction: f64 = match self.fraction {
            "" => 0.0,
            decimals => format!("0.{decimals}").parse().ok()?,
        };
        let seconds = days_since_epoch(year, month, day)? * 86_400 + hour * 3600 + minute * 60 + second;
        Some((seconds - offset_seconds(self.zone)?) as f64 * 1000.0 + (fraction * 1e6).round() / 1e3)
    }
}

/// Epoch milliseconds of a time in text: of ISO 8601 in its forms, of an HTTP or mail date, or of one of .NET's. Without
/// a zone it is one of UTC. Parsed by hand because recorders write forms that no standard has, such as `-0500` after an
/// extended date.
fn text_ms(text: &str) -> Option<f64> {
    let text = text.trim();
    dotnet_ms(text).or_else(|| parts_of(text)?.ms())
}

fn parts_of(text: &str) -> Option<Parts<'_>> {
    iso(text).or_else(|| spelled(text))
}

/// `2026-11-20T16:07:19.829Z` and similar times: with `/` in the date or nothing, with a space instead of the `T`,
/// without seconds, with any number of decimals, with `Z`, an offset, a name of UTC or nothing.
fn iso(text: &str) -> Option<Parts<'_>> {
    let (date, rest) = match text.as_bytes().get(4)? {
        b'-' | b'/' => text.split_at_checked(10)?,
        _ => text.split_at_checked(8)?,
    };
    let date = match (date.len(), date.contains('/')) {
        (8, _) => [digits(date.get(..4)?)?, digits(date.get(4..6)?)?, digits(date.get(6..)?)?],
        (_, slashes) => three(date, if slashes { '/' } else { '-' })?,
    };
    let (clock, fraction, zone) = clock(rest.strip_prefix(['T', 't', ' '])?)?;
    Some(Parts { date, clock, fraction, zone })
}

/// `Fri, 20 Nov 2026 16:07:19 GMT` (RFC 9110, section 5.6.7) and `Fri Nov 20 2026 17:07:19 GMT+0100 (CET)`, as
/// JavaScript writes it.
fn spelled(text: &str) -> Option<Parts<'_>> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let text = text.split('(').next()?.trim_end();
    let at = text.find(':')?.checked_sub(2)?;
    let (date, rest) = text.split_at_checked(at)?;
    let (mut day, mut month, mut year) = (None, None, None);
    for word in date.split([' ', ',', '-']).filter(|word| !word.is_empty()) {
        let named = MONTHS.iter().position(|name| word.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(name)));
        match (digits(word), word.len(), named) {
            (Some(number), 1..=2, _) => day = Some(number),
            (Some(number), 4, _) => year = Some(number),
            (_, _, Some(number)) => month = Some(number as i64 + 1),
            // The day of the week.
            _ => {}
        }
    }
    let (clock, fraction, zone) = clock(rest)?;
    Some(Parts { date: [year?, month?, day?], clock, fraction, zone })
}

/// Hour, minute and second, the decimals, and the zone.
fn clock(text: &str) -> Option<([i64; 3], &str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(text.len());
    let (clock, rest) = text.split_at(end);
    let clock = match clock.len() {
        8 => three(clock, ':')?,
        5 => {
            let (hour, minute) = clock.split_once(':')?;
            [digits(hour)?, digits(minute)?, 0]
        }
        6 => [digits(clock.get(..2)?)?, digits(clock.get(2..4)?)?, digits(clock.get(4..)?)?],
        _ => return None,
    };
    let (fraction, zone) = match rest.strip_prefix(['.', ',']) {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
        None => ("", rest),
    };
    Some((clock, fraction, zone.trim()))
}

/// `/Date(1795190839829+0100)/`, as .NET wrote times: the offset does not move them.
fn dotnet_ms(text: &str) -> Option<f64> {
    let inside = text.trim_matches(['/', '\\']).strip_prefix("Date(")?.strip_suffix(')')?;
    let end = inside.find(['+', '-']).filter(|at| *at > 0).unwrap_or(inside.len());
    inside[..end].parse().ok()
}

fn three(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(digits);
    let out = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(out)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

fn offset_seconds(zone: &str) -> Option<i64> {
    let zone = ["UTC", "GMT"].into_iter().find_map(|name| zone.strip_prefix(name)).unwrap_or(zone).trim_start();
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
            ("2026-11-20T16:07Z", Some(1_795_190_820_000.0)),
            ("2026/11/20 16:07:19 +0000", Some(1_795_190_839_000.0)),
            ("20261120T160719.5Z", Some(1_795_190_839_500.0)),
            ("2026-11-20 16:07:19 UTC", Some(1_795_190_839_000.0)),
            ("2026-11-20T16:07:19,5 +01:00", Some(1_795_187_239_500.0)),
            ("Fri, 20 Nov 2026 16:07:19 GMT", Some(1_795_190_839_000.0)),
            ("Fri Nov 20 2026 17:07:19 GMT+0100 (Central European Time)", Some(1_795_190_839_000.0)),
            ("/Date(1795190839829+0100)/", Some(1_795_190_839_829.0)),
            ("2026-13-20T16:07:19Z", None),
            ("2026-11-20T16", None),
            ("20261120", None),
            ("soon: 16:07:19", None),
            (":", None),
            ("/Date(-)/", None),
            ("20é6-11-20T16:07:19Z", None),
            ("2026-11-20T16:07:19.829X", None),
        ] {
            assert_eq!(text_ms(text), want, "{text}");
        }
        for (json, want) in [
            ("1795190839829", Some(1_795_190_839_829.0)),
            ("1795190839.829", Some(1_795_190_839_829.0)),
            ("\"1795190839829\"", Some(1_795_190_839_829.0)),
            ("1795190839829123", Some(1_795_190_839_829.123)),
            ("1795190839829000000", Some(1_795_190_839_829.0)),
            ("12", None),
            ("1e300", None),
            ("null", None),
        ] {
            let mut json = json.as_bytes().to_vec();
            assert_eq!(value(&mut json, epoch_ms).unwrap(), want);
        }
    }

    #[test]
    fn zones_are_seen() {
        for (text, want) in [
            ("2026-11-20T16:07:19Z", true),
            ("2026-11-20T16:07:19.829+01:00", true),
            ("2026-11-20 16:07:19 UTC", true),
            ("1795190839829", true),
            ("/Date(1795190839829)/", true),
            ("2026-11-20T16:07:19.829", false),
            ("2026/11/20 16:07", false),
            ("Fri Nov 20 2026 17:07:19", false),
        ] {
            assert_eq!(has_zone(text), want, "{text}");
        }
    }
}
