//! Argument types that carry their ranges, in the schema and in the error.

use std::borrow::Cow;
use std::fmt;

use playhead_schemas::{MomentId, limits};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

/// The least that a caller may ask for in one result, in tokens: what labels, cursor and one line need.
pub(crate) const MAX_TOKENS_MIN: u32 = 2_000;

/// A result's size in tokens, as a caller asks for it.
pub(crate) type MaxTokens = Int<MAX_TOKENS_MIN, { limits::RESULT_TOKENS_MAX }>;

/// A whole number from `MIN` to `MAX`. Digits in a string are taken too: models send those.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Int<const MIN: u32, const MAX: u32>(pub(crate) u32);

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Int<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let taken = Whole { least: MIN.into(), most: MAX.into() };
        let number = deserializer.deserialize_any(taken)?;
        let in_range = u32::try_from(number).ok().filter(|number| (MIN..=MAX).contains(number));
        in_range.map(Self).ok_or_else(|| de::Error::invalid_value(de::Unexpected::Unsigned(number), &taken))
    }
}

impl<const MIN: u32, const MAX: u32> JsonSchema for Int<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Int{MIN}to{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "integer", "minimum": MIN, "maximum": MAX})
    }
}

/// How many rows a page of a list has: 1 to `MAX`, and `DEFAULT` for a caller that says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Limit<const MAX: u32, const DEFAULT: u32>(Int<1, MAX>);

impl<const MAX: u32, const DEFAULT: u32> Limit<MAX, DEFAULT> {
    /// The number of rows.
    pub(crate) fn rows(self) -> u32 {
        self.0.0
    }
}

impl<const MAX: u32, const DEFAULT: u32> Default for Limit<MAX, DEFAULT> {
    fn default() -> Self {
        Self(Int(DEFAULT))
    }
}

impl<const MAX: u32, const DEFAULT: u32> JsonSchema for Limit<MAX, DEFAULT> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Limit{DEFAULT}to{MAX}").into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Int::<1, MAX>::json_schema(generator)
    }
}

/// Reads any whole number; a float beyond 64 bits as the largest. The range is for the error alone.
#[derive(Clone, Copy)]
pub(crate) struct Whole {
    pub(crate) least: u64,
    pub(crate) most: u64,
}

impl Visitor<'_> for Whole {
    type Value = u64;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {} to {}", self.least, self.most)
    }
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }
    fn visit_i64<E: de::Error>(self, number: i64) -> Result<u64, E> {
        u64::try_from(number).map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
    }
    fn visit_f64<E: de::Error>(self, number: f64) -> Result<u64, E> {
        let fits = number.fract() == 0.0 && number >= 0.0;
        if fits { Ok(number as u64) } else { Err(E::invalid_value(de::Unexpected::Float(number), &self)) }
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
        text.trim().parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

/// Text of 1 to `MAX` characters, white space around it removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Text<const MAX: usize>(pub(crate) String);

impl<const MAX: usize> Text<MAX> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MAX {
            return Err(de::Error::invalid_value(
                de::Unexpected::Str(text),
                &"a text that is neither empty nor too long",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl<const MAX: usize> JsonSchema for Text<MAX> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("Text{MAX}").into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1, "maxLength": MAX})
    }
}

/// A place in a replay: a moment, or a time: milliseconds from the start, `mm:ss`, `mm:ss.d`, `h:mm:ss`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) enum Point {
    /// A moment.
    Moment(MomentId),
    /// Milliseconds from the start.
    Ms(u64),
}

impl<'de> Deserialize<'de> for Point {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Ms(u64),
            Label(String),
        }
        const WANTED: &str =
            "not a moment id (\"m17\"), milliseconds (12400) or a time like \"00:12.4\" or \"1:02:03\"";
        match Form::deserialize(deserializer).map_err(|_| de::Error::custom(WANTED))? {
            Form::Ms(ms) => Ok(Self::Ms(ms)),
            Form::Label(label) => parse_point(label.trim()).ok_or_else(|| de::Error::custom(WANTED)),
        }
    }
}

impl JsonSchema for Point {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Point".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["integer", "string"]})
    }
}

fn parse_point(text: &str) -> Option<Point> {
    match text.parse::<MomentId>() {
        Ok(id) => Some(Point::Moment(id)),
        Err(_) => parse_label(text).map(Point::Ms),
    }
}

/// One moment or a run of them as transcripts write it: `m17`, `m20–m31`; a plain hyphen and `..` are taken too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first moment.
    pub(crate) first: MomentId,
    /// The last one, not before the first.
    pub(crate) last: MomentId,
}

