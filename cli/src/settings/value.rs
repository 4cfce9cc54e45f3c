//! The kinds of values that settings have, each read from one text form wherever it stands.

use std::net::SocketAddr;
use std::path::PathBuf;

use playhead_schemas::Scope;
use playhead_transcriber::VitalLimits;

/// A value that a flag, an environment variable or a line of the file can give.
pub(crate) trait Value: Sized {
    /// What the help shows as the value's place, such as `N`.
    const PLACE: &'static str;
    /// Reads the value; the error says what is expected.
    fn read(text: &str) -> Result<Self, String>;
    /// The value in the form that [`Value::read`] takes.
    fn show(&self) -> String;
}

/// A count of bytes: `16777216`, `16KiB`, `16MiB` or `1GiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

impl Bytes {
    const UNITS: [(&'static str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
}

impl Value for Bytes {
    const PLACE: &'static str = "BYTES";

    fn read(text: &str) -> Result<Self, String> {
        let (digits, unit) = Self::UNITS
            .iter()
            .find_map(|(name, unit)| Some((text.strip_suffix(name)?.trim_end(), *unit)))
            .unwrap_or((text, 1));
        digits
            .parse::<u64>()
            .ok()
            .and_then(|n| n.checked_mul(unit))
            .filter(|bytes| *bytes > 0)
            .map(Self)
            .ok_or_else(|| "a number of bytes of at least 1, such as 16777216 or 16MiB".to_owned())
    }

    fn show(&self) -> String {
        Self::UNITS
            .iter()
            .find(|(_, unit)| self.0.is_multiple_of(*unit))
            .map_or_else(|| self.0.to_string(), |(name, unit)| format!("{}{name}", self.0 / unit))
    }
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Value for LogFormat {
    const PLACE: &'static str = "FORMAT";

    fn read(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("text or json".to_owned()),
        }
    }

    fn show(&self) -> String {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
        .to_owned()
    }
}

impl Value for PathBuf {
    const PLACE: &'static str = "PATH";

    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a path".to_owned()) } else { Ok(Self::from(text)) }
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Value for SocketAddr {
    const PLACE: &'static str = "ADDR";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "an address and a port, such as 127.0.0.1:4600 or 0.0.0.0:80".to_owned())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for String {
    const PLACE: &'static str = "TEXT";

    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a text".to_owned()) } else { Ok(text.to_owned()) }
    }

    fn show(&self) -> String {
        self.clone()
    }
}

/// A setting that may be left out. An empty text leaves it out.
impl<T: Value> Value for Option<T> {
    const PLACE: &'static str = T::PLACE;

    fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }

    fn show(&self) -> String {
        self.as_ref().map(T::show).unwrap_or_default()
    }
}

/// A number that may be zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MaybeZero(pub(crate) usize);

impl Value for MaybeZero {
    const PLACE: &'static str = "N";

