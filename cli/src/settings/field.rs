//! The types of the fields that hold settings: each is read from one text form, whichever source gives it, and shown in
//! the same form.

use std::net::SocketAddr;
use std::path::PathBuf;

use playhead_schemas::Scope;
use playhead_store::CatalogUrl;
use playhead_transcriber::VitalLimits;

use super::kind::Kind;

/// A field that a flag, an environment variable or a line of the file can set.
pub(super) trait Field: Sized {
    /// Reads a value; `None` when it is not what [`Kind::expected`] says.
    fn read(text: &str, kind: &Kind) -> Option<Self>;
    /// The value in the form that [`Field::read`] reads; empty when it is left out.
    fn show(&self, kind: &Kind) -> String;
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Field for LogFormat {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    fn show(&self, _: &Kind) -> String {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
        .to_owned()
    }
}

impl Field for PathBuf {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        (!text.is_empty()).then(|| Self::from(text))
    }

    fn show(&self, _: &Kind) -> String {
        self.display().to_string()
    }
}

/// A path that may be left out. An empty one leaves it out.
impl Field for Option<PathBuf> {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        Some(Some(text).filter(|text| !text.is_empty()).map(PathBuf::from))
    }

    fn show(&self, _: &Kind) -> String {
        self.as_ref().map(|path| path.display().to_string()).unwrap_or_default()
    }
}

impl Field for SocketAddr {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self, _: &Kind) -> String {
        self.to_string()
    }
}

/// A text that may be left out. An empty one leaves it out.
impl Field for Option<String> {
    fn read(text: &str, kind: &Kind) -> Option<Self> {
        match text {
            "" => Some(None),
            text => kind.accepts(text).then(|| Some(text.to_owned())),
        }
    }

    fn show(&self, _: &Kind) -> String {
        self.clone().unwrap_or_default()
    }
}

/// What is shown has no password, so it can't be read back.
impl Field for Option<CatalogUrl> {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        Some(Some(text).filter(|text| !text.is_empty()).map(CatalogUrl::new))
    }

    fn show(&self, _: &Kind) -> String {
        self.as_ref().map(ToString::to_string).unwrap_or_default()
    }
}

impl Field for Vec<String> {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        Some(parts(text).map(str::to_owned).collect())
    }

    fn show(&self, _: &Kind) -> String {
        self.join(",")
    }
}

impl Field for Vec<Scope> {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        parts(text).map(|name| name.parse().ok()).collect()
    }

    fn show(&self, _: &Kind) -> String {
        self.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",")
    }
}

impl Field for f64 {
    fn read(text: &str, kind: &Kind) -> Option<Self> {
        match kind {
            #[allow(clippy::cast_precision_loss)] // Whole settings that are kept so are far below 2^53.
            Kind::Whole { .. } => kind.read_whole(text).map(|n| n as f64),
            Kind::Number { max, .. } => above_zero(text).filter(|n| n <= max),
            _ => None,
        }
    }

    fn show(&self, _: &Kind) -> String {
        self.to_string()
    }
}

/// `LCP=2500:4000,CLS=0.1:0.25`. What is not named keeps its default.
impl Field for [VitalLimits; VitalLimits::DEFAULT.len()] {
    fn read(text: &str, _: &Kind) -> Option<Self> {
        let mut all = VitalLimits::DEFAULT;
        for part in parts(text) {
            let (name, limits) = part.split_once('=')?;
            let (good, fair) = limits.split_once(':')?;
            let known = all.iter_mut().find(|known| known.name.eq_ignore_ascii_case(name.trim()))?;
            (known.good, known.poor) = (above_zero(good)?, above_zero(fair)?);
        }
        Some(all)
    }

    fn show(&self, _: &Kind) -> String {
        self.map(|limits| format!("{}={}:{}", limits.name, limits.good, limits.poor)).join(",")
    }
}

macro_rules! whole_numbers {
    ($($int:ty),+) => {$(
        impl Field for $int {
            fn read(text: &str, kind: &Kind) -> Option<Self> {
                kind.read_whole(text)?.try_into().ok()
            }

            fn show(&self, kind: &Kind) -> String {
                kind.show_whole(u64::try_from(*self).unwrap_or_default())
            }
        }
    )+};
}
whole_numbers!(u32, u64, usize, i64);

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty())
}

fn above_zero(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|n: &f64| *n > 0.0 && n.is_finite())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    type Vitals = [VitalLimits; VitalLimits::DEFAULT.len()];

    #[test]
    fn limits_of_vitals_are_read_and_shown_in_the_same_form() {
        let read = Vitals::read(" lcp=2000:3000.5, CLS=0.1:0.2", &Kind::Vitals).unwrap();
        let shown = read.show(&Kind::Vitals);
        assert_eq!(shown, "LCP=2000:3000.5,INP=200:500,CLS=0.1:0.2,FCP=1800:3000,TTFB=800:1800,FID=100:300");
        assert_eq!(Vitals::read(&shown, &Kind::Vitals), Some(read));
        for bad in ["LCP", "LCP=2000", "LCP=0:1", "LCQ=1:2", "LCP=NaN:1"] {
            assert_eq!(Vitals::read(bad, &Kind::Vitals), None, "{bad}");
        }
        assert!(Kind::Vitals.expected().contains("INP"));
    }

    #[test]
    fn numbers_are_above_zero_and_lists_may_be_empty() {
        let number = Kind::Number { unit: "milliseconds", max: 3000.0 };
        assert_eq!(f64::read("2500", &number).unwrap().show(&number), "2500");
        assert_eq!(f64::read("0.5", &number), Some(0.5));
        assert!(["0", "-1", "inf", "NaN", "", "3000.5"].iter().all(|bad| f64::read(bad, &number).is_none()));
        assert_eq!(f64::read("7", &Kind::whole("requests", 1, 10)), Some(7.0));
        assert_eq!(Vec::<String>::read(" a, ,b", &Kind::List), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(Option::<String>::read("", &Kind::Email), Some(None));
        assert_eq!(Option::<String>::read("ann@example.com", &Kind::Email), Some(Some("ann@example.com".to_owned())));
        assert_eq!(Option::<String>::read("ann", &Kind::Email), None);
    }

    #[test]
    fn scopes_are_read_by_their_names() {
        let read = Vec::<Scope>::read("cookies:read, replay:raw", &Kind::Scopes).unwrap();
        assert_eq!(read.show(&Kind::Scopes), "cookies:read,replay:raw");
        assert_eq!(Vec::<Scope>::read("", &Kind::Scopes), Some(Vec::new()));
        assert_eq!(Vec::<Scope>::read("cookies", &Kind::Scopes), None);
        assert!(Kind::Scopes.expected().contains("cookies:read"));
    }
}
