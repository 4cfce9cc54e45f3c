//! The kinds of values that settings have, each with its unit and its bounds.

use playhead_access::oauth::Issuer;
use playhead_schemas::Scope;
use playhead_transcriber::VitalLimits;
use reqwest::Url;
use tracing_subscriber::EnvFilter;

/// What the value of a setting is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// A whole number.
    Whole {
        /// What is counted, in the plural.
        unit: &'static str,
        /// How many of what the field holds are one `unit`: 60,000 for minutes in a field of milliseconds.
        scale: u64,
        /// The least that may be given.
        min: u64,
        /// The most that may be given.
        max: u64,
    },
    /// A number of bytes, with KiB, MiB or GiB if wanted.
    Bytes {
        /// The least that may be given.
        min: u64,
        /// The most that may be given.
        max: u64,
    },
    /// A number above 0, whole or not.
    Number {
        /// What is counted, in the plural.
        unit: &'static str,
        /// The most that may be given.
        max: f64,
    },
    /// A path.
    Path,
    /// An address with a port.
    Address,
    /// A URL of HTTP.
    HttpUrl,
    /// Where objects are kept.
    ObjectsUrl,
    /// A PostgreSQL database.
    CatalogUrl,
    /// The email address of an account.
    Email,
    /// What to log.
    LogFilter,
    /// Texts with commas between them.
    List,
    /// Scopes with commas between them.
    Scopes,
    /// Limits of web vitals.
    Vitals,
    /// How logs are written.
    LogFormat,
}

/// RFC 5321.
const EMAIL_BYTES_MAX: usize = 254;

const BYTE_UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

impl Kind {
    /// A whole number that its field holds as it is.
    pub(super) const fn whole(unit: &'static str, min: u64, max: u64) -> Self {
        Self::Whole { unit, scale: 1, min, max }
    }

    /// A whole number of milliseconds.
    pub(super) const fn ms(min: u64, max: u64) -> Self {
        Self::whole("milliseconds", min, max)
    }

    /// Seconds, in a field of milliseconds.
    pub(super) const fn seconds(min: u64, max: u64) -> Self {
        Self::Whole { unit: "seconds", scale: 1000, min, max }
    }

    /// Minutes, in a field of milliseconds.
    pub(super) const fn minutes(min: u64, max: u64) -> Self {
        Self::Whole { unit: "minutes", scale: 60_000, min, max }
    }

    /// Days, in a field of milliseconds.
    pub(super) const fn days(min: u64, max: u64) -> Self {
        Self::Whole { unit: "days", scale: 86_400_000, min, max }
    }

    /// What the help shows where the value goes, such as `N`.
    pub(super) fn placeholder(&self) -> &'static str {
        match self {
            Self::Whole { .. } | Self::Number { .. } => "N",
            Self::Bytes { .. } => "BYTES",
            Self::Path => "PATH",
            Self::Address => "ADDR",
            Self::HttpUrl | Self::ObjectsUrl | Self::CatalogUrl => "URL",
            Self::Email => "EMAIL",
            Self::LogFilter => "FILTER",
            Self::List | Self::Scopes => "A,B",
            Self::Vitals => "NAME=GOOD:FAIR,..",
            Self::LogFormat => "FORMAT",
        }
    }

    /// What a value must be, for an error.
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Whole { unit, min, max, .. } => format!("a whole number of {unit} from {min} to {max}"),
            Self::Bytes { .. } => format!("a number of bytes from {}, such as 16777216 or 16MiB", self.range()),
            Self::Number { unit, max } if max.is_finite() => format!("a number of {unit} above 0, at most {max}"),
            Self::Number { unit, .. } => format!("a number of {unit} above 0"),
            Self::Path => "a path".to_owned(),
            Self::Address => "an address and a port, such as 127.0.0.1:4600 or 0.0.0.0:80".to_owned(),
            Self::HttpUrl => {
                "a URL that starts with http:// or https://, with a host and without user, query and fragment, such as \
                 https://playhead.example.com"
                    .to_owned()
            }
            Self::ObjectsUrl => "s3://BUCKET/PREFIX, or file:///FOLDER for a local folder".to_owned(),
            Self::CatalogUrl => "postgres://USER:PASSWORD@HOST/DATABASE, its password percent-encoded".to_owned(),
            Self::Email => "an email address, such as ann@example.com".to_owned(),
            Self::LogFilter => "a level (error, warn, info, debug) or a filter such as playhead=debug".to_owned(),
            Self::List => "texts with commas between them".to_owned(),
            Self::Scopes => format!("scopes with commas between them, of {}", Scope::ALL.map(Scope::as_str).join(", ")),
            Self::Vitals => {
                let names = VitalLimits::DEFAULT.map(|limits| limits.name).join(", ");
                format!("NAME=GOOD:FAIR with commas between them, such as LCP=2500:4000, for any of {names}")
            }
            Self::LogFormat => "text or json".to_owned(),
        }
    }

    /// The values that may be given, for the reference.
    pub(super) fn range(&self) -> String {
        match self {
            Self::Whole { unit, min, max, .. } => format!("{min} to {max} {unit}"),
            Self::Bytes { min, max } => format!("{} to {}", show_bytes(*min), show_bytes(*max)),
            Self::Number { unit, max } if max.is_finite() => format!("above 0, at most {max} {unit}"),
            Self::Number { unit, .. } => format!("above 0 {unit}"),
            Self::Path => "a path".to_owned(),
            Self::Address => "an address and a port".to_owned(),
            Self::HttpUrl => "a URL with http:// or https://".to_owned(),
            Self::ObjectsUrl => "a URL with s3:// or file://".to_owned(),
            Self::CatalogUrl => "a URL with postgres://".to_owned(),
            Self::Email => "an email address".to_owned(),
            Self::LogFilter => "a level or a filter".to_owned(),
            Self::List => "texts with commas between them".to_owned(),
            Self::Scopes => "scopes with commas between them".to_owned(),
            Self::Vitals => "NAME=GOOD:FAIR with commas between them".to_owned(),
            Self::LogFormat => "text or json".to_owned(),
        }
    }

    /// Reads a whole number within the bounds, in the unit of its field.
    pub(super) fn read_whole(&self, text: &str) -> Option<u64> {
        let text = text.trim();
        match self {
            Self::Bytes { min, max } => read_bytes(text).filter(|bytes| (*min..=*max).contains(bytes)),
            Self::Whole { scale, min, max, .. } => {
                text.parse().ok().filter(|n| (*min..=*max).contains(n))?.checked_mul(*scale)
            }
            _ => None,
        }
    }

    /// True for a text that can be used, so that what one command shows no other refuses.
    pub(super) fn accepts(&self, text: &str) -> bool {
        match self {
            Self::HttpUrl => Issuer::parse(text).is_ok(),
            Self::ObjectsUrl => is_objects_url(text),
            Self::Email => is_email(text),
            Self::LogFilter => EnvFilter::try_new(text).is_ok(),
            _ => true,
        }
    }

    /// A number of the field in the form that [`Kind::read_whole`] reads.
    pub(super) fn show_whole(&self, n: u64) -> String {
        match self {
            Self::Bytes { .. } => show_bytes(n),
            Self::Whole { scale, .. } => (n / (*scale).max(1)).to_string(),
            _ => n.to_string(),
        }
    }
}