impl Run {
    /// How many moments it names.
    pub(crate) fn count(self) -> usize {
        (self.last.0 - self.first.0) as usize + 1
    }

    /// The moments.
    pub(crate) fn ids(self) -> impl Iterator<Item = MomentId> {
        (self.first.0..=self.last.0).map(MomentId)
    }
}

impl<'de> Deserialize<'de> for Run {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        let parted = ["–", "..", "-"].iter().find_map(|mark| text.split_once(mark));
        let (first, last) = parted.unwrap_or((&text, &text));
        let (first, last) = (first.trim().parse::<MomentId>(), last.trim().parse::<MomentId>());
        match (first, last) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self { first, last }),
            _ => Err(de::Error::custom("not a moment id such as \"m17\" or a run such as \"m20-m31\"")),
        }
    }
}

impl JsonSchema for Run {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Run".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string"})
    }
}

fn parse_label(label: &str) -> Option<u64> {
    if !label.contains(':') {
        return label.parse().ok();
    }
    let (clock, fraction) = label.split_once('.').unwrap_or((label, "0"));
    if fraction.is_empty() || fraction.len() > 3 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms: u64 = format!("{fraction:0<3}").parse().ok()?;
    let parts: Vec<u64> = clock
        .split(':')
        .map(|part| part.parse().ok().filter(|_| part.len() <= 4 && !part.starts_with('+')))
        .collect::<Option<_>>()?;
    match parts[..] {
        [minutes, seconds] if seconds < 60 => Some((minutes * 60 + seconds) * 1000 + ms),
        [hours, minutes, seconds] if minutes < 60 && seconds < 60 => {
            Some(((hours * 60 + minutes) * 60 + seconds) * 1000 + ms)
        }
        _ => None,
    }
}

/// What a caller sent, short enough to be given back in an error.
pub(crate) fn shortened(text: &str) -> String {
    crate::untrusted::line(text, 60)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn points() {
        for (json, want) in [
            ("12400", Some(Point::Ms(12_400))),
            ("\"12400\"", Some(Point::Ms(12_400))),
            ("\"00:12.4\"", Some(Point::Ms(12_400))),
            ("\"01:02\"", Some(Point::Ms(62_000))),
            ("\"1:01:01.05\"", Some(Point::Ms(3_661_050))),
            ("\"90:00\"", Some(Point::Ms(5_400_000))),
            ("\" m17 \"", Some(Point::Moment(MomentId(17)))),
            ("\"1:60\"", None),
            ("\"1:2:3:4\"", None),
            ("\"1:+2\"", None),
            ("\"00:12.\"", None),
            ("\"99999999999999999999:01\"", None),
            ("\"m\"", None),
            ("\"m1x\"", None),
            ("-1", None),
            ("1.5", None),
            ("\"soon\"", None),
        ] {
            let got = serde_json::from_str::<Point>(json).ok();
            assert_eq!(got, want, "{json}");
        }
    }

    #[test]
    fn runs() {
        for (json, want) in [
            ("\"m17\"", Some((17, 17))),
            ("\"m20–m31\"", Some((20, 31))),
            ("\"m20-m31\"", Some((20, 31))),
            ("\"m20 .. m31\"", Some((20, 31))),
            ("\"m31-m20\"", None),
            ("\"m20-\"", None),
            ("\"17\"", None),
            ("17", None),
        ] {
            let got = serde_json::from_str::<Run>(json).ok().map(|run| (run.first.0, run.last.0));
            assert_eq!(got, want, "{json}");
        }
    }

    #[test]
    fn integers_keep_their_range_and_say_it() {
        type Limit = Int<1, 100>;
        for (json, want) in [("1", Some(1)), ("100", Some(100)), ("\"7\"", Some(7)), ("25.0", Some(25))] {
            assert_eq!(serde_json::from_str::<Limit>(json).ok().map(|int| int.0), want, "{json}");
        }
        for json in ["0", "101", "-1", "1.5", "\"many\"", "true", "1e300"] {
            let error = serde_json::from_str::<Limit>(json).unwrap_err().to_string();
            assert!(error.contains("a whole number from 1 to 100"), "{json}: {error}");
        }
    }

    #[test]
    fn texts_are_bounded() {
        assert_eq!(serde_json::from_str::<Text<3>>("\" äöü \"").unwrap().0, "äöü");
        for json in ["\"\"", "\"  \"", "\"abcd\""] {
            assert!(serde_json::from_str::<Text<3>>(json).is_err(), "{json}");
        }
    }
}