    fn read(text: &str) -> Result<Self, String> {
        text.parse().map(Self).map_err(|_| "a whole number".to_owned())
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// A count within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Within<const MIN: u32, const MAX: u32>(pub(crate) u32);

impl<const MIN: u32, const MAX: u32> Value for Within<MIN, MAX> {
    const PLACE: &'static str = "N";

    fn read(text: &str) -> Result<Self, String> {
        let count = text.parse().ok().filter(|n| (MIN..=MAX).contains(n));
        count.map(Self).ok_or_else(|| format!("a whole number from {MIN} to {MAX}"))
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// Scopes with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scopes(pub(crate) Vec<Scope>);

impl Value for Scopes {
    const PLACE: &'static str = "A,B";

    fn read(text: &str) -> Result<Self, String> {
        let List(names) = List::read(text)?;
        let scopes = names.iter().map(|name| name.parse().ok()).collect::<Option<_>>();
        let known = || Scope::ALL.map(Scope::as_str).join(", ");
        scopes.map(Self).ok_or_else(|| format!("scopes with commas between them, of {}", known()))
    }

    fn show(&self) -> String {
        self.0.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",")
    }
}

/// Texts with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct List(pub(crate) Vec<String>);

impl Value for List {
    const PLACE: &'static str = "A,B";

    fn read(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        Ok(Self(parts.map(str::to_owned).collect()))
    }

    fn show(&self) -> String {
        self.0.join(",")
    }
}

/// A number above zero, whole or not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

impl Number {
    fn above_zero(text: &str) -> Option<f64> {
        text.trim().parse().ok().filter(|n: &f64| *n > 0.0 && n.is_finite())
    }
}

impl Value for Number {
    const PLACE: &'static str = "N";

    fn read(text: &str) -> Result<Self, String> {
        Self::above_zero(text).map(Self).ok_or_else(|| "a number above 0".to_owned())
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// The limits of web vitals: `LCP=2500:4000,CLS=0.1:0.25`. What is not named keeps its default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Vitals(pub(crate) [VitalLimits; VitalLimits::DEFAULT.len()]);

impl Value for Vitals {
    const PLACE: &'static str = "NAME=GOOD:FAIR,..";

    fn read(text: &str) -> Result<Self, String> {
        let mut all = VitalLimits::DEFAULT;
        for part in text.split(',').filter(|part| !part.trim().is_empty()) {
            let read = || {
                let (name, limits) = part.split_once('=')?;
                let (good, fair) = limits.split_once(':')?;
                let known = all.iter().position(|known| known.name.eq_ignore_ascii_case(name.trim()))?;
                Some((known, Number::above_zero(good)?, Number::above_zero(fair)?))
            };
            let (known, good, fair) = read().ok_or_else(|| {
                let names = all.map(|limits| limits.name).join(", ");
                format!("NAME=GOOD:FAIR with commas between, such as LCP=2500:4000, for any of {names}")
            })?;
            (all[known].good, all[known].poor) = (good, fair);
        }
        Ok(Self(all))
    }

    fn show(&self) -> String {
        self.0.map(|limits| format!("{}={}:{}", limits.name, limits.good, limits.poor)).join(",")
    }
}

macro_rules! counts {
    ($($int:ty),+) => {$(
        impl Value for $int {
            const PLACE: &'static str = "N";

            fn read(text: &str) -> Result<Self, String> {
                text.parse()
                    .ok()
                    .filter(|n| *n > 0)
                    .ok_or_else(|| format!("a whole number from 1 to {}", <$int>::MAX))
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )+};
}
counts!(u32, u64, usize);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bytes_are_read_and_shown_in_the_same_form() {
        for (text, bytes, shown) in [
            ("1", 1, "1"),
            ("1024", 1024, "1KiB"),
            ("16MiB", 16 << 20, "16MiB"),
            ("2 GiB", 2 << 30, "2GiB"),
            ("1025KiB", 1025 << 10, "1025KiB"),
        ] {
            assert_eq!(Bytes::read(text), Ok(Bytes(bytes)), "{text}");
            assert_eq!(Bytes(bytes).show(), shown);
        }
        for bad in ["", "0", "-1", "1.5MiB", "16MB", "99999999999GiB"] {
            assert!(Bytes::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn limits_of_vitals_are_read_and_shown_in_the_same_form() {
        let read = Vitals::read(" lcp=2000:3000.5, CLS=0.1:0.2").unwrap();
        assert_eq!(read.show(), "LCP=2000:3000.5,INP=200:500,CLS=0.1:0.2,FCP=1800:3000,TTFB=800:1800,FID=100:300");
        assert_eq!(Vitals::read(&read.show()), Ok(read));
        for bad in ["LCP", "LCP=2000", "LCP=0:1", "LCQ=1:2", "LCP=NaN:1"] {
            assert!(Vitals::read(bad).unwrap_err().contains("INP"), "{bad}");
        }
    }

    #[test]
    fn a_count_of_nothing_is_refused() {
        assert!(usize::read("0").is_err());
        assert_eq!(u32::read("7"), Ok(7));
        assert_eq!((Number::read("2500").unwrap().show(), Number::read("0.5")), ("2500".to_owned(), Ok(Number(0.5))));
        assert!(["0", "-1", "inf", "NaN", ""].iter().all(|bad| Number::read(bad).is_err()));
        assert_eq!(MaybeZero::read("0"), Ok(MaybeZero(0)));
        assert_eq!(List::read(" a, ,b"), Ok(List(vec!["a".to_owned(), "b".to_owned()])));
        assert_eq!(Option::<String>::read(""), Ok(None));
        assert_eq!(Within::<1, 60>::read("60"), Ok(Within(60)));
        assert!(Within::<1, 60>::read("0").is_err() && Within::<1, 60>::read("61").is_err());
    }

    #[test]
    fn scopes_are_read_by_their_names() {
        let read = Scopes::read("cookies:read, replay:raw");
        assert_eq!(read.as_ref().map(Value::show), Ok("cookies:read,replay:raw".to_owned()));
        assert_eq!(Scopes::read(""), Ok(Scopes::default()));
        assert!(Scopes::read("cookies").is_err_and(|wanted| wanted.contains("cookies:read")));
    }
}