/// What the store opens; `memory:` is for tests and loses everything at the end.
fn is_objects_url(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    match url.scheme() {
        "s3" | "s3a" => url.host_str().is_some_and(|bucket| !bucket.is_empty()),
        "file" => url.to_file_path().is_ok(),
        "memory" => true,
        _ => false,
    }
}

/// The store's rule for accounts: one @ with something on both sides, and no space.
fn is_email(text: &str) -> bool {
    let sides = text.trim().split_once('@');
    sides.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.trim().chars().any(|c| c.is_whitespace() || c.is_control())
        && text.trim().len() <= EMAIL_BYTES_MAX
}

fn read_bytes(text: &str) -> Option<u64> {
    let with_unit = BYTE_UNITS.iter().find_map(|(name, unit)| Some((text.strip_suffix(name)?.trim_end(), *unit)));
    let (digits, unit) = with_unit.unwrap_or((text, 1));
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

fn show_bytes(bytes: u64) -> String {
    let unit = BYTE_UNITS.iter().find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit));
    unit.map_or_else(|| bytes.to_string(), |(name, unit)| format!("{}{name}", bytes / unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_and_shown_in_the_same_form() {
        let kind = Kind::Bytes { min: 1, max: 1 << 40 };
        for (text, bytes, shown) in [
            ("1", 1, "1"),
            ("1024", 1024, "1KiB"),
            ("16MiB", 16 << 20, "16MiB"),
            ("2 GiB", 2 << 30, "2GiB"),
            ("1025KiB", 1025 << 10, "1025KiB"),
        ] {
            assert_eq!(kind.read_whole(text), Some(bytes), "{text}");
            assert_eq!(kind.show_whole(bytes), shown);
        }
        for bad in ["", "0", "-1", "1.5MiB", "16MB", "99999999999GiB", "2048GiB"] {
            assert_eq!(kind.read_whole(bad), None, "{bad}");
        }
        assert_eq!(kind.expected(), "a number of bytes from 1 to 1024GiB, such as 16777216 or 16MiB");
    }

    #[test]
    fn texts_that_no_command_could_use_are_refused() {
        for (kind, good, bad) in [
            (
                Kind::HttpUrl,
                &["https://playhead.example.com", "http://127.0.0.1:4600/", "https://a.example/play"][..],
                &["127.0.0.1:4600", "localhost:4600", "ftp://a.example", "https://u@a.example", "http://"][..],
            ),
            (
                Kind::ObjectsUrl,
                &["s3://bucket/prefix", "s3://bucket", "file:///var/lib/objects", "memory:///"],
                &["/var/lib/objects", "s3:", "s3://", "bucket", "gs://bucket/prefix", "file://host/folder"],
            ),
            (
                Kind::Email,
                &["ann@example.com", "admin@localhost", " Ann@Example.com "],
                &["ann", "@x", "a@", "a@b@c", "a b@c"],
            ),
            (Kind::LogFilter, &["info", "playhead=debug", "warn,playhead_store=trace"], &["playhead=loud", "info,="]),
        ] {
            assert!(good.iter().all(|text| kind.accepts(text)), "{kind:?}: one of {good:?}");
            assert!(!bad.iter().any(|text| kind.accepts(text)), "{kind:?}: one of {bad:?}");
        }
        assert!(Kind::HttpUrl.expected().contains("starts with http:// or https://"));
    }

    #[test]
    fn whole_numbers_keep_to_their_bounds_and_are_scaled() {
        let kind = Kind::minutes(1, 60);
        assert_eq!((kind.read_whole("60"), kind.read_whole("1")), (Some(3_600_000), Some(60_000)));
        assert_eq!(kind.show_whole(3_600_000), "60");
        assert!(["0", "61", "1h", "-1", "1.5", ""].iter().all(|bad| kind.read_whole(bad).is_none()));
        assert_eq!(kind.expected(), "a whole number of minutes from 1 to 60");
    }
}
